// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/h2_client.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace flameway {

H2Client::H2Client(H2ConnectionOptions options) : options_(std::move(options)) {}

H2Reply H2Client::Call(const H2Request& request, Deadline deadline) {
  if (connection_ != nullptr && !connection_->LooksAlive()) connection_.reset();
  while (true) {
    const bool kept = connection_ != nullptr;
    if (!kept) {
      auto opened = H2Connection::Open(options_, deadline);
      if (!opened.ok()) {
        H2Reply reply;
        reply.end = absl::IsDeadlineExceeded(opened.status()) ? H2Reply::End::kTimedOut
                    : absl::IsCancelled(opened.status())      ? H2Reply::End::kCancelled
                                                              : H2Reply::End::kUnconnected;
        reply.error = std::string(opened.status().message());
        return reply;
      }
      connection_ = *std::move(opened);
    }
    H2Reply reply = connection_->Exchange(request, deadline);
    if (!connection_->reusable()) connection_.reset();
    if (!kept || reply.end != H2Reply::End::kRefused) return reply;
    connection_.reset();
  }
}

}  // namespace flameway
