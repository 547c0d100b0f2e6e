// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/dialect_memory.h"

#include <utility>

namespace flameway {

std::optional<Dialect> DialectMemory::Recall(uint64_t connection) {
  if (const auto found = young_.find(connection); found != young_.end()) return found->second;
  const auto found = old_.find(connection);
  if (found == old_.end()) return std::nullopt;
  const Dialect dialect = found->second;
  Remember(connection, dialect);
  return dialect;
}

void DialectMemory::Remember(uint64_t connection, Dialect dialect) {
  if (young_.size() >= kGenerationSize && !young_.contains(connection)) {
    old_ = std::exchange(young_, {});
  }
  young_[connection] = dialect;
}

}  // namespace flameway
