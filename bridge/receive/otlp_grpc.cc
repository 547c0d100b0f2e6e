// SPDX-License-Identifier: Apache-2.0
#include "bridge/receive/otlp_grpc.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_context.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include "bridge/compress/codec.h"
#include "bridge/http/listen_address.h"
#include "bridge/receive/answer_mapping.h"
#include "bridge/receive/byte_gather.h"
#include "bridge/receive/export_call.h"
#include "bridge/receive/grpc_credentials.h"
#include "opentelemetry/proto/collector/profiles/v1development/profiles_service.grpc.pb.h"

namespace flameway {
namespace {

using opentelemetry::proto::collector::profiles::v1development::ProfilesService;

constexpr char kServiceName[] =
    "opentelemetry.proto.collector.profiles.v1development.ProfilesService";
constexpr int kMaxMetadataBytes = 16 << 10;
constexpr int kHandshakeTimeoutMs = 5'000;

bool IsUnixSocket(const std::string& endpoint) {
  return endpoint.starts_with("unix:") || endpoint.starts_with("unix-abstract:");
}

absl::StatusOr<std::string> ListeningUri(const std::string& endpoint) {
  if (IsUnixSocket(endpoint)) return endpoint;
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(endpoint);
  if (!address.ok()) return address.status();
  if (address->host.empty()) return "[::]:" + address->port;
  if (address->host.find(':') != std::string::npos) {
    return "[" + address->host + "]:" + address->port;
  }
  return address->host + ":" + address->port;
}

void AddMillis(grpc::ServerBuilder* builder, const char* argument,
               std::chrono::milliseconds value) {
  if (value.count() <= 0) return;
  builder->AddChannelArgument(argument, static_cast<int>(std::min<int64_t>(
                                            value.count(), std::numeric_limits<int>::max())));
}

void ApplyOptions(const OtlpGrpcReceiverOptions& options, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(static_cast<int>(
      std::min<size_t>(options.max_request_bytes, std::numeric_limits<int>::max())));
  if (options.max_buffered_bytes > 0) {
    grpc::ResourceQuota quota("flameway");
    quota.Resize(options.max_buffered_bytes);
    builder->SetResourceQuota(quota);
  }
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder->AddChannelArgument("grpc.server_handshake_timeout_ms", kHandshakeTimeoutMs);
  AddMillis(builder, GRPC_ARG_MAX_CONNECTION_IDLE_MS, options.max_connection_idle);
  AddMillis(builder, GRPC_ARG_MAX_CONNECTION_AGE_MS, options.max_connection_age);
  AddMillis(builder, GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, options.max_connection_age_grace);
  AddMillis(builder, GRPC_ARG_KEEPALIVE_TIME_MS, options.keepalive_time);
  AddMillis(builder, GRPC_ARG_KEEPALIVE_TIMEOUT_MS, options.keepalive_timeout);
  AddMillis(builder, GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
            options.min_client_ping_interval);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS,
                              options.permit_pings_without_stream ? 1 : 0);
  // The library's inflate has no output limit: bytes are decoded behind the intake.
  builder->AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  // No magic tells deflate from plain bytes; the library then answers it UNIMPLEMENTED.
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  // Else a second gateway on the same port would silently take half of the connections.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Only reflection is served this way; two threads at most are spent on it.
  builder->SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder->SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder->SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 1);
}

grpc::ServerUnaryReactor* Refuse(grpc::CallbackServerContext* context, const grpc::Status& status) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

}  // namespace

