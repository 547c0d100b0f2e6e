// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace flameway {

// A number that only grows. Any thread; relaxed, so two counters read one after the other may be
// apart by what is just being counted. A sum over counters is exact once the counting threads rest.
class Counter {
 public:
  Counter() = default;
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  void Add(uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// A number that grows and shrinks. Any thread; relaxed like Counter.
class Gauge {
 public:
  Gauge() = default;
  Gauge(const Gauge&) = delete;
  Gauge& operator=(const Gauge&) = delete;

  void Add(uint64_t amount) {
    value_.fetch_add(static_cast<int64_t>(amount), std::memory_order_relaxed);
  }
  void Subtract(uint64_t amount) {
    value_.fetch_sub(static_cast<int64_t>(amount), std::memory_order_relaxed);
  }
  void Set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

}  // namespace flameway
