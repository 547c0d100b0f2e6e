// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/record.h"

#include <atomic>
#include <string>
#include <utility>

#include "bridge/cli/arrival_counts.h"
#include "bridge/cli/command_flags.h"
#include "bridge/cli/listen_session.h"
#include "bridge/cli/load_report_text.h"
#include "bridge/cli/status_message.h"
#include "bridge/traffic/request_files.h"
#include "fmt/format.h"

namespace flameway {
namespace {

class RecordCommand final : public Command {
 public:
  void Declare(CLI::App& app) override {
    app.add_option("--dir", files_.folder, "folder for the files; made if it is not there")
        ->required()
        ->type_name("DIR");
    AddBytesOption(app, "--max-size", &files_.max_file_bytes,
                   "a request beyond it begins a new file (100MiB)");
    app.add_flag_callback(
        "--zstd", [this] { files_.codec = Codec::kZstd; }, "compress each request");
    app.add_option("--requests", wanted_, "end after so many")->type_name("N");
    session_.Declare(app);
  }

  ExitCode Run(const Console& console) override {
    const absl::StatusOr<std::unique_ptr<RequestFiles>> files = RequestFiles::Create(files_);
    if (!files.ok()) return console.Fail(files.status());
    std::atomic<bool> failed{false};
    std::string failure;  // of the receiver's thread until it has ended
    const auto consume = [&](const TrafficArrival& arrival) -> Answer {
      if (arrival.error != DecompressError::kNone) {
        counts_.Count(arrival, session_.options().bodies);
        return {.kind = Answer::Kind::kInvalid,
                .message = std::string(DecompressErrorName(arrival.error))};
      }
      if (const absl::Status status = (*files)->Append(arrival.body); !status.ok()) {
        failure = std::string(MessageOf(status));
        failed = true;
        return {.kind = Answer::Kind::kUnavailable, .message = "the request could not be kept"};
      }
      // What is no OTLP is kept as well: it may be why somebody records.
      counts_.Count(arrival, session_.options().bodies);
      ++kept_;
      return {};
    };
    const auto end = session_.Run(
        console, consume, [&] { return failed || (wanted_ != 0 && kept_ >= wanted_); },
        [this] { return counts_.Line(); });
    if (!end.has_value()) return ExitCode::kUnavailable;
    Report(console, **files);
    if (failed) return console.Fail(ExitCode::kIoError, failure);
    const bool is_unmet = wanted_ != 0 && kept_ < wanted_;
    return is_unmet ? ExitCode::kNo : ExitCode::kSuccess;
  }

 private:
  void Report(const Console& console, const RequestFiles& files) const {
    if (console.format() == OutputFormat::kHuman) {
      counts_.PrintText(ProcessCpu(), console);
      console.out() << fmt::format("files        {:>12}  in {}\n", files.files(), files_.folder);
      return;
    }
    JsonWriter json(JsonWriter::Layout::kOneLine);
    json.BeginObject();
    counts_.WriteJson(ProcessCpu(), &json);
    json.Key("kept").Value(kept_.load()).Key("files").Value(files.files());
    json.Key("file_bytes").Value(files.bytes());
    console.out() << json.EndObject().text() << '\n';
  }

  ListenSession session_;
  RequestFilesOptions files_;
  uint64_t wanted_ = 0;
  ArrivalCounts counts_;
  std::atomic<uint64_t> kept_{0};
};

}  // namespace

std::unique_ptr<Command> MakeRecordCommand() { return std::make_unique<RecordCommand>(); }

}  // namespace flameway
