// SPDX-License-Identifier: Apache-2.0
#include "bridge/receive/grpc_log.h"

#include <grpc/support/log.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace flameway {
namespace {

using Sink = std::function<void(GrpcLogSeverity, std::string_view)>;

// The one global of this room: the library takes a bare function pointer.
struct Route {
  std::mutex mutex;
  std::shared_ptr<const Sink> sink;  // guarded by mutex; shared with the lines being written
};

Route& TheRoute() {
  static auto* const route = new Route;  // never destroyed: gRPC's threads may log until the end
  return *route;
}

GrpcLogSeverity SeverityOf(gpr_log_severity severity) {
  switch (severity) {
    case GPR_LOG_SEVERITY_DEBUG:
      return GrpcLogSeverity::kDebug;
    case GPR_LOG_SEVERITY_INFO:
      return GrpcLogSeverity::kInfo;
    case GPR_LOG_SEVERITY_ERROR:
      break;
  }
  return GrpcLogSeverity::kError;
}

void WriteLine(gpr_log_func_args* line) {
  const std::string_view text = line->message;
  if (text.find("Error parsing metadata") != std::string_view::npos &&
      text.find("grpc-encoding") != std::string_view::npos) {
    return;
  }
  std::shared_ptr<const Sink> sink;
  {
    Route& route = TheRoute();
    const std::lock_guard lock(route.mutex);
    sink = route.sink;
  }
  if (sink != nullptr && *sink) (*sink)(SeverityOf(line->severity), text);
}

}  // namespace

void RouteGrpcLogs(std::function<void(GrpcLogSeverity severity, std::string_view text)> sink) {
  auto shared = std::make_shared<const Sink>(std::move(sink));
  {
    Route& route = TheRoute();
    const std::lock_guard lock(route.mutex);
    route.sink.swap(shared);
  }
  gpr_set_log_function(WriteLine);
}

}  // namespace flameway
