// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/run.h"

#include <sys/resource.h>

#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bridge/cli/config_flags.h"
#include "bridge/cli/file_run.h"
#include "bridge/cli/gateway_plan.h"
#include "bridge/cli/status_message.h"
#include "bridge/cli/stop_signals.h"
#include "bridge/cli/version.h"
#include "bridge/config/validate_environment.h"
#include "bridge/flow/gateway.h"
#include "bridge/observe/log.h"
#include "bridge/observe/process_memory.h"
#include "bridge/receive/grpc_log.h"
#include "fmt/format.h"
#include "spdlog/sinks/ostream_sink.h"

namespace flameway {
namespace {

LogLevel ConfiguredLevel(TelemetryOptions::LogLevel level) {
  switch (level) {
    case TelemetryOptions::LogLevel::kDebug:
      return LogLevel::kDebug;
    case TelemetryOptions::LogLevel::kInfo:
      return LogLevel::kInfo;
    case TelemetryOptions::LogLevel::kWarn:
      return LogLevel::kWarn;
    case TelemetryOptions::LogLevel::kError:
      return LogLevel::kError;
  }
  return LogLevel::kInfo;
}

std::optional<LogLevel> LevelOf(std::string_view word) {
  if (word == "debug") return LogLevel::kDebug;
  if (word == "info") return LogLevel::kInfo;
  if (word == "warn") return LogLevel::kWarn;
  if (word == "error") return LogLevel::kError;
  return std::nullopt;
}

// Flag, then environment, then configuration.
LogOptions LogOptionsOf(const Console& console, const TelemetryOptions& telemetry) {
  const GlobalOptions& globals = console.globals();
  LogOptions options;
  options.level = ConfiguredLevel(telemetry.log_level);
  if (const auto level = LevelOf(console.Env("FLAMEWAY_LOG_LEVEL").value_or(""))) {
    options.level = *level;
  }
  if (globals.verbosity > 0) options.level = LogLevel::kDebug;
  if (globals.quiet) options.level = LogLevel::kError;
  if (const auto level = LevelOf(globals.log_level)) options.level = *level;

  const std::string format = globals.log_format.empty()
                                 ? console.Env("FLAMEWAY_LOG_FORMAT").value_or("")
                                 : globals.log_format;
  bool is_json = telemetry.log_encoding == TelemetryOptions::LogEncoding::kJson;
  if (!format.empty()) is_json = format == "json";
  options.encoding = is_json ? LogOptions::Encoding::kJson : LogOptions::Encoding::kConsole;
  options.sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(console.err(), true);
  return options;
}

// The wrong words of a configuration are found before; what is left is the machine's say.
ExitCode StartFailure(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return ExitCode::kUnavailable;
    case absl::StatusCode::kInvalidArgument:
      return ExitCode::kBadConfig;
    default:
      return ExitCode::kInternal;
  }
}

// What the gRPC library has to say, mostly about peers that break its rules, goes to our log while
// this lives.
class GrpcLogRoute {
 public:
  // `log` outlives the route, and the library's servers do not outlive it.
  explicit GrpcLogRoute(Log& log) {
    RouteGrpcLogs([&log](GrpcLogSeverity severity, std::string_view text) {
      log.WriteLimited(severity == GrpcLogSeverity::kError ? LogLevel::kWarn : LogLevel::kDebug,
                       "gRPC library", "", {{"text", text}});
    });
  }
  ~GrpcLogRoute() { RouteGrpcLogs({}); }
  GrpcLogRoute(const GrpcLogRoute&) = delete;
  GrpcLogRoute& operator=(const GrpcLogRoute&) = delete;
};

// Every connection is a descriptor, and the usual soft limit of 1024 would leave none for the
// destinations when as many senders have come. What the administrator allows at most is taken.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  // Refused: the limit is as good as it was.
  static_cast<void>(setrlimit(RLIMIT_NOFILE, &limit));
}

class RunCommand final : public Command {
 public:
  void Declare(CLI::App& app) override {
    CLI::Option* const input =
        app.add_option("--input", files_.inputs,
                       "pass the requests of files through a pipeline instead, and end; repeatable")
            ->type_size(1)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->type_name("FILE");
    CLI::Option* const output =
        app.add_option("-O,--output", files_.output,
                       "with --input: where to write what would be sent; - for standard output")
            ->needs(input)
            ->type_name("OUT");
    app.add_option("--pipeline", files_.pipeline,
                   "with --input: which pipeline, where there are several")
        ->needs(input)
        ->type_name("ID");
    input->needs(output);
  }

  ExitCode Run(const Console& console) override {
    LoadResult loaded = LoadFromFlags(console);
    const bool listens = files_.inputs.empty();
    if (loaded.config.has_value() && listens) {
      std::vector<Diagnostic> found = ValidateEnvironment(*loaded.config);
      std::move(found.begin(), found.end(), std::back_inserter(loaded.diagnostics));
    }
    TellDiagnostics(loaded.diagnostics, console);
    if (!loaded.config.has_value() || CountErrors(loaded.diagnostics) > 0) {
      return ExitCode::kBadConfig;
    }
    const GatewayConfig& config = *loaded.config;
    GiveLargeBlocksBack();
    RaiseDescriptorLimit();
    if (!listens) {
      Log log(LogOptionsOf(console, config.telemetry));
      return RunFiles(config, files_, console, log);
    }
    const StopSignals signals;  // before the log and the gateway start threads
    Log log(LogOptionsOf(console, config.telemetry));
    log.Write(LogLevel::kInfo, VersionLine());
    const GrpcLogRoute grpc_log(log);
    absl::StatusOr<std::unique_ptr<Gateway>> created = Gateway::Create(PlanGateway(config), log);
    if (!created.ok()) {
      log.Write(LogLevel::kError, MessageOf(created.status()));
      return StartFailure(created.status());
    }
    Gateway& gateway = **created;
    if (const absl::Status status = gateway.Start(); !status.ok()) {
      log.Write(LogLevel::kError, MessageOf(status));
      return StartFailure(status);
    }
    Introduce(config, gateway, log);
    while (signals.Wait() == StopSignals::Signal::kReload) {
      log.Write(LogLevel::kWarn, "SIGHUP: configuration is read at the start only; restart");
    }
    signals.LetNextEndProcess();
    gateway.Stop();
    return ExitCode::kSuccess;
  }

 private:
  FileRunOptions files_;

  // Where data comes in, where it goes, and how to see both.
  static void Introduce(const GatewayConfig& config, const Gateway& gateway, Log& log) {
    for (const std::string& destination : DescribeDestinations(config)) {
      log.Write(LogLevel::kInfo, "exporting", {{"to", destination}});
    }
    if (gateway.metrics_port() != 0) {
      log.Write(LogLevel::kInfo, "metrics at /metrics", {{"port", gateway.metrics_port()}});
    }
    for (size_t i = 0; i < config.receivers.size(); ++i) {
      if (gateway.grpc_port(i) != 0 && !config.receivers[i].grpc->tls.has_value()) {
        log.Write(LogLevel::kInfo, fmt::format("to try it: flameway send FILE --otlp-endpoint "
                                               "localhost:{}",
                                               gateway.grpc_port(i)));
        return;
      }
    }
  }
};

}  // namespace

std::unique_ptr<Command> MakeRunCommand() { return std::make_unique<RunCommand>(); }

}  // namespace flameway
