// SPDX-License-Identifier: Apache-2.0
#include "bridge/receive/export_call.h"

#include <grpcpp/support/slice.h>
#include <grpcpp/support/status.h>

#include <string>

#include "bridge/receive/answer_mapping.h"

namespace flameway {

Ack ExportCall::TakeAck() {
  return Ack([this](const Answer& answer) {
    Reply(answer);
    Release();
  });
}

void ExportCall::OnCancel() {
  if (finished_.exchange(true)) return;
  ack_unknown_->Add();
  Finish(grpc::Status::CANCELLED);
}

void ExportCall::Reply(const Answer& answer) {
  if (finished_.exchange(true)) return;
  if (answer.kind != Answer::Kind::kAccepted) {
    const StatusDetails error = ErrorOf(answer);
    Finish(grpc::Status(static_cast<grpc::StatusCode>(error.code), error.message,
                        EncodeStatusDetails(error)));
    return;
  }
  const grpc::Slice bytes(EncodeExportResponse(answer));
  *response_ = grpc::ByteBuffer(&bytes, 1);
  Finish(grpc::Status::OK);
}

void ExportCall::Release() {
  if (owners_.fetch_sub(1) == 1) delete this;
}

}  // namespace flameway
