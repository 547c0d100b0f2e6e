// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/ledger.h"

#include <algorithm>

namespace flameway {

void Lease::Resize(size_t bytes) {
  if (ledger_ == nullptr || bytes == bytes_) return;
  ledger_->Adjust(bytes_, bytes);
  bytes_ = bytes;
}

bool Lease::TryResize(size_t bytes) {
  if (ledger_ != nullptr && bytes > bytes_) {
    if (!ledger_->TryAdd(bytes - bytes_)) return false;
    bytes_ = bytes;
  }
  Resize(bytes);
  return true;
}

Ledger::Ledger(const MemoryLimiterOptions& options, const Clock& clock)
    : limit_(options.limit_bytes),
      soft_limit_(options.soft_limit_bytes()),
      clock_(clock),
      window_start_(clock.Now()) {}

bool Ledger::TryAdd(size_t bytes) {
  size_t used = used_.load(std::memory_order_relaxed);
  do {
    if (used > soft_limit_ || bytes > soft_limit_ - used) return false;
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return true;
}

std::optional<Lease> Ledger::TryCharge(size_t bytes) {
  if (!TryAdd(bytes)) return std::nullopt;
  return Lease(this, bytes);
}

Lease Ledger::Charge(size_t bytes) {
  used_.fetch_add(bytes, std::memory_order_relaxed);
  return Lease(this, bytes);
}

void Ledger::Adjust(size_t from, size_t to) {
  if (to > from) {
    used_.fetch_add(to - from, std::memory_order_relaxed);
  } else {
    used_.fetch_sub(from - to, std::memory_order_relaxed);
    released_.fetch_add(from - to, std::memory_order_relaxed);
  }
}

std::chrono::milliseconds Ledger::RetryDelay(size_t bytes) {
  constexpr std::chrono::seconds kWindow{1};
  const uint64_t released = released_.load(std::memory_order_relaxed);
  const TimePoint now = clock_.Now();
  const MutexLock lock(mutex_);
  if (const auto elapsed = now - window_start_; elapsed >= kWindow) {
    bytes_per_second_ = static_cast<double>(released - window_released_) /
                        std::chrono::duration<double>(elapsed).count();
    window_start_ = now;
    window_released_ = released;
  }
  const size_t wanted = used() + bytes;
  const double excess = wanted > soft_limit_ ? static_cast<double>(wanted - soft_limit_) : 0;
  const double spread = std::uniform_real_distribution<double>(0.8, 1.2)(spread_);
  const double least = static_cast<double>(kMinRetryDelay.count());
  const double most = static_cast<double>(kMaxRetryDelay.count());
  const double delay = bytes_per_second_ > 0 ? 1'000 * excess / bytes_per_second_ : least;
  return std::chrono::milliseconds(
      static_cast<int64_t>(std::clamp(spread * std::min(delay, most), least, most)));
}

}  // namespace flameway
