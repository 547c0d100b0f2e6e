// SPDX-License-Identifier: Apache-2.0
#include "processor/batch/content.h"

namespace flameway {

TextSpan BatchContent::AddText(std::string_view added) {
  const TextSpan span{.begin = static_cast<uint32_t>(text.size()),
                      .size = static_cast<uint32_t>(added.size())};
  text.Append(std::span(added.data(), added.size()));
  return span;
}

uint32_t BatchContent::OpenMeasured(SampleShape shape) {
  if (shape != SampleShape::kAggregate) return Points::kNoChunk;
  totals.Append() = 0;
  return static_cast<uint32_t>(totals.size() - 1);
}

size_t BatchContent::encoded_bytes_bound() const {
  // Tags, lengths, numbers, times and totals beside what is stored encoded.
  constexpr size_t kPerSample = 36;
  constexpr size_t kPerNumber = 4;
  constexpr size_t kPerNode = 64;
  constexpr size_t kFrame = 32;
  return rows.encoded_bytes_bound() + text.size() + points.bytes() + kPerSample * samples.size() +
         kPerNumber * lists.size() +
         kPerNode * (resources.size() + scopes.size() + profiles.size()) + kFrame;
}

size_t BatchContent::memory_bytes() const {
  return rows.memory_bytes() + text.capacity_bytes() + lists.capacity_bytes() +
         points.memory_bytes() + totals.capacity_bytes() +
         resources.capacity() * sizeof(ResourceNode) + scopes.capacity() * sizeof(ScopeNode) +
         profiles.capacity() * sizeof(ProfileNode) + samples.capacity_bytes();
}

void BatchContent::Reset() {
  rows.Reset();
  text.Clear();
  lists.Clear();
  resources.clear();
  scopes.clear();
  profiles.clear();
  samples.Clear();
  points.Clear();
  totals.Clear();
  carried_totals.clear();
  counts = {};
  samples_emptied = 0;
  last_resource = kNoRow;
}

}  // namespace flameway
