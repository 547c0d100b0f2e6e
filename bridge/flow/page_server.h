// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "bridge/flow/clock.h"
#include "bridge/flow/gateway_options.h"
#include "bridge/http/http_message.h"
#include "bridge/http/http_server.h"

namespace flameway {

// Serves one page the gateway writes about itself, by GET and HEAD, on a listener of its own:
// read-only, a few connections, small requests, so that it neither disturbs traffic nor is
// disturbed by it.
class PageServer {
 public:
  // `page` writes the response; called from the server's thread.
  using Page = std::function<HttpResponse()>;

  // Binds and serves.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<PageServer>> Create(const EndpointSpec& spec,
                                                                          Page page);
  [[nodiscard]] uint16_t bound_port() const { return server_->bound_port(); }
  void Stop(TimePoint deadline) { server_->Stop(deadline); }

 private:
  explicit PageServer(std::unique_ptr<HttpServer> server) : server_(std::move(server)) {}

  const std::unique_ptr<HttpServer> server_;
};

}  // namespace flameway
