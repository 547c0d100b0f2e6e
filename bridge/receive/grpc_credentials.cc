// SPDX-License-Identifier: Apache-2.0
#include "bridge/receive/grpc_credentials.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "bridge/tls/pem.h"
#include "bridge/tls/tls_context.h"

namespace flameway {
namespace {

absl::Status FindUnsupported(const TlsServerOptions& tls) {
  const char* option = nullptr;
  if (!tls.min_version.empty() && tls.min_version != "1.2") option = "min_version other than 1.2";
  if (!tls.max_version.empty() && tls.max_version != "1.3") option = "max_version other than 1.3";
  if (!tls.cipher_suites.empty()) option = "cipher_suites";
  if (option == nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string("tls: the gRPC listener does not support ") +
                                    option + "; remove it");
}

std::shared_ptr<grpc::ServerCredentials> Fixed(const PemBundle& pem) {
  grpc::SslServerCredentialsOptions options(
      pem.authorities.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                              : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = pem.authorities;
  options.pem_key_cert_pairs.push_back({pem.private_key, pem.certificate_chain});
  return grpc::SslServerCredentials(options);
}

std::shared_ptr<grpc::ServerCredentials> Watched(const TlsServerOptions& tls) {
  namespace experimental = grpc::experimental;
  const auto interval = std::chrono::ceil<std::chrono::seconds>(tls.reload_interval).count();
  auto provider = std::make_shared<experimental::FileWatcherCertificateProvider>(
      tls.key_file, tls.cert_file, tls.client_ca_file, static_cast<unsigned>(interval));
  experimental::TlsServerCredentialsOptions options(provider);
  options.watch_identity_key_cert_pairs();
  if (!tls.client_ca_file.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return experimental::TlsServerCredentials(options);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> CreateGrpcServerCredentials(
    const std::optional<TlsServerOptions>& tls) {
  if (!tls) return grpc::InsecureServerCredentials();
  if (absl::Status status = FindUnsupported(*tls); !status.ok()) return status;
  const absl::StatusOr<PemBundle> pem = LoadPem(*tls);
  if (!pem.ok()) return pem.status();
  // The library reports a bad key or certificate as a port that cannot be bound; this says why.
  if (auto context = CreateTlsServerContext(*tls, *pem); !context.ok()) return context.status();
  const bool files_only = !tls->cert_file.empty() && !tls->key_file.empty();
  if (tls->reload_interval.count() > 0 && files_only) return Watched(*tls);
  return Fixed(*pem);
}

}  // namespace flameway
