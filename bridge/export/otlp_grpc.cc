// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/otlp_grpc.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "bridge/compress/codec.h"
#include "bridge/compress/decompressor.h"
#include "bridge/export/cancellation.h"
#include "bridge/export/endpoint.h"
#include "bridge/export/export_response.h"
#include "bridge/export/failed_delivery.h"
#include "bridge/export/grpc_reply.h"
#include "bridge/export/h2_client.h"
#include "bridge/export/request_headers.h"
#include "bridge/export/retry_classification.h"
#include "bridge/export/user_agent.h"
#include "bridge/tls/tls_reloader.h"

namespace flameway {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view kPath =
    "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export";
constexpr size_t kMaxResponseBytes = size_t{4} << 20U;

using Outcome = Delivery::Outcome;

// What all lanes share; immutable after Start.
struct Destination {
  OtlpGrpcExporterOptions options;
  Endpoint endpoint;
  RequestHeaders headers;
  std::string authority;
  std::string user_agent;
  bool uses_tls = false;
  std::unique_ptr<TlsReloader> tls;  // null in clear text, and before Start
  std::unique_ptr<Cancellation> cancellation = std::make_unique<Cancellation>();
};

H2ConnectionOptions ConnectionOptions(const Destination& destination, size_t lane_number) {
  return {.socket = {.endpoint = destination.endpoint,
                     .tls = destination.tls.get(),
                     .tls_options = destination.options.tls,
                     .first_address = lane_number,
                     .cancellation = destination.cancellation.get()},
          .keepalive_time = destination.options.keepalive_time,
          .keepalive_timeout = destination.options.keepalive_timeout,
          .max_response_bytes = kMaxResponseBytes + kGrpcPrefixBytes};
}

class OtlpGrpcLane final : public ExportLane {
 public:
  // `destination` outlives the lane: it belongs to the exporter.
  OtlpGrpcLane(const Destination& destination, size_t lane_number)
      : destination_(destination),
        client_(ConnectionOptions(destination, lane_number)),
        decompressor_({.max_output_bytes = kMaxResponseBytes}) {}

  Delivery Deliver(const Frame& frame) override;

 private:
  Delivery FromAnswer(const H2Reply& reply);
  Delivery FromResponse(const H2Reply& reply);

