// SPDX-License-Identifier: Apache-2.0
// What the fingerprint of each row is made of: the values it holds and the fingerprints of the rows
// it refers to. The decoder and whoever makes rows of his own share these, so that equal rows have
// equal fingerprints wherever they come from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "processor/model/fingerprint.h"

namespace flameway {

inline Fingerprint AttributePrint(const Fingerprinter& of, const Fingerprint& key,
                                  const Fingerprint& unit, const Fingerprint& value) {
  const uint64_t words[] = {key.low, key.high, unit.low, unit.high, value.low, value.high};
  return of.Words(words);
}

// `system_name`: null when it is empty, as nearly all are.
inline Fingerprint FunctionPrint(const Fingerprinter& of, const Fingerprint& name,
                                 const Fingerprint& filename, const Fingerprint* system_name,
                                 const Fingerprint& empty, int64_t start_line) {
  if (system_name == nullptr && start_line == 0) {
    const uint64_t words[] = {name.low, name.high, filename.low, filename.high};
    return of.Words(words);
  }
  const Fingerprint& s = system_name == nullptr ? empty : *system_name;
  const uint64_t words[] = {name.low,
                            name.high,
                            filename.low,
                            filename.high,
                            s.low,
                            s.high,
                            static_cast<uint64_t>(start_line)};
  return of.Words(words);
}

// `set`: the sum of the attributes' fingerprints.
inline Fingerprint MappingPrint(const Fingerprinter& of, uint64_t memory_start,
                                uint64_t memory_limit, uint64_t file_offset,
                                const Fingerprint& filename, const Fingerprint& set,
                                uint32_t attribute_count) {
  const uint64_t words[] = {memory_start,  memory_limit, file_offset, filename.low,
                            filename.high, set.low,      set.high,    attribute_count};
  return of.Words(words);
}

// The number of words tells the forms apart: 5 without lines, 8 for one line without a column, as
// nearly all are that have a name, 5 + 4 for each line otherwise. `line_at(i)` has members function
// (a fingerprint), line and column.
template <typename LineAt>
inline Fingerprint LocationPrint(const Fingerprinter& of, const Fingerprint& mapping,
                                 uint64_t address, const Fingerprint& set, uint32_t line_count,
                                 const LineAt& line_at) {
  if (line_count == 0) {
    const uint64_t words[] = {mapping.low, mapping.high, address, set.low, set.high};
    return of.Words(words);
  }
  const auto word = [](int64_t value) { return static_cast<uint64_t>(value); };
  if (const auto first = line_at(0); line_count == 1 && first.column == 0) {
    const uint64_t words[] = {
        mapping.low,        mapping.high,        address,         set.low, set.high,
        first.function.low, first.function.high, word(first.line)};
    return of.Words(words);
  }
  std::vector<uint64_t> words{mapping.low, mapping.high, address, set.low, set.high};
  words.reserve(5 + 4 * size_t{line_count});
  for (uint32_t i = 0; i < line_count; ++i) {
    const auto line = line_at(i);
    words.insert(words.end(),
                 {line.function.low, line.function.high, word(line.line), word(line.column)});
  }
  return of.Words(std::span<const uint64_t>(words));
}

// The number of words tells a sample with a link from one without; `link`: null without.
inline Fingerprint SamplePrint(const Fingerprinter& of, const Fingerprint& stack,
                               const Fingerprint& set, uint64_t shape, const Fingerprint* link) {
  if (link == nullptr) {
    const uint64_t words[] = {stack.low, stack.high, set.low, set.high, shape};
    return of.Words(words);
  }
  const uint64_t words[] = {stack.low, stack.high, set.low, set.high, shape, link->low, link->high};
  return of.Words(words);
}

}  // namespace flameway
