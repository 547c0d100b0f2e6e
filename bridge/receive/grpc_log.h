// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace flameway {

enum class GrpcLogSeverity : uint8_t { kDebug, kInfo, kError };

// Sends what the gRPC library logs, to stderr otherwise, to `sink`; an empty sink drops it. For the
// whole process, so called by main; any time, calls under way may still reach the old sink. The
// sink is called from gRPC's threads, several at once. Lines about a grpc-encoding the library does
// not know are left out: it writes one per connection for each sender of zstd, which is welcome.
void RouteGrpcLogs(std::function<void(GrpcLogSeverity severity, std::string_view text)> sink);

}  // namespace flameway
