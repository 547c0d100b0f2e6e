// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/replay.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "bridge/cli/command_flags.h"
#include "bridge/cli/input_files.h"
#include "bridge/cli/load_session.h"
#include "bridge/cli/progress.h"
#include "bridge/cli/status_message.h"
#include "fmt/format.h"

namespace flameway {
namespace {

class ReplayCommand final : public Command {
 public:
  void Declare(CLI::App& app) override {
    DeclareInputs(app, &inputs_);
    app.add_flag("--loop", loops_, "begin again after the last request, until stopped");
    app.add_option("--speed", speed_, "as recorded, so many times as fast; 0: as fast as possible")
        ->check(CLI::NonNegativeNumber.description(""))
        ->type_name("X");
    app.add_option("--rate", rate_, "requests a second in all")
        ->check(CLI::NonNegativeNumber.description(""))
        ->type_name("R");
    app.add_option("--concurrency", connections_,
                   "connections, each with one request at a time (8)")
        ->check(CLI::Range(1, 4096).description(""))
        ->type_name("N");
    session_.Declare(app);
  }

  ExitCode Run(const Console& console) override {
    if (speed_ > 0 && rate_ > 0) {
      return console.Fail(ExitCode::kUsage, "--speed and --rate exclude each other");
    }
    if (const absl::Status status = session_.target().FillFrom(console); !status.ok()) {
      return console.Fail(ExitCode::kUsage, MessageOf(status));
    }
    if (const ExitCode code = ReadAll(console); code != ExitCode::kSuccess) return code;
    if (session_.requests().empty()) {
      return console.Fail(ExitCode::kUndecodable, "there is no request in these files");
    }
    LoadOptions options;
    options.connections = connections_;
    if (rate_ > 0) options.pace = Pace::AtRate(rate_);
    if (speed_ > 0) options.pace = Pace::AsRecorded(Offsets(), speed_);
    return session_.Run(console, std::move(options), loops_ ? 0 : session_.requests().size());
  }

 private:
  ExitCode ReadAll(const Console& console) {
    InputFiles files(inputs_, console.in());
    Progress progress(console);
    ExitCode code = ExitCode::kSuccess;
    std::vector<std::pair<uint64_t, std::string>> requests;  // by the time they ended
    for (;;) {
      const absl::StatusOr<std::optional<InputMessage>> message = files.Next();
      if (!message.ok()) {
        code = std::max(code, console.Fail(message.status()));
        continue;
      }
      if (!message->has_value()) break;
      const std::optional<RequestTimes> times = RequestTimes::Of((*message)->bytes);
      if (!times.has_value() && (session_.moves_times() || speed_ > 0)) {
        code = std::max(code, console.Fail(ExitCode::kUndecodable,
                                           fmt::format("{}: no OTLP request, so it has no time",
                                                       (*message)->name)));
        continue;
      }
      requests.emplace_back(times.has_value() ? times->end_unix_nano() : 0,
                            std::string((*message)->bytes));
      progress.Show(files.bytes_done(), files.total_bytes());
    }
    if (code != ExitCode::kSuccess) return code;  // half a recording is no replay of it
    if (speed_ > 0) {
      // Files of several senders overlap in time.
      std::stable_sort(requests.begin(), requests.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; });
    }
    for (auto& [end, bytes] : requests) {
      ends_.push_back(end);
      if (!session_.Add(std::move(bytes)).ok()) {
        return console.Fail(ExitCode::kInternal, "cannot prepare a request");
      }
    }
    return ExitCode::kSuccess;
  }

  // Of each request from the first one that has a time.
  [[nodiscard]] std::vector<std::chrono::nanoseconds> Offsets() const {
    const auto first =
        std::find_if(ends_.begin(), ends_.end(), [](uint64_t end) { return end > 0; });
    std::vector<std::chrono::nanoseconds> offsets;
    for (const uint64_t end : ends_) {
      offsets.emplace_back(end == 0 ? 0 : static_cast<int64_t>(end - *first));
    }
    return offsets;
  }

  InputFilesOptions inputs_;
  LoadSession session_;
  bool loops_ = false;
  double speed_ = 0;
  double rate_ = 0;
  size_t connections_ = 8;
  std::vector<uint64_t> ends_;
};

}  // namespace

std::unique_ptr<Command> MakeReplayCommand() { return std::make_unique<ReplayCommand>(); }

}  // namespace flameway
