// SPDX-License-Identifier: Apache-2.0
#include "bridge/tls/tls_reloader.h"

#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bridge/tls/tls_context.h"

namespace flameway {

TlsReloader::TlsReloader(Load load, Build build, std::chrono::milliseconds interval)
    : load_(std::move(load)), build_(std::move(build)), interval_(interval) {}

template <typename Options>
absl::StatusOr<std::unique_ptr<TlsReloader>> TlsReloader::CreateFor(const Options& options,
                                                                    Build build, Time now) {
  std::unique_ptr<TlsReloader> reloader(new TlsReloader([options] { return LoadPem(options); },
                                                        std::move(build), options.reload_interval));
  {
    const std::lock_guard lock(reloader->mutex_);
    if (absl::Status first = reloader->Reload(); !first.ok()) return first;
    reloader->next_look_ = now + reloader->interval_;
  }
  return reloader;
}

absl::StatusOr<std::unique_ptr<TlsReloader>> TlsReloader::Create(const TlsServerOptions& options,
                                                                 Time now) {
  return CreateFor(
      options, [options](const PemBundle& pem) { return CreateTlsServerContext(options, pem); },
      now);
}

absl::StatusOr<std::unique_ptr<TlsReloader>> TlsReloader::Create(const TlsClientOptions& options,
                                                                 Time now) {
  return CreateFor(
      options, [options](const PemBundle& pem) { return CreateTlsClientContext(options, pem); },
      now);
}

std::shared_ptr<SSL_CTX> TlsReloader::Current(Time now) {
  const std::lock_guard lock(mutex_);
  if (interval_.count() > 0 && now >= next_look_) {
    next_look_ = now + interval_;
    last_reload_ = Reload();
  }
  return context_;
}

absl::Status TlsReloader::LastReload() const {
  const std::lock_guard lock(mutex_);
  return last_reload_;
}

absl::Status TlsReloader::Reload() {
  absl::StatusOr<PemBundle> pem = load_();
  if (!pem.ok()) return pem.status();
  if (context_ != nullptr && *pem == in_use_) return absl::OkStatus();
  absl::StatusOr<std::shared_ptr<SSL_CTX>> made = build_(*pem);
  if (!made.ok()) return made.status();
  context_ = *std::move(made);
  in_use_ = *std::move(pem);
  return absl::OkStatus();
}

}  // namespace flameway
