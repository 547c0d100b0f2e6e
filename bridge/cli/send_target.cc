// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/send_target.h"

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "bridge/cli/command_flags.h"
#include "bridge/cli/file_limits.h"
#include "bridge/config/core_schema.h"
#include "bridge/export/otlp_grpc.h"
#include "bridge/export/otlp_http.h"
#include "fmt/format.h"

namespace flameway {
namespace {

constexpr std::chrono::milliseconds kDefaultTimeout{10'000};
constexpr std::string_view kDefaultHttpPath = "/v1development/profiles";

struct Variable {
  std::string name;
  std::string value;
};

std::optional<Variable> Lookup(const Console& console, std::string_view suffix) {
  for (const std::string_view prefix : {"OTEL_EXPORTER_OTLP_PROFILES_", "OTEL_EXPORTER_OTLP_"}) {
    std::string name = fmt::format("{}{}", prefix, suffix);
    std::optional<std::string> value = console.Env(name);
    if (value.has_value() && !value->empty()) {
      return Variable{std::move(name), *std::move(value)};
    }
  }
  return std::nullopt;
}

absl::Status Wrong(const Variable& variable, std::string_view expected) {
  return absl::InvalidArgumentError(
      fmt::format("{}={}: expected {}", variable.name, variable.value, expected));
}

// "%2C" and so on, as W3C baggage writes values. What is no escape stays.
std::string Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const char* const end = text.data() + i + 3;
      if (std::from_chars(text.data() + i + 1, end, code, 16).ptr == end) {
        plain.push_back(static_cast<char>(code));
        i += 2;
        continue;
      }
    }
    plain.push_back(text[i]);
  }
  return plain;
}

