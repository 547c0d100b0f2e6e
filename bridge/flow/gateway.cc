// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/gateway.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "bridge/observe/process_readings.h"

namespace flameway {
namespace {

// For a scrape that is being answered when everything else has ended.
constexpr std::chrono::milliseconds kPageGrace{100};

// What the gRPC library may hold of messages that are still arriving, which the ledger does not
// see: a part of the budget, but one message of the largest size with its slices always.
constexpr size_t kGrpcShare = 4;
constexpr size_t kGrpcSlack = size_t{32} << 20;

absl::Status Annotate(const absl::Status& status, const std::string& where) {
  return {status.code(), where + ": " + std::string(status.message())};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Create(GatewayOptions options, Log& log) {
  std::unique_ptr<Gateway> gateway(new Gateway(std::move(options), log));
  auto engine =
      Engine::Create(gateway->options_, {gateway->clock_, gateway->log_, gateway->registry_});
  if (!engine.ok()) return engine.status();
  gateway->engine_ = *std::move(engine);
  RegisterProcessReadings(gateway->registry_);
  gateway->registry_.Add(Metric::kLogSuppressed, {}, log.suppressed());
  return gateway;
}

Gateway::Gateway(GatewayOptions options, Log& log) : options_(std::move(options)), log_(log) {}

Gateway::~Gateway() {
  StopBy(clock_.Now());
  // Scrapes read the listeners' counters.
  metrics_page_.reset();
  listeners_.clear();
}

absl::Status Gateway::Start() {
  running_ = true;
  if (absl::Status status = StartPages(); !status.ok()) return status;
  if (absl::Status status = engine_->Start(); !status.ok()) return status;
  listeners_.resize(options_.receivers.size());
  for (size_t i = 0; i < options_.receivers.size(); ++i) {
    if (absl::Status status = Listen(i); !status.ok()) return status;
  }
  health_.SetServing(std::chrono::system_clock::now());
  log_.Write(LogLevel::kInfo, "everything is ready");
  return absl::OkStatus();
}

absl::Status Gateway::StartPages() {
  if (options_.health.has_value()) {
    auto page = PageServer::Create(*options_.health, [this] { return HealthPage(); });
    if (!page.ok()) return Annotate(page.status(), "health_check");
    health_page_ = *std::move(page);
  }
  if (options_.metrics.has_value()) {
    auto page = PageServer::Create(*options_.metrics, [this] {
      return HttpResponse{.content_type = kPrometheusContentType,
                          .body = registry_.PrometheusText()};
    });
    if (!page.ok()) return Annotate(page.status(), "metrics");
    metrics_page_ = *std::move(page);
  }
  return absl::OkStatus();
}

absl::Status Gateway::Listen(size_t receiver) {
  const ReceiverSpec& spec = options_.receivers[receiver];
  Listeners& listeners = listeners_[receiver];
  // What alone is larger than the budget will never be taken: better said before it is read.
  const size_t largest = engine_->ledger().soft_limit();
  if (spec.grpc.has_value()) {
    OtlpGrpcReceiverOptions options = *spec.grpc;
    options.max_request_bytes = std::min(options.max_request_bytes, largest);
    options.max_buffered_bytes =
        std::max(engine_->ledger().limit() / kGrpcShare, options.max_request_bytes + kGrpcSlack);
    auto grpc =
        OtlpGrpcReceiver::Create(std::move(options), engine_->IntakeOf(receiver, Transport::kGrpc));
    if (!grpc.ok()) return Annotate(grpc.status(), "receiver " + spec.name + " grpc");
    listeners.grpc = *std::move(grpc);
    registry_.Add(
        Metric::kAckUnknown, {{"receiver", spec.name}, {"transport", "grpc"}},
        [listener = listeners.grpc.get()] { return static_cast<double>(listener->ack_unknown()); });
    log_.Write(LogLevel::kInfo, "listening",
               {{"receiver", spec.name}, {"transport", "grpc"}, {"port", grpc_port(receiver)}});
  }
  if (spec.http.has_value()) {
    OtlpHttpReceiverOptions options = *spec.http;
    options.max_request_bytes = std::min(options.max_request_bytes, largest);
    auto http =
        OtlpHttpReceiver::Create(std::move(options), engine_->IntakeOf(receiver, Transport::kHttp),
                                 engine_->BodyMetersOf(receiver, Transport::kHttp));
    if (!http.ok()) return Annotate(http.status(), "receiver " + spec.name + " http");
    listeners.http = *std::move(http);
    log_.Write(LogLevel::kInfo, "listening",
               {{"receiver", spec.name}, {"transport", "http"}, {"port", http_port(receiver)}});
  }
  return absl::OkStatus();
}

HttpResponse Gateway::HealthPage() const {
  const Health::Report report = health_.ReportAt(std::chrono::system_clock::now());
  HttpResponse response;
  response.status = report.http_status;
  response.content_type = "application/json";
  response.body = options_.health_body.empty() ? report.json : options_.health_body;
  return response;
}

void Gateway::Stop() {
  log_.Write(LogLevel::kInfo, "stopping");
  StopBy(clock_.Now() + options_.drain_deadline);
  log_.Write(LogLevel::kInfo, "stopped");
}

void Gateway::StopBy(TimePoint deadline) {
  if (!std::exchange(running_, false)) return;
  health_.SetNotServing();
  for (const Listeners& listeners : listeners_) {
    if (listeners.grpc != nullptr) {
      listeners.grpc->SetHealth(OtlpGrpcReceiver::Health::kNotServing);
    }
  }
  for (const Listeners& listeners : listeners_) {
    if (listeners.grpc != nullptr) listeners.grpc->Stop(deadline);
    if (listeners.http != nullptr) listeners.http->Stop(deadline);
  }
  engine_->Stop(deadline);
  const TimePoint pages_by = clock_.Now() + kPageGrace;
  if (health_page_ != nullptr) health_page_->Stop(pages_by);
  if (metrics_page_ != nullptr) metrics_page_->Stop(pages_by);
}

uint16_t Gateway::grpc_port(size_t receiver) const {
  const auto& grpc = listeners_[receiver].grpc;
  return grpc == nullptr ? uint16_t{0} : grpc->bound_port();
}

uint16_t Gateway::http_port(size_t receiver) const {
  const auto& http = listeners_[receiver].http;
  return http == nullptr ? uint16_t{0} : http->bound_port();
}

}  // namespace flameway
