// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/listen_session.h"

#include <utility>

#include "bridge/cli/command_flags.h"
#include "bridge/cli/file_limits.h"
#include "bridge/cli/progress.h"
#include "bridge/cli/status_message.h"
#include "bridge/cli/stop_signals.h"
#include "bridge/flow/clock.h"
#include "bridge/receive/grpc_log.h"
#include "fmt/format.h"

namespace flameway {
namespace {

constexpr std::chrono::milliseconds kLook{20};
constexpr std::chrono::seconds kStopGrace{5};  // for requests under way
constexpr size_t kMaxRequestBytes = size_t{256} << 20;

}  // namespace

void ListenSession::Declare(CLI::App& app) {
  app.add_option("--listen-grpc", grpc_endpoint_,
                 "host:port, port 0: a free one; none (localhost:4317)")
      ->type_name("ENDPOINT");
  app.add_option("--listen-http", http_endpoint_,
                 "host:port, port 0: a free one; none (localhost:4318)")
      ->type_name("ENDPOINT");
  AddDurationOption(app, "--timeout", &timeout_, "end after this long");
  options_.limits = {.max_output_bytes = kMaxRequestBytes};
}

std::optional<ListenSession::End> ListenSession::Run(const Console& console,
                                                     TrafficReceiver::Consumer consumer,
                                                     const std::function<bool()>& is_enough,
                                                     const std::function<std::string()>& progress) {
  if (grpc_endpoint_ != "none") {
    options_.grpc.emplace();
    options_.grpc->endpoint = grpc_endpoint_;
    options_.grpc->max_request_bytes = kMaxRequestBytes;
  }
  if (http_endpoint_ != "none") {
    options_.http.emplace();
    options_.http->endpoint = http_endpoint_;
    options_.http->max_request_bytes = kMaxRequestBytes;
  }
  RouteGrpcLogs({});          // what goes wrong with a sender, the sender is told
  const StopSignals signals;  // before the listeners start threads
  const SteadyClock clock;
  const absl::StatusOr<std::unique_ptr<TrafficReceiver>> receiver =
      TrafficReceiver::Create(options_, std::move(consumer), clock);
  if (!receiver.ok()) {
    console.Fail(ExitCode::kUnavailable, MessageOf(receiver.status()));
    return std::nullopt;
  }
  if ((*receiver)->grpc_port() != 0) {
    console.Notice(fmt::format("listening: grpc port {}", (*receiver)->grpc_port()));
  }
  if ((*receiver)->http_port() != 0) {
    console.Notice(fmt::format("listening: http port {}", (*receiver)->http_port()));
  }
  console.err().flush();
  const TimePoint deadline = timeout_.has_value() ? clock.Now() + *timeout_ : TimePoint::max();
  End end = End::kEnough;
  {
    Progress shown(console);
    while (!is_enough()) {
      if (signals.WaitFor(kLook) == StopSignals::Signal::kStop) {
        end = End::kStopped;
        signals.LetNextEndProcess();
        break;
      }
      if (clock.Now() >= deadline) {
        end = is_enough() ? End::kEnough : End::kTimedOut;
        break;
      }
      shown.ShowLine(progress);
    }
  }
  (*receiver)->Stop(clock.Now() + kStopGrace);
  return end;
}

}  // namespace flameway
