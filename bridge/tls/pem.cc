// SPDX-License-Identifier: Apache-2.0
#include "bridge/tls/pem.h"

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace flameway {
namespace {

// Debian's bundle of all authorities is 0.2 MiB; more than this is a wrong path.
constexpr size_t kMaxPemBytes = size_t{4} << 20;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

absl::Status Wrong(std::string_view option, const std::string& path, const std::string& reason) {
  return absl::InvalidArgumentError("tls: " + std::string(option) + " \"" + path + "\": " + reason);
}

absl::StatusOr<std::string> ReadText(std::string_view option, const std::string& path) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return Wrong(option, path, std::strerror(errno));
  std::string text;
  char piece[4096];
  while (const size_t got = std::fread(piece, 1, sizeof(piece), file.get())) {
    text.append(piece, got);
    if (text.size() > kMaxPemBytes) return Wrong(option, path, "too large for a PEM file");
  }
  if (std::ferror(file.get()) != 0) return Wrong(option, path, std::strerror(errno));
  if (text.empty()) return Wrong(option, path, "the file is empty");
  return text;
}

// One of <name>_file and <name>_pem, or neither.
absl::StatusOr<std::string> Text(const std::string& name, const std::string& path,
                                 const std::string& pem) {
  if (!path.empty() && !pem.empty()) {
    return absl::InvalidArgumentError("tls: " + name + "_file and " + name +
                                      "_pem exclude each other; remove one");
  }
  return path.empty() ? absl::StatusOr<std::string>(pem) : ReadText(name + "_file", path);
}

absl::Status LoadOwn(const TlsOptions& options, PemBundle* bundle) {
  absl::StatusOr<std::string> chain = Text("cert", options.cert_file, options.cert_pem);
  if (!chain.ok()) return chain.status();
  absl::StatusOr<std::string> key = Text("key", options.key_file, options.key_pem);
  if (!key.ok()) return key.status();
  if (chain->empty() != key->empty()) {
    return absl::InvalidArgumentError(
        chain->empty() ? "tls: key_file or key_pem is set, but neither cert_file nor cert_pem"
                       : "tls: cert_file or cert_pem is set, but neither key_file nor key_pem");
  }
  bundle->certificate_chain = *std::move(chain);
  bundle->private_key = *std::move(key);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PemBundle> LoadPem(const TlsServerOptions& options) {
  PemBundle bundle;
  if (absl::Status own = LoadOwn(options, &bundle); !own.ok()) return own;
  if (bundle.certificate_chain.empty()) {
    return absl::InvalidArgumentError("tls: a server needs cert_file and key_file");
  }
  if (!options.client_ca_file.empty()) {
    absl::StatusOr<std::string> clients = ReadText("client_ca_file", options.client_ca_file);
    if (!clients.ok()) return clients.status();
    bundle.authorities = *std::move(clients);
  }
  return bundle;
}

absl::StatusOr<PemBundle> LoadPem(const TlsClientOptions& options) {
  PemBundle bundle;
  if (absl::Status own = LoadOwn(options, &bundle); !own.ok()) return own;
  absl::StatusOr<std::string> authorities = Text("ca", options.ca_file, options.ca_pem);
  if (!authorities.ok()) return authorities.status();
  bundle.authorities = *std::move(authorities);
  return bundle;
}

}  // namespace flameway
