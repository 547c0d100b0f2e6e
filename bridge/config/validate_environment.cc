// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/validate_environment.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include "bridge/config/endpoint_text.h"
#include "fmt/format.h"

namespace flameway {
namespace {

class EnvironmentCheck {
 public:
  void ReadableFile(const std::string& path, const std::string& key) {
    if (path.empty()) return;
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
      return Add(DiagnosticCode::kFileMissing, key, fmt::format("{} is a folder", path));
    }
    if (access(path.c_str(), R_OK) == 0) return;
    Add(DiagnosticCode::kFileMissing, key, fmt::format("cannot read {}: {}", path, Reason()));
  }

  void WritableFolder(const std::filesystem::path& wanted, const std::string& key) {
    const std::filesystem::path folder = wanted.empty() ? "." : wanted;
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error)) {
      return Add(DiagnosticCode::kNotWritable, key,
                 fmt::format("{} is no folder", folder.string()));
    }
    if (access(folder.c_str(), W_OK | X_OK) == 0) return;
    Add(DiagnosticCode::kNotWritable, key,
        fmt::format("cannot write to {}: {}", folder.string(), Reason()));
  }

  // A folder that is made at the start, with all above it, below the nearest one there is.
  void OutputFolder(std::filesystem::path folder, const std::string& key) {
    std::error_code error;
    while (!folder.empty() && folder.has_relative_path() &&
           !std::filesystem::exists(std::filesystem::symlink_status(folder, error))) {
      folder = folder.parent_path();
    }
    WritableFolder(folder, key);
  }

  void OutputFile(const std::string& path, const std::string& key) {
    if (path == "-") return;  // standard output
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
      return Add(DiagnosticCode::kNotWritable, key, fmt::format("{} is a folder", path));
    }
    if (std::filesystem::exists(path, error) && access(path.c_str(), W_OK) != 0) {
      return Add(DiagnosticCode::kNotWritable, key,
                 fmt::format("cannot write {}: {}", path, Reason()));
    }
    OutputFolder(std::filesystem::path(path).parent_path(), key);
  }

  // A listener's address must be this machine's business: a literal address, a name, or a socket in
  // a folder that takes one. Names are not resolved.
  void Listener(const std::string& endpoint, const std::string& key) {
    const std::optional<EndpointText> parsed = SplitEndpoint(endpoint);
    if (!parsed) return Add(DiagnosticCode::kBadEndpoint, key, "is no endpoint to listen on");
    if (parsed->scheme == "unix") {
      constexpr size_t kSocketPathBytes = 107;  // sun_path
      if (parsed->path.size() > kSocketPathBytes) {
        return Add(DiagnosticCode::kBadEndpoint, key,
                   fmt::format("the path of a unix socket has at most {} bytes", kSocketPathBytes));
      }
      if (parsed->path[0] == '@') return;  // no file: Linux's abstract name space
      return WritableFolder(std::filesystem::path(parsed->path).parent_path(), key);
    }
    std::array<unsigned char, 16> address;
    const bool dotted = parsed->host.find_first_not_of("0123456789.") == std::string::npos;
    if (!parsed->host.empty() && dotted &&
        inet_pton(AF_INET, parsed->host.c_str(), address.data()) != 1) {
      Add(DiagnosticCode::kBadEndpoint, key, fmt::format("{} is no IPv4 address", parsed->host));
    }
    constexpr uint16_t kFirstFreePort = 1'024;
    if (parsed->port != 0 && parsed->port < kFirstFreePort && geteuid() != 0) {
      Add(DiagnosticCode::kBadEndpoint, key,
          fmt::format("port {} may need the right to bind ports below 1024", parsed->port));
    }
  }

  void Tls(const TlsOptions& tls, const std::string& key) {
    ReadableFile(tls.ca_file, key + ".tls.ca_file");
    ReadableFile(tls.cert_file, key + ".tls.cert_file");
    ReadableFile(tls.key_file, key + ".tls.key_file");
  }

  std::vector<Diagnostic> Take() { return std::move(diagnostics_); }

 private:
  static std::string Reason() { return std::strerror(errno); }
  void Add(DiagnosticCode code, const std::string& key, std::string message) {
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.message = fmt::format("{}: {}", key, std::move(message));
    diagnostics_.push_back(std::move(diagnostic));
  }

  std::vector<Diagnostic> diagnostics_;
};

void CheckExporter(const ExporterConfig& exporter, EnvironmentCheck& check) {
  const std::string key = "exporters." + exporter.id;
  if (const auto* grpc = std::get_if<OtlpGrpcExporterOptions>(&exporter.options)) {
    check.Tls(grpc->tls, key);
  } else if (const auto* http = std::get_if<OtlpHttpExporterOptions>(&exporter.options)) {
    check.Tls(http->tls, key);
  } else if (const auto* file = std::get_if<FileExporterOptions>(&exporter.options)) {
    if (file->layout == FileExporterOptions::Layout::kOneRequestPerFile) {
      check.OutputFolder(file->path, key + ".path");
    } else {
      check.OutputFile(file->path, key + ".path");
    }
  }
}

}  // namespace

std::vector<Diagnostic> ValidateEnvironment(const GatewayConfig& config) {
  EnvironmentCheck check;
  for (const ReceiverConfig& receiver : config.receivers) {
    const std::string key = "receivers." + receiver.id + ".protocols.";
    if (receiver.grpc) {
      check.Listener(receiver.grpc->endpoint, key + "grpc.endpoint");
      if (receiver.grpc->tls) {
        check.Tls(*receiver.grpc->tls, key + "grpc");
        check.ReadableFile(receiver.grpc->tls->client_ca_file, key + "grpc.tls.client_ca_file");
      }
    }
    if (receiver.http) {
      check.Listener(receiver.http->endpoint, key + "http.endpoint");
      if (receiver.http->tls) {
        check.Tls(*receiver.http->tls, key + "http");
        check.ReadableFile(receiver.http->tls->client_ca_file, key + "http.tls.client_ca_file");
      }
    }
  }
  for (const ExporterConfig& exporter : config.exporters) CheckExporter(exporter, check);
  if (config.health_check) {
    check.Listener(config.health_check->endpoint, "extensions.health_check.endpoint");
  }
  return check.Take();
}

}  // namespace flameway
