// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/byte_buffer.h>

#include <future>
#include <memory>
#include <string>

#include "google/rpc/status.pb.h"

namespace flameway {

// The gRPC library as a client that sends bytes instead of messages.
class GrpcPeer {
 public:
  struct Reply {
    grpc::Status status;
    std::string bytes;
    // What grpc-status-details-bin holds.
    [[nodiscard]] google::rpc::Status Details() const;
  };
  // A call under way. Must not be destroyed before its reply has come.
  struct Call {
    grpc::ClientContext context;
    grpc::ByteBuffer request, response;
    std::promise<Reply> replied;
    // Ends the test's wait after ten seconds with a status of its own, UNKNOWN.
    Reply Wait();
    std::future<Reply> reply = replied.get_future();
  };

  // "localhost:port" or "unix:path".
  explicit GrpcPeer(const std::string& target,
                    const std::shared_ptr<grpc::ChannelCredentials>& credentials =
                        grpc::InsecureChannelCredentials());

  [[nodiscard]] Reply Export(const std::string& bytes);
  // `call` may have a deadline, metadata or compression set.
  void StartExport(const std::string& bytes, Call* call);
  Reply CallMethod(const std::string& method, const std::string& bytes);

  [[nodiscard]] const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  void Start(const std::string& method, const std::string& bytes, Call* call);

  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
};

}  // namespace flameway
