// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>

#include "bridge/observe/counter.h"
#include "bridge/receive/ack.h"

namespace flameway {

// One Export call between its request and its answer. It belongs to two: the library, until OnDone,
// and the ack; whoever lets go last deletes it. So a call can be cancelled (by the sender, its
// deadline or the end of a shutdown) without waiting for the ack, and an ack completed later finds
// an object that touches the library no more.
class ExportCall final : public grpc::ServerUnaryReactor {
 public:
  // `response` is the library's and lives until the call is finished; `ack_unknown` counts calls
  // that ended before their answer and must outlive the server.
  ExportCall(grpc::ByteBuffer* response, Counter* ack_unknown)
      : response_(response), ack_unknown_(ack_unknown) {}

  // To be taken exactly once.
  [[nodiscard]] Ack TakeAck();

  void OnDone() override { Release(); }
  void OnCancel() override;

 private:
  ~ExportCall() override = default;
  void Reply(const Answer& answer);
  void Release();

  grpc::ByteBuffer* const response_;
  Counter* const ack_unknown_;
  std::atomic<bool> finished_{false};  // who sets it calls Finish
  std::atomic<int> owners_{2};
};

}  // namespace flameway
