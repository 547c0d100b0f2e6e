// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <utility>

#include "bridge/flow/clock.h"
#include "bridge/flow/memory_limiter_options.h"
#include "bridge/observe/mutex.h"

namespace flameway {

class Ledger;

// Bytes charged to a ledger, given back on destruction. Moves with what the bytes are held for; one
// thread at a time. The ledger outlives it.
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept
      : ledger_(std::exchange(other.ledger_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Lease& operator=(Lease&& other) noexcept {
    if (this != &other) {
      Release();
      ledger_ = std::exchange(other.ledger_, nullptr);
      bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
  }
  ~Lease() { Release(); }

  // Never refused: for what was accepted already and grows or shrinks. Without effect on a
  // default-made lease.
  void Resize(size_t bytes);
  // False: it would grow past the soft limit; nothing changed.
  [[nodiscard]] bool TryResize(size_t bytes);
  void Release() { Resize(0); }
  [[nodiscard]] size_t bytes() const { return bytes_; }

 private:
  friend class Ledger;
  Lease(Ledger* ledger, size_t bytes) : ledger_(ledger), bytes_(bytes) {}

  Ledger* ledger_ = nullptr;
  size_t bytes_ = 0;
};

// The memory budget of a gateway: one number all requests, open batches and frames are charged to.
// New requests are refused above the soft limit; what was accepted may use the rest, the spike. Any
// thread; a charge is one atomic operation.
class Ledger {
 public:
  static constexpr std::chrono::milliseconds kMinRetryDelay{1'000};
  static constexpr std::chrono::milliseconds kMaxRetryDelay{30'000};

  // `clock` is borrowed.
  Ledger(const MemoryLimiterOptions& options, const Clock& clock);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // nullopt: the charge would pass the soft limit, nothing was charged.
  [[nodiscard]] std::optional<Lease> TryCharge(size_t bytes);
  // Never refused.
  [[nodiscard]] Lease Charge(size_t bytes);
  // A request that needs more than this can never be admitted.
  [[nodiscard]] size_t soft_limit() const { return soft_limit_; }
  [[nodiscard]] size_t limit() const { return limit_; }
  [[nodiscard]] size_t used() const { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool above_soft_limit() const { return used() > soft_limit_; }

  // When a refused sender of `bytes` should come back: the bytes above the soft limit over the rate
  // at which charges were released lately, between 1 and 30 s, spread by 20 % so that senders do
  // not come back together.
  [[nodiscard]] std::chrono::milliseconds RetryDelay(size_t bytes);

 private:
  friend class Lease;
  [[nodiscard]] bool TryAdd(size_t bytes);
  void Adjust(size_t from, size_t to);

  const size_t limit_;
  const size_t soft_limit_;
  const Clock& clock_;
  std::atomic<size_t> used_{0};
  std::atomic<uint64_t> released_{0};  // bytes ever given back

  Mutex mutex_;  // refusals only
  TimePoint window_start_ ABSL_GUARDED_BY(mutex_);
  uint64_t window_released_ ABSL_GUARDED_BY(mutex_) = 0;
  double bytes_per_second_ ABSL_GUARDED_BY(mutex_) = 0;  // of the last full window; 0: not known
  std::minstd_rand spread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace flameway
