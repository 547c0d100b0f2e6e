// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/receive/grpc_peer.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/slice.h>

#include <chrono>
#include <utility>
#include <vector>

namespace flameway {
namespace {

constexpr char kExport[] =
    "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export";

std::shared_ptr<grpc::Channel> Connect(
    const std::string& target, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  // Else tests that connect to equal addresses would share a connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(target, credentials, arguments);
}

std::string Joined(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace

google::rpc::Status GrpcPeer::Reply::Details() const {
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  return details;
}

GrpcPeer::Reply GrpcPeer::Call::Wait() {
  if (reply.wait_for(std::chrono::seconds(10)) != std::future_status::ready) {
    context.TryCancel();
    reply.wait();
    return {.status = grpc::Status(grpc::StatusCode::UNKNOWN, "no reply within ten seconds")};
  }
  return reply.get();
}

GrpcPeer::GrpcPeer(const std::string& target,
                   const std::shared_ptr<grpc::ChannelCredentials>& credentials)
    : channel_(Connect(target, credentials)), stub_(channel_) {}

GrpcPeer::Reply GrpcPeer::Export(const std::string& bytes) { return CallMethod(kExport, bytes); }

void GrpcPeer::StartExport(const std::string& bytes, Call* call) { Start(kExport, bytes, call); }

GrpcPeer::Reply GrpcPeer::CallMethod(const std::string& method, const std::string& bytes) {
  Call call;
  Start(method, bytes, &call);
  return call.Wait();
}

void GrpcPeer::Start(const std::string& method, const std::string& bytes, Call* call) {
  const grpc::Slice slice(bytes);
  call->request = grpc::ByteBuffer(&slice, 1);
  stub_.UnaryCall(
      &call->context, method, grpc::StubOptions(), &call->request, &call->response,
      [call](grpc::Status status) {
        call->replied.set_value({.status = std::move(status), .bytes = Joined(call->response)});
      });
}

}  // namespace flameway