std::string_view Trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// "a=1,b=2"
std::vector<std::string> SplitHeaders(std::string_view list) {
  std::vector<std::string> headers;
  while (!list.empty()) {
    const size_t comma = list.find(',');
    const std::string_view header = Trim(list.substr(0, comma));
    if (!header.empty()) headers.push_back(Unescape(header));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return headers;
}

bool HasScheme(std::string_view endpoint) {
  return endpoint.find("://") != std::string_view::npos || endpoint.starts_with("unix:");
}

bool IsLoopback(std::string_view endpoint) {
  for (const std::string_view host : {"localhost", "127.", "[::1]"}) {
    if (endpoint.starts_with(host)) return true;
  }
  return false;
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParseHeaders(
    const std::vector<std::string>& headers) {
  std::vector<std::pair<std::string, std::string>> parsed;
  for (const std::string& header : headers) {
    const size_t equals = header.find('=');
    if (equals == std::string::npos || equals == 0) {
      return absl::InvalidArgumentError(fmt::format("header {}: expected KEY=VALUE", header));
    }
    parsed.emplace_back(std::string(Trim(std::string_view(header).substr(0, equals))),
                        std::string(Trim(std::string_view(header).substr(equals + 1))));
  }
  return parsed;
}

// The profiles URL for an endpoint; `path` goes where the URL has none, or only a "/".
std::string HttpUrl(const std::string& endpoint, std::string_view path, bool insecure) {
  std::string url = endpoint;
  if (!HasScheme(url)) {
    url = fmt::format("{}://{}", insecure || IsLoopback(url) ? "http" : "https", url);
  }
  const size_t authority = url.find("://") + 3;
  const size_t slash = url.find('/', authority);
  if (slash == std::string::npos) return url + std::string(path);
  if (slash + 1 == url.size()) return url.substr(0, slash) + std::string(path);
  return url;
}

}  // namespace

void SendTarget::Declare(CLI::App& app) {
  app.add_option("--otlp-endpoint", endpoint,
                 "URL or host:port (localhost:4317, with HTTP localhost:4318)")
      ->type_name("ENDPOINT");
  AddChoiceOption<std::optional<Protocol>, Protocol>(
      app, "--protocol", &protocol,
      {{"grpc", Protocol::kGrpc}, {"http", Protocol::kHttp}, {"http/protobuf", Protocol::kHttp}},
      "grpc (default) or http")
      ->type_name("PROTOCOL");
  app.add_flag_callback(
      "--otlp-http", [this] { protocol = Protocol::kHttp; }, "the same as --protocol http");
  app.add_option("--otlp-http-url-path", http_path,
                 "path where the URL has none (/v1development/profiles)")
      ->type_name("PATH");
  AddChoiceOption<std::optional<Codec>, Codec>(app, "--compression", &codec,
                                               {{"none", Codec::kNone},
                                                {"gzip", Codec::kGzip},
                                                {"zstd", Codec::kZstd},
                                                {"snappy", Codec::kSnappy}},
                                               "none (default), gzip, zstd or snappy")
      ->type_name("CODEC");
  app.add_option("--header,--otlp-header", headers, "KEY=VALUE; repeatable")
      ->type_size(1)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("HEADER");
  AddDurationOption(app, "--timeout", &timeout, "for one attempt (10s)");
  app.add_flag("--otlp-insecure", tls.insecure, "clear text instead of TLS");
  app.add_flag("--insecure-skip-verify", tls.insecure_skip_verify, "TLS without checking the peer");
  app.add_option("--ca-cert", tls.ca_file, "whom to trust, PEM")->type_name("FILE");
  app.add_option("--client-cert", tls.cert_file, "own certificate, PEM")->type_name("FILE");
  app.add_option("--client-key", tls.key_file, "own key, PEM")->type_name("FILE");
  app.add_option("--server-name", tls.server_name_override,
                 "name to verify instead of the endpoint's")
      ->type_name("NAME");
}

absl::Status SendTarget::FillFrom(const Console& console) {
  if (!protocol.has_value()) {
    protocol = Protocol::kGrpc;
    if (const auto variable = Lookup(console, "PROTOCOL")) {
      if (variable->value == "http/protobuf") {
        protocol = Protocol::kHttp;
      } else if (variable->value != "grpc") {
        return Wrong(*variable, "grpc or http/protobuf");
      }
    }
  }
  const bool is_http = *protocol == Protocol::kHttp;
  if (endpoint.empty()) {
    endpoint = is_http ? "http://localhost:4318" : "http://localhost:4317";
    if (const auto variable = Lookup(console, "ENDPOINT")) {
      endpoint = variable->value;
      // The general variable is a base for all signals, whatever its path; the other one is the
      // whole URL.
      if (is_http && variable->name == "OTEL_EXPORTER_OTLP_ENDPOINT") {
        while (endpoint.ends_with('/')) endpoint.pop_back();
        endpoint += http_path.empty() ? kDefaultHttpPath : std::string_view(http_path);
      }
    }
  }
  if (http_path.empty()) http_path = kDefaultHttpPath;
  if (!codec.has_value()) {
    codec = Codec::kNone;
    if (const auto variable = Lookup(console, "COMPRESSION")) {
      codec = ParseCodec(variable->value);
      if (!codec.has_value()) return Wrong(*variable, "none, gzip, zstd or snappy");
    }
  }
  if (!timeout.has_value()) {
    timeout = kDefaultTimeout;
    if (const auto variable = Lookup(console, "TIMEOUT")) {
      const std::optional<int64_t> milliseconds = ParseCoreInt(variable->value);
      if (!milliseconds.has_value() || *milliseconds < 0) return Wrong(*variable, "milliseconds");
      timeout = std::chrono::milliseconds(*milliseconds);
    }
  }
  if (headers.empty()) {
    if (const auto variable = Lookup(console, "HEADERS")) headers = SplitHeaders(variable->value);
  }
  const std::array<std::pair<std::string_view, std::string*>, 3> files = {
      {{"CERTIFICATE", &tls.ca_file},
       {"CLIENT_CERTIFICATE", &tls.cert_file},
       {"CLIENT_KEY", &tls.key_file}}};
  for (const auto& [suffix, file] : files) {
    if (!file->empty()) continue;
    if (const auto variable = Lookup(console, suffix)) *file = variable->value;
  }
  if (!tls.insecure) {
    const auto variable = Lookup(console, "INSECURE");
    tls.insecure = variable.has_value() ? variable->value == "true"
                                        : !HasScheme(endpoint) && IsLoopback(endpoint);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Exporter>> SendTarget::MakeExporter() const {
  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> parsed = ParseHeaders(headers);
  if (!parsed.ok()) return parsed.status();
  // What is sent is what the file holds; whether it is too large is for the peer to say.
  const WireForm form{.codec = *codec, .max_request_bytes = kLargestMessageBytes};
  if (*protocol == Protocol::kHttp) {
    OtlpHttpExporterOptions options;
    options.profiles_endpoint = HttpUrl(endpoint, http_path, tls.insecure);
    options.timeout = *timeout;
    options.headers = *std::move(parsed);
    options.tls = tls;
    options.wire_form = form;
    return CreateOtlpHttpExporter(options);
  }
  OtlpGrpcExporterOptions options;
  options.endpoint = endpoint;
  options.timeout = *timeout;
  options.headers = *std::move(parsed);
  options.tls = tls;
  options.wire_form = form;
  return CreateOtlpGrpcExporter(options);
}

}  // namespace flameway
