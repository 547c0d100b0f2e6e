// SPDX-License-Identifier: Apache-2.0
// What the fingerprint of each row is made of: the values it holds and the fingerprints of the rows
// it refers to. The decoder, which does whole tables (column_prints.h), and whoever makes rows of
// his own share these, so that equal rows have equal fingerprints wherever they come from.
// `of`: a Fingerprinter, or the hash it uses. Inlined by force, into functions that may use
// instructions this header may not.
#pragma once

#include <cstdint>

#include "processor/model/fingerprint.h"

namespace flameway {

template <typename Hash>
[[gnu::always_inline]] inline Fingerprint AttributePrint(const Hash& of, const Fingerprint& key,
                                                         const Fingerprint& unit,
                                                         const Fingerprint& value) {
  return of.Join(key, unit, value);
}

// Two parts, or four if it has a start line or a `system_name`, which is null when it is empty, as
// nearly all are.
template <typename Hash>
[[gnu::always_inline]] inline Fingerprint FunctionPrint(const Hash& of, const Fingerprint& name,
                                                        const Fingerprint& filename,
                                                        const Fingerprint* system_name,
                                                        const Fingerprint& empty,
                                                        int64_t start_line) {
  if (system_name == nullptr && start_line == 0) return of.Join(name, filename);
  return of.Join(name, filename, system_name == nullptr ? empty : *system_name,
                 WordPair{.low = static_cast<uint64_t>(start_line)});
}

// `set`: the sum of the attributes' fingerprints.
template <typename Hash>
[[gnu::always_inline]] inline Fingerprint MappingPrint(const Hash& of, uint64_t memory_start,
                                                       uint64_t memory_limit, uint64_t file_offset,
                                                       const Fingerprint& filename,
                                                       const Fingerprint& set,
                                                       uint32_t attribute_count) {
  return of.Join(filename, set, WordPair{.low = memory_start, .high = memory_limit},
                 WordPair{.low = file_offset, .high = attribute_count});
}

// Four parts for one line without a column, as nearly all locations have that have a name; else
// three, and three more for each line, the lines before it among them. `line_at(i)` has members
// function (a fingerprint), line and column; `set` as above.
template <typename Hash, typename Set, typename LineAt>
[[gnu::always_inline]] inline Fingerprint LocationPrint(const Hash& of, const Fingerprint& mapping,
                                                        uint64_t address, const Set& set,
                                                        uint32_t line_count,
                                                        const LineAt& line_at) {
  const auto word = [](int64_t value) { return static_cast<uint64_t>(value); };
  if (line_count == 1) {
    if (const auto line = line_at(0); line.column == 0) {
      return of.Join(mapping, set, line.function,
                     WordPair{.low = address, .high = word(line.line)});
    }
  }
  Fingerprint all = of.Join(mapping, set, WordPair{.low = address});
  for (uint32_t i = 0; i < line_count; ++i) {
    const auto line = line_at(i);
    all = of.Join(all, line.function, WordPair{.low = word(line.line), .high = word(line.column)});
  }
  return all;
}

// Three parts, four with a link; `link`: null without.
template <typename Hash, typename Set>
[[gnu::always_inline]] inline Fingerprint SamplePrint(const Hash& of, const Fingerprint& stack,
                                                      const Set& set, uint64_t shape,
                                                      const Fingerprint* link) {
  if (link == nullptr) return of.Join(stack, set, WordPair{.low = shape});
  return of.Join(stack, set, WordPair{.low = shape}, *link);
}

}  // namespace flameway
