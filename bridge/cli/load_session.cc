// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/load_session.h"

#include <memory>
#include <utility>

#include "bridge/cli/command_flags.h"
#include "bridge/cli/load_report_text.h"
#include "bridge/cli/progress.h"
#include "bridge/cli/quantity.h"
#include "bridge/cli/status_message.h"
#include "bridge/cli/stop_signals.h"
#include "bridge/config/core_schema.h"
#include "bridge/flow/clock.h"
#include "fmt/format.h"

namespace flameway {
namespace {

// How often the waiting thread looks up; the run itself does not wait for it.
constexpr std::chrono::milliseconds kLook{20};

}  // namespace

void LoadSession::Declare(CLI::App& app) {
  target_.Declare(app);
  app.add_option(
         "--duration",
         [this](const CLI::results_t& values) {
           has_duration_ = true;
           if (values.back() == "inf") return true;
           const std::optional<DurationText> parsed = ParseDuration(values.back());
           if (parsed.has_value()) duration_ = parsed->value;
           return parsed.has_value();
         },
         "how long to send; inf: until stopped")
      ->type_name("DURATION");
  app.add_option("--requests", requests_wanted_, "how many requests to send in all; 0: no end")
      ->type_name("N");
  app.add_flag("--rewrite-time", moves_times_,
               "move the times of each request so that it ends when it is sent");
  app.add_flag("--allow-export-failures", allows_failures_, "go on whatever is answered");
}

absl::Status LoadSession::Add(std::string plain) {
  LoadRequest request;
  if (std::optional<RequestTimes> times = RequestTimes::Of(plain)) {
    request.samples = times->samples();
    if (moves_times_) request.times = *std::move(times);
  }
  request.frame.codec = *target_.codec;
  request.frame.uncompressed_bytes = plain.size();
  if (request.frame.codec == Codec::kNone && !moves_times_) {
    request.frame.payload = std::move(plain);
  } else {
    absl::Status status =
        compressor_.Compress(request.frame.codec, 0, plain, &request.frame.payload);
    if (!status.ok()) return status;
    request.frame.payload.shrink_to_fit();
    if (moves_times_) request.plain = std::move(plain);
  }
  requests_.push_back(std::move(request));
  return absl::OkStatus();
}

ExitCode LoadSession::Run(const Console& console, LoadOptions options, uint64_t default_requests) {
  options.requests = requests_wanted_.value_or(has_duration_ ? 0 : default_requests);
  options.duration = duration_;
  if (moves_times_) options.times = LoadOptions::Times::kMovedToNow;
  if (allows_failures_) options.stops_on = LoadOptions::StopsOn::kNothing;
  if (options.requests != 0 && options.requests < options.connections) {
    options.connections = options.requests;
  }
  const bool ends_by_itself = options.requests != 0 || options.duration.has_value();

  const absl::StatusOr<std::unique_ptr<Exporter>> exporter = target_.MakeExporter();
  if (!exporter.ok()) return console.Fail(ExitCode::kUsage, MessageOf(exporter.status()));
  if (const absl::Status status = (*exporter)->Start(); !status.ok()) {
    return console.Fail(ExitCode::kNoInput, MessageOf(status));
  }
  const StopSignals signals;  // before the run starts threads
  options.wall_start_unix_nano = static_cast<uint64_t>(
      std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count());
  const uint64_t wanted = options.requests;
  const SteadyClock clock;
  LoadRun run(requests_, **exporter, std::move(options), clock);
  const std::chrono::nanoseconds cpu_before = ProcessCpu();
  run.Start();
  bool interrupted = false;
  {
    Progress progress(console);
    while (!run.done()) {
      if (!interrupted && signals.WaitFor(kLook) == StopSignals::Signal::kStop) {
        interrupted = true;
        signals.LetNextEndProcess();
        run.Stop();
      }
      progress.ShowLine([&run, wanted] {
        const LoadRun::Progress now = run.progress();
        const std::string share =
            wanted == 0 ? "" : fmt::format("{}  ", FormatRatio(now.requests, wanted));
        return fmt::format("{}{} requests  {} samples  {}  {} failed", share,
                           FormatCount(now.requests), FormatCount(now.samples),
                           FormatBytes(now.bytes), FormatCount(now.failures));
      });
    }
  }
  const LoadReport report = run.Join();
  const std::chrono::nanoseconds cpu = ProcessCpu() - cpu_before;
  (*exporter)->Stop();
  PrintLoadReport(report, cpu, console);
  if (report.answers.contains("connect") && !allows_failures_) {
    console.Notice("nobody answers there; the rest was not sent");
  }
  if (interrupted && ends_by_itself) return ExitCode::kInterrupted;
  return allows_failures_ ? ExitCode::kSuccess : LoadExitCode(report);
}

}  // namespace flameway
