// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "proto/otlp/dialect.h"

namespace flameway {

// The last dialect a connection was certain about. One thread. Bounded by two generations of
// kGenerationSize connections: when the young one is full, the old one is forgotten; what is asked
// for stays young.
class DialectMemory {
 public:
  static constexpr size_t kGenerationSize = 4'096;

  [[nodiscard]] std::optional<Dialect> Recall(uint64_t connection);
  void Remember(uint64_t connection, Dialect dialect);

 private:
  std::unordered_map<uint64_t, Dialect> young_;
  std::unordered_map<uint64_t, Dialect> old_;
};

}  // namespace flameway