  const Destination& destination_;
  H2Client client_;
  Decompressor decompressor_;
  std::string decompressed_;  // reused
};

Delivery OtlpGrpcLane::Deliver(const Frame& frame) {
  const OtlpGrpcExporterOptions& options = destination_.options;
  if (destination_.uses_tls && destination_.tls == nullptr) {
    return FailedDelivery(Outcome::kRetry, "unstarted", "the exporter was not started");
  }
  if (auto refused = RefuseOversize(frame, options.wire_form)) return *std::move(refused);
  if (frame.payload.size() > std::numeric_limits<uint32_t>::max()) {
    return FailedDelivery(Outcome::kPermanent, "request_too_large", "gRPC ends at 4 GiB; not sent");
  }
  const bool bounded = options.timeout.count() > 0;
  const std::string timeout = GrpcTimeoutText(options.timeout);
  const std::string batch_id = BatchIdText(frame.id);
  const bool compressed = frame.codec != Codec::kNone;
  const std::string prefix =
      GrpcPrefix(compressed ? GrpcMessageForm::kCompressed : GrpcMessageForm::kIdentity,
                 static_cast<uint32_t>(frame.payload.size()));

  H2Request request;
  request.scheme = destination_.uses_tls ? "https" : "http";
  request.authority = destination_.authority;
  request.path = kPath;
  request.headers.emplace_back("te", "trailers");
  request.headers.emplace_back("content-type", "application/grpc");
  request.headers.emplace_back("user-agent", destination_.user_agent);
  if (compressed) request.headers.emplace_back("grpc-encoding", CodecName(frame.codec));
  // Only what we read anyway: grpc-go answers in the request's coding whether or not it is listed.
  request.headers.emplace_back("grpc-accept-encoding", "identity,gzip");
  if (bounded) request.headers.emplace_back("grpc-timeout", timeout);
  if (frame.id != BatchId{}) request.headers.emplace_back(kBatchIdHeader, batch_id);
  for (const auto& [name, value] : destination_.headers) request.headers.emplace_back(name, value);
  request.prefix = prefix;
  request.payload = frame.payload;

  const auto deadline =
      bounded ? steady_clock::now() + options.timeout : steady_clock::time_point::max();
  const H2Reply reply = client_.Call(request, deadline);
  switch (reply.end) {
    case H2Reply::End::kComplete:
      return FromAnswer(reply);
    case H2Reply::End::kUnconnected:
      return FailedDelivery(Outcome::kRetry, "connect", reply.error);
    case H2Reply::End::kTimedOut:
      return FailedDelivery(Outcome::kRetry, "timeout", reply.error);
    case H2Reply::End::kCancelled:
      return FailedDelivery(Outcome::kRetry, "cancelled", reply.error);
    case H2Reply::End::kClosed:
      return FailedDelivery(Outcome::kRetry, "closed", reply.error);
    case H2Reply::End::kRefused:
      return FailedDelivery(Outcome::kRetry, "refused", reply.error);
    case H2Reply::End::kReset:
      return FailedDelivery(Outcome::kRetry, "reset", reply.error);
    case H2Reply::End::kProtocol:
      return FailedDelivery(Outcome::kRetry, "protocol", reply.error);
    case H2Reply::End::kTooLarge:
      return FailedDelivery(Outcome::kPermanent, "response_too_large", reply.error);
  }
  return FailedDelivery(Outcome::kRetry, "closed", reply.error);
}

Delivery OtlpGrpcLane::FromAnswer(const H2Reply& reply) {
  const GrpcReply answer = ReadGrpcReply(reply);
  if (answer.code == RpcCode::kOk) return FromResponse(reply);
  const RetryHint hint = answer.retry_delay.has_value() ? RetryHint::kGiven : RetryHint::kNone;
  Delivery delivery =
      FailedDelivery(ClassifyRpc(answer.code, hint), RpcCodeName(answer.code), answer.message);
  if (delivery.outcome == Outcome::kRetry) delivery.retry_after = answer.retry_delay;
  return delivery;
}

// The destination has the request. An answer we cannot read does not change that.
Delivery OtlpGrpcLane::FromResponse(const H2Reply& reply) {
  Delivery delivery;
  const std::optional<GrpcMessage> message = ParseGrpcMessage(reply.body);
  std::optional<ExportResponse> response;
  if (message.has_value() && message->form == GrpcMessageForm::kIdentity) {
    response = ParseExportResponse(message->bytes);
  } else if (message.has_value()) {
    const auto codec = ParseCodec(reply.Header("grpc-encoding").value_or(""));
    const DecompressError error =
        codec.has_value() ? decompressor_.Decompress(*codec, message->bytes, &decompressed_)
                          : DecompressError::kDamaged;
    if (error == DecompressError::kTooLarge || error == DecompressError::kRatioTooHigh) {
      return FailedDelivery(Outcome::kPermanent, "response_too_large", DecompressErrorName(error));
    }
    if (error == DecompressError::kNone) response = ParseExportResponse(decompressed_);
  }
  if (response.has_value()) {
    delivery.rejected_profiles = response->rejected_profiles;
    delivery.message = ShownText(response->error_message);
  } else {
    delivery.message = "accepted; the response could not be read";
  }
  return delivery;
}

class OtlpGrpcExporter final : public Exporter {
 public:
  explicit OtlpGrpcExporter(Destination destination) : destination_(std::move(destination)) {}

  WireForm wire_form() const override { return destination_.options.wire_form; }

  absl::Status Start() override {
    if (!destination_.uses_tls) return absl::OkStatus();
    auto tls = TlsReloader::Create(destination_.options.tls, steady_clock::now());
    if (!tls.ok()) return tls.status();
    destination_.tls = *std::move(tls);
    return absl::OkStatus();
  }

  std::unique_ptr<ExportLane> OpenLane() override {
    return std::make_unique<OtlpGrpcLane>(destination_, lanes_opened_++);
  }

  void Cancel() override { destination_.cancellation->Cancel(); }

 private:
  Destination destination_;
  std::atomic<size_t> lanes_opened_{0};
};

}  // namespace

absl::StatusOr<std::unique_ptr<Exporter>> CreateOtlpGrpcExporter(
    const OtlpGrpcExporterOptions& options) {
  auto endpoint = ParseEndpoint(options.endpoint);
  if (!endpoint.ok()) return endpoint.status();
  auto headers = GrpcRequestHeaders(options.headers);
  if (!headers.ok()) return headers.status();
  // The two are headers too and must not smuggle in others.
  const RequestHeaders own = {{"authority", options.authority}, {"agent", options.user_agent}};
  if (auto checked = GrpcRequestHeaders(own); !checked.ok()) return checked.status();

  Destination destination;
  destination.options = options;
  destination.endpoint = *std::move(endpoint);
  destination.headers = *std::move(headers);
  destination.authority =
      options.authority.empty() ? destination.endpoint.Authority() : options.authority;
  destination.user_agent = options.user_agent.empty() ? UserAgent() : options.user_agent;
  switch (destination.endpoint.security) {
    case Endpoint::Security::kTls:
      destination.uses_tls = true;
      break;
    case Endpoint::Security::kClearText:
      destination.uses_tls = false;
      break;
    case Endpoint::Security::kUnstated:
      destination.uses_tls = !options.tls.insecure;
      break;
  }
  return std::make_unique<OtlpGrpcExporter>(std::move(destination));
}

}  // namespace flameway
