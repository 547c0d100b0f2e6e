// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/receiver_grammar.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/config/endpoint_text.h"
#include "bridge/config/tls_grammar.h"
#include "fmt/format.h"

namespace flameway {
namespace {

constexpr Dialect kDialects[] = {Dialect::kV1_8, Dialect::kV1_9, Dialect::kV1_10};

std::optional<Dialect> ParseDialect(std::string_view name) {
  for (const Dialect dialect : kDialects) {
    if (DialectName(dialect) == name) return dialect;
  }
  return std::nullopt;
}

// Keys of the Collector's configgrpc and confighttp servers that we share as not (yet) having.
void DescribeForeignServerKeys(Section& section) {
  section.Unsupported("auth", "check senders by mTLS (`tls.client_ca_file`) meanwhile");
  section.Unsupported("middlewares", "");
  section.Ignored("include_metadata", "no component reads the senders' metadata");
  section.Ignored("read_buffer_size", "");
  section.Ignored("write_buffer_size", "");
}

void DescribeKeepalive(Section& section, OtlpGrpcReceiverOptions& grpc) {
  section.Always("server_parameters", [&](Section& server) {
    server.Duration("max_connection_idle", grpc.max_connection_idle);
    server.Duration("max_connection_age", grpc.max_connection_age);
    server.Duration("max_connection_age_grace", grpc.max_connection_age_grace);
    server.Duration("time", grpc.keepalive_time);
    server.Duration("timeout", grpc.keepalive_timeout);
  });
  section.Always("enforcement_policy", [&](Section& policy) {
    policy.Duration("min_time", grpc.min_client_ping_interval);
    policy.Bool("permit_without_stream", grpc.permit_pings_without_stream);
  });
}

void DescribeGrpc(Section& section, OtlpGrpcReceiverOptions& grpc) {
  enum class Transport : uint8_t { kTcp, kUnix };
  static constexpr Section::Choice<Transport> kTransports[] = {{Transport::kTcp, "tcp"},
                                                               {Transport::kUnix, "unix"}};
  constexpr std::string_view kUnixPrefix = "unix:";
  // Outside of this grammar a unix socket is an endpoint with a prefix.
  Transport transport = grpc.endpoint.starts_with(kUnixPrefix) ? Transport::kUnix : Transport::kTcp;
  std::string endpoint = grpc.endpoint.substr(transport == Transport::kUnix ? 5 : 0);
  section.Text("endpoint", endpoint);
  section.Enum("transport", transport, kTransports);
  if (transport == Transport::kUnix && !endpoint.starts_with(kUnixPrefix)) {
    endpoint = std::string(kUnixPrefix) + endpoint;
  }
  grpc.endpoint = endpoint;
  CheckListenEndpoint(section, "endpoint", grpc.endpoint);

  size_t mib = grpc.max_request_bytes >> 20;
  section.Integer("max_recv_msg_size_mib", mib, 0, 2047);  // gRPC counts bytes in an int
  if (mib != 0) grpc.max_request_bytes = mib << 20;
  int streams = grpc.max_concurrent_streams;
  section.Integer("max_concurrent_streams", streams);
  if (streams != 0) grpc.max_concurrent_streams = streams;
  section.Always("keepalive", [&](Section& child) { DescribeKeepalive(child, grpc); });
  section.Optional("tls", grpc.tls, DescribeTlsServer);
  DescribeForeignServerKeys(section);
}

void DescribeHttp(Section& section, OtlpHttpReceiverOptions& http) {
  section.Text("endpoint", http.endpoint);
  CheckListenEndpoint(section, "endpoint", http.endpoint);
  section.TextList("paths", http.paths);
  if (http.paths.empty()) {
    section.Report("paths", DiagnosticCode::kBadValue, "`paths` needs at least one path");
  }
  for (const std::string& path : http.paths) {
    if (path.starts_with('/')) continue;
    section.Report("paths", DiagnosticCode::kBadValue,
                   fmt::format("`{}` in `paths` does not start with a slash", path));
  }
  size_t max_body = http.max_request_bytes;
  section.Bytes("max_request_body_size", max_body);
  if (max_body != 0) http.max_request_bytes = max_body;
  section.Bytes("max_header_bytes", http.max_header_bytes, 1024);
  section.Integer("max_connections", http.max_connections, 1);

  // 0 is "no limit" in the Collector; a server without these limits can be held by slow senders, so
  // 0 keeps ours.
  const auto timeout = [&section](std::string_view key, std::chrono::milliseconds& value) {
    std::chrono::milliseconds read = value;
    section.Duration(key, read);
    if (read.count() != 0) value = read;
  };
  timeout("read_header_timeout", http.header_timeout);
  timeout("read_timeout", http.body_timeout);
  timeout("idle_timeout", http.idle_timeout);
  section.Ignored("write_timeout", "answers are a few bytes");
  section.Optional("tls", http.tls, DescribeTlsServer);
  section.Ignored("compression_algorithms", "none, gzip and zstd are always taken, no others");
  section.Ignored("cors", "browsers send no profiles; no CORS headers are written");
  section.Ignored("response_headers", "answers carry the headers of OTLP only");
  section.Ignored("keep_alives_enabled", "connections are kept alive");
  section.Ignored("traces_url_path", "");
  section.Ignored("metrics_url_path", "");
  section.Ignored("logs_url_path", "");
  DescribeForeignServerKeys(section);
}

void DescribeSchema(Section& section, SchemaPolicy& schema) {
  std::vector<std::string> accept;
  for (const Dialect dialect : schema.accept) accept.emplace_back(DialectName(dialect));
  section.TextList("accept", accept);
  std::vector<Dialect> dialects;
  for (const std::string& name : accept) {
    if (const std::optional<Dialect> dialect = ParseDialect(name)) {
      if (std::find(dialects.begin(), dialects.end(), *dialect) == dialects.end()) {
        dialects.push_back(*dialect);
      }
    } else {
      section.Report("accept", DiagnosticCode::kBadValue,
                     fmt::format("`{}` is no schema; known are 1.8, 1.9 and 1.10", name));
    }
  }
  if (accept.empty()) {
    section.Report("accept", DiagnosticCode::kBadValue, "`accept` needs at least one schema");
  }
  std::sort(dialects.begin(), dialects.end());
  schema.accept = dialects;

  // Unset stands before all dialects here.
  static constexpr Section::Choice<int> kAssumed[] = {{-1, "auto"},
                                                      {static_cast<int>(Dialect::kV1_8), "1.8"},
                                                      {static_cast<int>(Dialect::kV1_9), "1.9"},
                                                      {static_cast<int>(Dialect::kV1_10), "1.10"}};
  int assume = schema.assume ? static_cast<int>(*schema.assume) : -1;
  section.Enum("assume", assume, kAssumed);
  schema.assume.reset();
  if (assume < 0) return;
  schema.assume = static_cast<Dialect>(assume);
  if (std::find(dialects.begin(), dialects.end(), *schema.assume) == dialects.end()) {
    section.Report(
        "assume", DiagnosticCode::kConflict,
        fmt::format("`assume` names {}, which `accept` refuses", DialectName(*schema.assume)));
  }
}

}  // namespace

void CheckListenEndpoint(Section& section, std::string_view key, const std::string& endpoint) {
  const std::optional<EndpointText> parsed = SplitEndpoint(endpoint);
  const bool tcp = parsed && parsed->scheme.empty() && parsed->has_port;
  if (tcp || (parsed && parsed->scheme == "unix")) return;
  section.Report(key, DiagnosticCode::kBadValue,
                 fmt::format("`{}` needs host:port to listen on", key),
                 "such as localhost:4317, 0.0.0.0:4317 or [::]:4317");
}

void DescribeOtlpReceiver(Section& section, ReceiverConfig& receiver) {
  section.Always("protocols", [&](Section& protocols) {
    protocols.Optional("grpc", receiver.grpc, DescribeGrpc);
    protocols.Optional("http", receiver.http, DescribeHttp);
  });
  section.Always("schema", [&](Section& schema) { DescribeSchema(schema, receiver.schema); });
  if (!receiver.grpc && !receiver.http) {
    section.Report("protocols", DiagnosticCode::kMissing,
                   "an otlp receiver needs `protocols` with `grpc`, `http` or both",
                   "`grpc:` alone is enough");
  }
}

}  // namespace flameway
