// SPDX-License-Identifier: Apache-2.0
#include "bridge/observe/rate_limit.h"

#include <utility>

namespace flameway {

std::optional<uint64_t> RateLimit::Pass(std::string_view key, TimePoint now) {
  std::string slot_key(key);
  if (slots_.size() >= kMaxKeys && !slots_.contains(slot_key)) {
    std::erase_if(slots_,
                  [now](const auto& entry) { return now - entry.second.last >= kInterval; });
    if (slots_.size() >= kMaxKeys) slot_key.clear();
  }
  const auto [entry, is_new] = slots_.try_emplace(std::move(slot_key), Slot{.last = now});
  Slot& slot = entry->second;
  if (is_new) return 0;
  if (now - slot.last < kInterval) {
    ++slot.left_out;
    return std::nullopt;
  }
  slot.last = now;
  return std::exchange(slot.left_out, 0);
}

}  // namespace flameway
