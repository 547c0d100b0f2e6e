// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bridge/tls/pem.h"
#include "bridge/tls/tls_options.h"

namespace flameway {

// A TLS context that follows its files. Has no thread: whoever asks for the context after
// reload_interval re-reads the files (some KB, under the lock) and, if any text changed, makes a
// new context. Text is compared, not times: volumes that swap links keep odd ones. While the files
// are bad (half replaced, key of another certificate) the last good context stays in use.
// reload_interval 0 never looks again. Any thread; the clock is the caller's.
class TlsReloader {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // The first context must be good, or there is nothing to keep.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<TlsReloader>> Create(
      const TlsServerOptions& options, Time now);
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<TlsReloader>> Create(
      const TlsClientOptions& options, Time now);

  // Never null.
  [[nodiscard]] std::shared_ptr<SSL_CTX> Current(Time now);

  // How the last look at the files ended; an error means that an older context is in use.
  [[nodiscard]] absl::Status LastReload() const;

 private:
  using Load = std::function<absl::StatusOr<PemBundle>()>;
  using Build = std::function<absl::StatusOr<std::shared_ptr<SSL_CTX>>(const PemBundle&)>;

  TlsReloader(Load load, Build build, std::chrono::milliseconds interval);
  template <typename Options>
  static absl::StatusOr<std::unique_ptr<TlsReloader>> CreateFor(const Options& options, Build build,
                                                                Time now);
  absl::Status Reload();  // with mutex_ held

  const Load load_;
  const Build build_;
  const std::chrono::milliseconds interval_;

  // A std::mutex, because ThreadSanitizer cannot see the locking of a prebuilt absl::Mutex. It
  // guards all members below.
  mutable std::mutex mutex_;
  Time next_look_;
  PemBundle in_use_;
  std::shared_ptr<SSL_CTX> context_;
  absl::Status last_reload_;
};

}  // namespace flameway
