// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bridge/flow/clock.h"
#include "bridge/flow/engine.h"
#include "bridge/flow/gateway_options.h"
#include "bridge/flow/health.h"
#include "bridge/flow/page_server.h"
#include "bridge/observe/log.h"
#include "bridge/observe/registry.h"
#include "bridge/receive/otlp_grpc.h"
#include "bridge/receive/otlp_http.h"

namespace flameway {

// The whole process but configuration and signals: engine, listeners, and the pages about itself.
//
// Life: Create, Start, Stop. Started in the order pages (health: 503), exporters, shards, receivers
// (health: 200); stopped in the order of the data: health 503, receivers, shards, queues,
// exporters, pages. One thread calls these.
class Gateway {
 public:
  // `log` is borrowed.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Gateway>> Create(GatewayOptions options,
                                                                       Log& log);
  // Stops at once if Stop was not called.
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // On an error the gateway is good for destruction only.
  [[nodiscard]] absl::Status Start();
  // Within GatewayOptions::drain_deadline; what is not delivered then is dropped and counted.
  void Stop();

  // 0 for what is not served.
  [[nodiscard]] uint16_t grpc_port(size_t receiver) const;
  [[nodiscard]] uint16_t http_port(size_t receiver) const;
  [[nodiscard]] uint16_t health_port() const {
    return health_page_ ? health_page_->bound_port() : 0;
  }
  [[nodiscard]] uint16_t metrics_port() const {
    return metrics_page_ ? metrics_page_->bound_port() : 0;
  }
  [[nodiscard]] std::string PrometheusText() const { return registry_.PrometheusText(); }

 private:
  struct Listeners {
    std::unique_ptr<OtlpGrpcReceiver> grpc;
    std::unique_ptr<OtlpHttpReceiver> http;
  };

  Gateway(GatewayOptions options, Log& log);
  [[nodiscard]] absl::Status StartPages();
  [[nodiscard]] absl::Status Listen(size_t receiver);
  [[nodiscard]] HttpResponse HealthPage() const;
  void StopBy(TimePoint deadline);

  const GatewayOptions options_;
  Log& log_;
  const SteadyClock clock_;
  Registry registry_;
  Health health_;
  std::unique_ptr<Engine> engine_;
  std::vector<Listeners> listeners_;
  std::unique_ptr<PageServer> health_page_;
  std::unique_ptr<PageServer> metrics_page_;
  bool running_ = false;
};

}  // namespace flameway
