// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/gen.h"

#include <optional>
#include <string>
#include <utility>

#include "bridge/cli/command_flags.h"
#include "bridge/cli/generated_requests.h"
#include "bridge/cli/json_writer.h"
#include "bridge/cli/load_session.h"
#include "bridge/cli/output_file.h"
#include "bridge/cli/progress.h"
#include "bridge/cli/quantity.h"
#include "bridge/cli/status_message.h"
#include "bridge/compress/compressor.h"
#include "bridge/traffic/request_files.h"
#include "fmt/format.h"

namespace flameway {
namespace {

class GenCommand final : public Command {
 public:
  void Declare(CLI::App& app) override {
    generated_.Declare(app);
    app.add_option("-O", output_, "write to a file instead of sending; - for standard output")
        ->type_name("FILE");
    app.add_option("--workers", workers_, "connections, each with one request at a time (1)")
        ->check(CLI::Range(1, 4096).description(""))
        ->type_name("N");
    app.add_option("--rate", rate_, "requests a second of each worker; 0: as fast as possible")
        ->check(CLI::NonNegativeNumber.description(""))
        ->type_name("R");
    app.add_option("--profiles", profiles_, "requests of each worker, where nothing else says")
        ->type_name("N");
    app.add_flag("--mtls", mtls_, "needs --client-cert and --client-key");
    std::optional<std::chrono::milliseconds>* const ignored = &interval_;
    AddDurationOption(app, "--interval", ignored, "taken for telemetrygen's sake");
    session_.Declare(app);
  }

  ExitCode Run(const Console& console) override {
    SendTarget& target = session_.target();
    for (std::string& header : target.headers) Unquote(&header);
    if (const absl::Status status = target.FillFrom(console); !status.ok()) {
      return console.Fail(ExitCode::kUsage, MessageOf(status));
    }
    if (const absl::Status status = generated_.Check(); !status.ok()) {
      return console.Fail(ExitCode::kUsage, MessageOf(status));
    }
    if (mtls_ && (target.tls.cert_file.empty() || target.tls.key_file.empty())) {
      return console.Fail(ExitCode::kUsage, "--mtls needs --client-cert and --client-key");
    }
    if (!output_.empty()) return WriteFile(console);
    Progress progress(console);
    const absl::Status made = generated_.ForEach(
        [&](std::string request) {
          absl::Status status = session_.Add(std::move(request));
          progress.ShowLine([this] {
            return fmt::format("making requests: {} of {}", FormatCount(session_.requests().size()),
                               FormatCount(generated_.size()));
          });
          return status;
        },
        console.in());
    if (!made.ok()) return console.Fail(made);
    LoadOptions options;
    options.connections = workers_;
    if (rate_ > 0) options.pace = Pace::AtRate(rate_ * static_cast<double>(workers_));
    options.stops_on = LoadOptions::StopsOn::kAnyFailure;
    const uint64_t requests = profiles_.has_value() ? *profiles_ * workers_ : generated_.size();
    return session_.Run(console, std::move(options), requests);
  }

 private:
  // telemetrygen wants key="value".
  static void Unquote(std::string* header) {
    const size_t equals = header->find('=');
    if (equals == std::string::npos || header->size() < equals + 3) return;
    if ((*header)[equals + 1] != '"' || header->back() != '"') return;
    *header =
        header->substr(0, equals + 1) + header->substr(equals + 2, header->size() - equals - 3);
  }

  ExitCode WriteFile(const Console& console) {
    std::string file;
    uint64_t requests = 0;
    uint64_t samples = 0;
    uint64_t bytes = 0;
    const uint64_t wanted = session_.requests_wanted().value_or(generated_.size());
    Compressor compressor;
    std::string packed;
    const absl::Status made = generated_.ForEach(
        [&](std::string request) {
          if (requests >= wanted) return absl::OkStatus();
          ++requests;
          bytes += request.size();
          const std::optional<RequestTimes> times = RequestTimes::Of(request);
          samples += times.has_value() ? times->samples() : 0;
          if (*session_.target().codec == Codec::kNone) {
            AppendRecord(request, &file);
            return absl::OkStatus();
          }
          absl::Status status = compressor.Compress(*session_.target().codec, 0, request, &packed);
          AppendRecord(packed, &file);
          return status;
        },
        console.in());
    if (!made.ok()) return console.Fail(made);
    if (wanted > requests) {
      return console.Fail(
          ExitCode::kUsage,
          fmt::format("--requests {}: these hosts and windows make only {}", wanted, requests));
    }
    if (const absl::Status status = WriteOutputFile(output_, file, console.out()); !status.ok()) {
      return console.Fail(status);
    }
    if (output_ == "-") return ExitCode::kSuccess;
    if (console.format() == OutputFormat::kHuman) {
      console.out() << fmt::format("{} requests, {} samples, {} uncompressed, {} in {}\n",
                                   FormatCount(requests), FormatCount(samples), FormatBytes(bytes),
                                   FormatBytes(file.size()), output_);
      return ExitCode::kSuccess;
    }
    JsonWriter json(JsonWriter::Layout::kOneLine);
    json.BeginObject().Key("requests").Value(requests).Key("samples").Value(samples);
    json.Key("bytes").Value(bytes).Key("file_bytes").Value(file.size());
    console.out() << json.Key("file").String(output_).EndObject().text() << '\n';
    return ExitCode::kSuccess;
  }

  GeneratedRequests generated_;
  LoadSession session_;
  std::string output_;
  size_t workers_ = 1;
  double rate_ = 0;
  std::optional<uint64_t> profiles_;
  bool mtls_ = false;
  std::optional<std::chrono::milliseconds> interval_;
};

}  // namespace

std::unique_ptr<Command> MakeGenCommand() { return std::make_unique<GenCommand>(); }

}  // namespace flameway
