// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/sink.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bridge/cli/arrival_counts.h"
#include "bridge/cli/command_flags.h"
#include "bridge/cli/listen_session.h"
#include "bridge/cli/load_report_text.h"
#include "bridge/cli/status_message.h"
#include "bridge/export/rpc_code.h"
#include "bridge/traffic/request_files.h"
#include "bridge/traffic/seeded_random.h"
#include "fmt/format.h"

namespace flameway {
namespace {

// HTTP's word for a gRPC code, by google.rpc.Code.
unsigned HttpStatusOf(RpcCode code) {
  switch (code) {
    case RpcCode::kInvalidArgument:
    case RpcCode::kFailedPrecondition:
    case RpcCode::kOutOfRange:
      return 400;
    case RpcCode::kUnauthenticated:
      return 401;
    case RpcCode::kPermissionDenied:
      return 403;
    case RpcCode::kNotFound:
      return 404;
    case RpcCode::kAlreadyExists:
    case RpcCode::kAborted:
      return 409;
    case RpcCode::kResourceExhausted:
      return 429;
    case RpcCode::kUnimplemented:
      return 501;
    case RpcCode::kUnavailable:
      return 503;
    case RpcCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

// A gRPC code by name or number, or an HTTP status of an error.
std::optional<AnswerCodes> ParseStatus(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  if (is_number && number >= 400 && number <= 599) {
    return AnswerCodes{.grpc = static_cast<int32_t>(RpcCodeOfHttpStatus(number)),
                       .http = static_cast<unsigned>(number)};
  }
  for (int code = 1; code <= static_cast<int>(RpcCode::kUnauthenticated); ++code) {
    const auto rpc_code = static_cast<RpcCode>(code);
    if ((is_number && number == code) || text == RpcCodeName(rpc_code)) {
      return AnswerCodes{.grpc = code, .http = HttpStatusOf(rpc_code)};
    }
  }
  return std::nullopt;
}

// "5%" or "0.05"
std::optional<double> ParseShare(std::string_view text) {
  const bool is_percent = text.ends_with('%');
  if (is_percent) text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (is_percent) value /= 100;
  if (value < 0 || value > 1) return std::nullopt;
  return value;
}

class SinkCommand final : public Command {
 public:
  void Declare(CLI::App& app) override {
    app.add_option("--exit-after", wanted_requests_, "end when so many requests were accepted")
        ->type_name("N");
    app.add_option("--exit-after-samples", wanted_samples_,
                   "end when so many samples were accepted")
        ->type_name("N");
    app.add_option(
           "--fail-rate",
           [this](const CLI::results_t& values) {
             const std::optional<double> share = ParseShare(values.back());
             if (share.has_value()) fail_rate_ = *share;
             return share.has_value();
           },
           "share of requests to refuse: 5%, 0.05; of a fixed seed (0)")
        ->type_name("P");
    app.add_option(
           "--status",
           [this](const CLI::results_t& values) {
             status_ = ParseStatus(values.back());
             return status_.has_value();
           },
           "what refused requests are answered: a gRPC code by name or number, or an HTTP status "
           "(UNAVAILABLE); without --fail-rate all are refused")
        ->type_name("CODE");
    AddDurationOption(app, "--latency", &latency_, "from arrival to answer, at least (0s)");
    app.add_option("--dump", dump_.folder, "keep accepted requests in files here")
        ->type_name("DIR");
    app.add_flag("--no-decode", no_decode_,
                 "count requests and bytes on the wire only, and spend nothing on the rest");
    session_.Declare(app);
  }

  ExitCode Run(const Console& console) override {
    if (no_decode_ && (wanted_samples_ != 0 || !dump_.folder.empty())) {
      return console.Fail(ExitCode::kUsage,
                          "--no-decode leaves nothing to --exit-after-samples and --dump");
    }
    if (status_.has_value() && !fail_rate_.has_value()) fail_rate_ = 1;
    TrafficReceiverOptions& options = session_.options();
    options.latency = latency_.value_or(std::chrono::milliseconds(0));
    if (no_decode_) options.bodies = TrafficReceiverOptions::Bodies::kAsTheyCame;
    std::unique_ptr<RequestFiles> files;
    if (!dump_.folder.empty()) {
      absl::StatusOr<std::unique_ptr<RequestFiles>> created = RequestFiles::Create(dump_);
      if (!created.ok()) return console.Fail(created.status());
      files = *std::move(created);
    }
    const auto end = session_.Run(
        console, [&](const TrafficArrival& arrival) { return Consume(arrival, files.get()); },
        [this] { return failed_ || (Expects() && IsEnough()); },
        [this] { return fmt::format("{}  {} refused", counts_.Line(), refused_.load()); });
    if (!end.has_value()) return ExitCode::kUnavailable;
    Report(console);
    if (failed_) return console.Fail(ExitCode::kIoError, failure_);
    if (!Expects() || IsEnough()) return ExitCode::kSuccess;
    console.Notice(fmt::format("expected {} requests and {} samples, got {} and {}",
                               wanted_requests_, wanted_samples_, counts_.requests(),
                               counts_.samples()));
    return ExitCode::kNo;
  }

 private:
  // On the receiver's thread.
  Answer Consume(const TrafficArrival& arrival, RequestFiles* files) {
    if (fail_rate_.has_value() && random_.Chance(*fail_rate_)) {
      ++refused_;
      Answer answer{.kind = Answer::Kind::kUnavailable, .message = "refused on purpose"};
      answer.codes = status_;
      if (status_.has_value() && status_->grpc != static_cast<int32_t>(RpcCode::kUnavailable)) {
        answer.kind = Answer::Kind::kTooLarge;  // the kind without details of its own
      }
      return answer;
    }
    if (!counts_.Count(arrival, session_.options().bodies)) {
      return {.kind = Answer::Kind::kInvalid, .message = "no OTLP profiles"};
    }
    if (files == nullptr) return {};
    if (const absl::Status status = files->Append(arrival.body); !status.ok()) {
      failure_ = std::string(MessageOf(status));
      failed_ = true;
      return {.kind = Answer::Kind::kUnavailable, .message = "the request could not be kept"};
    }
    return {};
  }

  [[nodiscard]] bool Expects() const { return wanted_requests_ != 0 || wanted_samples_ != 0; }
  [[nodiscard]] bool IsEnough() const {
    return counts_.requests() >= wanted_requests_ && counts_.samples() >= wanted_samples_;
  }

  void Report(const Console& console) const {
    if (console.format() == OutputFormat::kHuman) {
      counts_.PrintText(ProcessCpu(), console);
      if (fail_rate_.has_value()) {
        console.out() << fmt::format("refused      {:>12}\n", refused_.load());
      }
      return;
    }
    JsonWriter json(JsonWriter::Layout::kOneLine);
    json.BeginObject();
    counts_.WriteJson(ProcessCpu(), &json);
    json.Key("refused").Value(refused_.load());
    console.out() << json.EndObject().text() << '\n';
  }

  ListenSession session_;
  uint64_t wanted_requests_ = 0;
  uint64_t wanted_samples_ = 0;
  std::optional<double> fail_rate_;
  std::optional<AnswerCodes> status_;
  std::optional<std::chrono::milliseconds> latency_;
  RequestFilesOptions dump_;
  bool no_decode_ = false;

  ArrivalCounts counts_;
  std::atomic<uint64_t> refused_{0};
  SeededRandom random_{1};  // of the receiver's thread
  std::atomic<bool> failed_{false};
  std::string failure_;  // written before failed_
};

}  // namespace

std::unique_ptr<Command> MakeSinkCommand() { return std::make_unique<SinkCommand>(); }

}  // namespace flameway
