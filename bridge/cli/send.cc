// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/send.h"

#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "bridge/cli/command_flags.h"
#include "bridge/cli/delivery_exit.h"
#include "bridge/cli/input_files.h"
#include "bridge/cli/json_writer.h"
#include "bridge/cli/progress.h"
#include "bridge/cli/quantity.h"
#include "bridge/cli/send_target.h"
#include "bridge/cli/status_message.h"
#include "bridge/compress/compressor.h"
#include "bridge/export/backoff.h"
#include "bridge/traffic/load_run.h"
#include "fmt/format.h"

namespace flameway {
namespace {

using Outcome = Delivery::Outcome;

// All answers that said the same.
struct AnswerRow {
  uint64_t requests = 0;
  int64_t rejected_profiles = 0;
  std::string message;  // the first one
};

class SendCommand final : public Command {
 public:
  void Declare(CLI::App& app) override {
    DeclareInputs(app, &inputs_);
    target_.Declare(app);
    AddDurationOption(app, "--retry", &retry_for_,
                      "try again what may be tried again, for at most this long (not at all)");
  }

  ExitCode Run(const Console& console) override {
    if (const absl::Status status = target_.FillFrom(console); !status.ok()) {
      return console.Fail(ExitCode::kUsage, MessageOf(status));
    }
    const absl::StatusOr<std::unique_ptr<Exporter>> exporter = target_.MakeExporter();
    if (!exporter.ok()) return console.Fail(ExitCode::kUsage, MessageOf(exporter.status()));
    if (const absl::Status status = (*exporter)->Start(); !status.ok()) {
      return console.Fail(ExitCode::kNoInput, MessageOf(status));
    }
    ExitCode code = ExitCode::kSuccess;
    {
      const std::unique_ptr<ExportLane> lane = (*exporter)->OpenLane();
      code = SendAll(console, *lane);
    }
    (*exporter)->Stop();
    Report(console);
    return code;
  }

 private:
  ExitCode SendAll(const Console& console, ExportLane& lane) {
    InputFiles files(inputs_, console.in());
    Progress progress(console);
    Compressor compressor;
    ExitCode code = ExitCode::kSuccess;
    for (;;) {
      const absl::StatusOr<std::optional<InputMessage>> message = files.Next();
      if (!message.ok()) {
        code = std::max(code, console.Fail(message.status()));
        continue;
      }
      if (!message->has_value()) return code;
      const InputMessage& input = **message;
      Frame frame;
      frame.codec = *target_.codec;
      frame.uncompressed_bytes = input.bytes.size();
      if (getrandom(frame.id.data(), frame.id.size(), 0) != static_cast<ssize_t>(frame.id.size()) ||
          !compressor.Compress(frame.codec, 0, input.bytes, &frame.payload).ok()) {
        return console.Fail(ExitCode::kInternal, "cannot prepare a request");
      }
      const Delivery delivery = Deliver(frame, lane);
      Count(delivery);
      if (delivery.outcome != Outcome::kDelivered || delivery.rejected_profiles > 0) {
        console.Notice(
            fmt::format("{}: {}: {}", input.name, AnswerCode(delivery), delivery.message));
      }
      code = std::max(code, DeliveryExitCode(delivery));
      progress.Show(files.bytes_done(), files.total_bytes());
      if (delivery.code == "connect") {
        console.Notice("nobody answers there; the rest was not sent");
        return code;
      }
    }
  }

  Delivery Deliver(const Frame& frame, ExportLane& lane) {
    using Clock = std::chrono::steady_clock;
    RetryOptions options;
    options.enabled = retry_for_.has_value();
    options.initial_interval = std::chrono::milliseconds(500);
    options.max_elapsed_time = retry_for_.value_or(std::chrono::milliseconds(0));
    Backoff backoff(options, [this] { return uniform_(random_); });
    const Clock::time_point start = Clock::now();
    for (;;) {
      Delivery delivery = lane.Deliver(frame);
      if (delivery.outcome != Outcome::kRetry) return delivery;
      const auto elapsed =
          std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
      const auto delay = backoff.NextDelay(elapsed, delivery.retry_after);
      if (!delay.has_value()) return delivery;
      ++retries_;
      std::this_thread::sleep_for(*delay);
    }
  }

  void Count(const Delivery& delivery) {
    AnswerRow& row = answers_[AnswerCode(delivery)];
    ++row.requests;
    row.rejected_profiles += delivery.rejected_profiles;
    if (row.message.empty()) row.message = delivery.message;
  }

  void Report(const Console& console) const {
    if (console.format() != OutputFormat::kHuman) {
      JsonWriter json(JsonWriter::Layout::kOneLine);
      json.BeginObject().Key("endpoint").String(target_.endpoint);
      json.Key("retries").Value(retries_).Key("answers").BeginArray();
      for (const auto& [code, row] : answers_) {
        json.BeginObject().Key("code").String(code).Key("requests").Value(row.requests);
        json.Key("rejected_profiles").Value(row.rejected_profiles);
        json.Key("message").String(row.message).EndObject();
      }
      console.out() << json.EndArray().EndObject().text() << '\n';
      return;
    }
    console.out() << fmt::format("{:<22} {:>9} {:>18}  {}\n", "code", "requests",
                                 "profiles refused", "message");
    for (const auto& [code, row] : answers_) {
      console.out() << fmt::format("{:<22} {:>9} {:>18}  {}\n", code, row.requests,
                                   row.rejected_profiles, row.message);
    }
    if (retries_ > 0) console.out() << fmt::format("after {} retries\n", retries_);
  }

  InputFilesOptions inputs_;
  SendTarget target_;
  std::optional<std::chrono::milliseconds> retry_for_;
  std::map<std::string, AnswerRow> answers_;
  uint64_t retries_ = 0;
  std::minstd_rand random_{std::random_device{}()};
  std::uniform_real_distribution<double> uniform_{0, 1};
};

}  // namespace

std::unique_ptr<Command> MakeSendCommand() { return std::make_unique<SendCommand>(); }

}  // namespace flameway
