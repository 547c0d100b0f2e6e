// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "processor/model/buffer.h"
#include "processor/request/decoder.h"
#include "proto/wire/varint.h"

namespace flameway {

class DictionaryDecoder;

// The rows of one table where they lie: runs of neighbours, as senders write a table in one piece.
// Tags and lengths are read again when the rows are, which costs less than to keep them.
class TableRows {
 public:
  [[nodiscard]] size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  // Gives `see` each row until it returns false; whether it never did.
  template <typename See>
  [[nodiscard]] bool All(const See& see) const {
    for (const Run& run : runs_) {
      const char* p = run.begin;
      const char* const end = p + run.bytes;
      while (p < end) {
        p += run.tag_bytes;
        uint64_t size = 0;
        (void)wire::ReadVarint(p, end, size);  // the index has seen that it is good
        const std::string_view row(p, static_cast<size_t>(size));
        p += size;
        if (!see(row)) return false;
      }
    }
    return true;
  }

  // The same for a table most of whose rows a straight way can take. `straight` is given the rest
  // of a run of rows with tags of one byte, from its begin to its end, and returns how far it came;
  // the row it stopped at goes to `with_care`, which returns false for no more.
  template <typename Straight, typename WithCare>
  [[nodiscard]] bool All(const Straight& straight, const WithCare& with_care) const {
    for (const Run& run : runs_) {
      const char* p = run.begin;
      const char* const end = p + run.bytes;
      while (true) {
        if (run.tag_bytes == 1) p = straight(p, end);
        if (p == end) break;
        p += run.tag_bytes;
        uint64_t size = 0;
        (void)wire::ReadVarint(p, end, size);
        const std::string_view row(p, static_cast<size_t>(size));
        p += size;
        if (!with_care(row)) return false;
      }
    }
    return true;
  }

  // `count` rows from `begin` to `end`, each with a tag of so many bytes.
  void Add(const char* begin, const char* end, size_t tag_bytes, size_t count) {
    if (count == 0) return;
    runs_.Append({.begin = begin,
                  .bytes = static_cast<uint32_t>(end - begin),
                  .tag_bytes = static_cast<uint32_t>(tag_bytes)});
    count_ += count;
  }
  void Clear() {
    runs_.Clear();
    count_ = 0;
  }
  [[nodiscard]] size_t capacity_bytes() const { return runs_.capacity_bytes(); }

 private:
  struct Run {
    const char* begin;
    uint32_t bytes;  // a request has less than 4 GiB
    uint32_t tag_bytes;
  };
  Buffer<Run> runs_;
  size_t count_ = 0;
};

// Where the rows of a request lie: the first pass. It reads only tags and lengths of the two outer
// levels (about 3 ns a row), so the bounds on rows and elements hold before anything is built from
// them. Strings are their rows already: they go to their column and need no second pass.
struct TableIndex {
  TableRows attributes, functions, mappings, locations, stacks, links;
  std::vector<std::string_view> resource_profiles;

  void Clear();
  [[nodiscard]] size_t capacity_bytes() const;
};

// Fills `index`, and the column of strings, from `decoder.bytes`; hands `early` what need not wait.
// Repeated dictionaries are read as one. False: the request is refused.
bool IndexTables(Decoder& decoder, DictionaryDecoder& early, TableIndex& index);

}  // namespace flameway