class OtlpGrpcReceiver::Service final
    : public ProfilesService::WithRawCallbackMethod_Export<ProfilesService::Service> {
 public:
  explicit Service(Intake intake) : intake_(std::move(intake)) {}

  grpc::ServerUnaryReactor* Export(grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override {
    if (draining_.load(std::memory_order_relaxed)) {
      const StatusDetails error =
          ErrorOf({.kind = Answer::Kind::kUnavailable, .message = "shutting down; retry"});
      return Refuse(context, grpc::Status(grpc::StatusCode::UNAVAILABLE, error.message,
                                          EncodeStatusDetails(error)));
    }
    if (!request->Valid()) {
      return Refuse(context, grpc::Status(grpc::StatusCode::UNIMPLEMENTED,
                                          "Export takes exactly one message, none came"));
    }
    if (context->deadline() <= std::chrono::system_clock::now()) {
      return Refuse(context, grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED,
                                          "the deadline passed before the request was read"));
    }
    auto* const call = new ExportCall(response, &ack_unknown_);
    Arrival arrival;
    // Const by the signature only: the buffer is this call's own, and emptying it as it is copied
    // keeps one copy of the request instead of two.
    arrival.body = GatherBytes(const_cast<grpc::ByteBuffer*>(request));
    arrival.codec = SniffCodec(arrival.body);
    arrival.transport = Transport::kGrpc;
    // Requests of one peer come over one connection, nearly always; Unix sockets have no peer name
    // and count as one connection.
    arrival.connection = std::hash<std::string>()(context->peer());
    intake_(std::move(arrival), call->TakeAck());
    return call;
  }

  void Drain() { draining_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t ack_unknown() const { return ack_unknown_.value(); }

 private:
  const Intake intake_;
  Counter ack_unknown_;
  std::atomic<bool> draining_{false};
};

struct OtlpGrpcReceiver::Listener {
  explicit Listener(Intake intake) : service(std::move(intake)) {}

  Service service;                       // outlives the server
  std::unique_ptr<grpc::Server> server;  // null after Stop
  uint16_t port = 0;
};

absl::StatusOr<std::unique_ptr<OtlpGrpcReceiver>> OtlpGrpcReceiver::Create(
    OtlpGrpcReceiverOptions options, Intake intake) {
  const absl::StatusOr<std::string> uri = ListeningUri(options.endpoint);
  if (!uri.ok()) return uri.status();
  auto credentials = CreateGrpcServerCredentials(options.tls);
  if (!credentials.ok()) return credentials.status();

  // Both are switches of the process, read by each builder; setting them again changes nothing.
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  auto listener = std::make_unique<Listener>(std::move(intake));
  grpc::ServerBuilder builder;
  ApplyOptions(options, &builder);
  builder.RegisterService(&listener->service);
  int port = 0;
  builder.AddListeningPort(*uri, *std::move(credentials), &port);
  listener->server = builder.BuildAndStart();
  if (listener->server == nullptr || port == 0) {
    return absl::UnavailableError("cannot listen on " + options.endpoint +
                                  ": the address is in use or not of this machine");
  }
  if (!IsUnixSocket(*uri)) listener->port = static_cast<uint16_t>(port);
  auto receiver = std::unique_ptr<OtlpGrpcReceiver>(new OtlpGrpcReceiver(std::move(listener)));
  receiver->SetHealth(Health::kServing);
  return receiver;
}

OtlpGrpcReceiver::OtlpGrpcReceiver(std::unique_ptr<Listener> listener)
    : listener_(std::move(listener)) {}

OtlpGrpcReceiver::~OtlpGrpcReceiver() { Stop(std::chrono::steady_clock::now()); }

uint16_t OtlpGrpcReceiver::bound_port() const { return listener_->port; }

void OtlpGrpcReceiver::SetHealth(Health health) {
  if (listener_->server == nullptr) return;
  grpc::HealthCheckServiceInterface* const service = listener_->server->GetHealthCheckService();
  service->SetServingStatus(health == Health::kServing);
  service->SetServingStatus(kServiceName, health == Health::kServing);
}

void OtlpGrpcReceiver::Stop(std::chrono::steady_clock::time_point deadline) {
  if (listener_->server == nullptr) return;
  SetHealth(Health::kNotServing);
  listener_->service.Drain();
  // The library wants wall time, in which a far deadline would overflow.
  const auto left = std::min<std::chrono::steady_clock::duration>(
      deadline - std::chrono::steady_clock::now(), std::chrono::hours(24));
  listener_->server->Shutdown(std::chrono::system_clock::now() + left);
  listener_->server->Wait();
  listener_->server.reset();
}

uint64_t OtlpGrpcReceiver::ack_unknown() const { return listener_->service.ack_unknown(); }

}  // namespace flameway
