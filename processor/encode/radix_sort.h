// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "processor/model/buffer.h"

namespace flameway {

struct KeyedRow {
  uint64_t key;
  uint32_t row;
};

// Sorts rows by keys of 64 bits, a byte at a time from the last: no comparison, so none that the
// processor foresees wrongly, which is most of what std::sort costs (docs/decisions/0009). Bytes
// that are the same in all keys cost nothing. Keeps its memory.
class RadixSort {
 public:
  // Rows of equal keys ascend; they must before, too.
  void Sort(std::span<KeyedRow> rows) {
    if (rows.size() < kFew) {
      std::sort(rows.begin(), rows.end(), [](const KeyedRow& a, const KeyedRow& b) {
        return a.key != b.key ? a.key < b.key : a.row < b.row;
      });
      return;
    }
    Count(rows);
    other_.Clear();
    KeyedRow* from = rows.data();
    KeyedRow* to = other_.Reserve(rows.size());
    for (size_t i = 0; i < kDigits; ++i) {
      Places& places = places_[i];
      if (places[Digit(rows[0].key, i)] == rows.size()) continue;
      uint32_t next = 0;
      for (uint32_t& place : places) next += std::exchange(place, next);
      for (const KeyedRow& row : std::span(from, rows.size()))
        to[places[Digit(row.key, i)]++] = row;
      std::swap(from, to);
    }
    if (from != rows.data()) std::copy_n(from, rows.size(), rows.data());
  }
  [[nodiscard]] size_t capacity_bytes() const { return other_.capacity_bytes(); }

 private:
  static constexpr size_t kFew = 64;
  static constexpr size_t kDigits = 8;
  using Places = std::array<uint32_t, 256>;  // by value of a byte

  static uint8_t Digit(uint64_t key, size_t i) { return static_cast<uint8_t>(key >> 8 * i); }
  // All bytes in one pass: counts of one would wait for each other where neighbours are alike.
  void Count(std::span<const KeyedRow> rows) {
    places_ = {};
    for (const KeyedRow& row : rows) {
      for (size_t i = 0; i < kDigits; ++i) ++places_[i][Digit(row.key, i)];
    }
  }

  std::array<Places, kDigits> places_;  // of each byte: how many rows have it, then where they go
  Buffer<KeyedRow> other_;
};

// Rows numbered from 0 by keys of several words, the first word deciding first.
class KeySorter {
 public:
  // The rows in order; those of equal keys ascend. Valid until the next call.
  template <size_t N>
  std::span<KeyedRow> Sort(std::span<const std::array<uint64_t, N>> keys) {
    // As many leading bits as one word takes, without those that no key has: nearly always all.
    std::array<uint64_t, N> any{};
    for (const auto& key : keys) {
      for (size_t i = 0; i < N; ++i) any[i] |= key[i];
    }
    struct Part {
      size_t word;
      int right;  // where its kept bits begin
      uint64_t mask;
      int width;
    };
    std::array<Part, 2 * N> parts;
    int left = 64;
    bool whole = true;
    for (size_t i = 0; i < 2 * N; ++i) {
      const int offset = i % 2 == 0 ? 32 : 0;
      const auto width =
          static_cast<int>(std::bit_width(static_cast<uint32_t>(any[i / 2] >> offset)));
      const int kept = std::min(width, left);
      // One of which nothing is kept begins anywhere, but inside its word.
      const int right = kept == 0 ? 0 : offset + width - kept;
      parts[i] = {i / 2, right, (uint64_t{1} << kept) - 1, kept};
      left -= kept;
      whole &= kept == width;
    }
    rows_.Clear();
    KeyedRow* row = rows_.Reserve(keys.size());
    rows_.Extend(keys.size());
    for (uint32_t i = 0; i < keys.size(); ++i) {
      uint64_t packed = 0;
      for (const Part& part : parts)
        packed = packed << part.width | (keys[i][part.word] >> part.right & part.mask);
      *row++ = {packed, i};
    }
    radix_.Sort(rows_);
    if (!whole) SortEqual(keys);
    return rows_;
  }
  [[nodiscard]] size_t capacity_bytes() const {
    return rows_.capacity_bytes() + radix_.capacity_bytes();
  }

 private:
  // Rows whose words are equal by the bits that were kept.
  template <size_t N>
  void SortEqual(std::span<const std::array<uint64_t, N>> keys) {
    for (KeyedRow* first = rows_.begin(); first != rows_.end();) {
      KeyedRow* last = first + 1;
      while (last != rows_.end() && last->key == first->key) ++last;
      if (last - first > 1) {
        std::sort(first, last, [&keys](const KeyedRow& a, const KeyedRow& b) {
          return keys[a.row] != keys[b.row] ? keys[a.row] < keys[b.row] : a.row < b.row;
        });
      }
      first = last;
    }
  }

  Buffer<KeyedRow> rows_;
  RadixSort radix_;
};

}  // namespace flameway
