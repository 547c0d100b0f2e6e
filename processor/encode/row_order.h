// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "processor/batch/content.h"
#include "processor/encode/radix_sort.h"
#include "processor/encode/row_numbering.h"
#include "processor/encode/row_rewriter.h"
#include "processor/encode/stack_order.h"
#include "processor/encode/text_order.h"
#include "processor/model/buffer.h"
#include "proto/wire/writer.h"

namespace flameway {

// In which order a message has its rows. What it means is the same; how small it gets is not.
enum class RowOrder : uint8_t {
  kByUse,   // the most used rows first: the smallest message
  kSorted,  // neighbours alike: a tenth larger, but a sixth smaller once it is compressed
};

// Numbers the rows of one batch after the other and keeps the memory for it: up to 100 bytes for
// each row of the largest table, and 8 for each row of all.
class RowSorter {
 public:
  RowSorter() : rewriter_(numberings_) {}
  RowSorter(const RowSorter&) = delete;  // the rewriter points into it
  RowSorter& operator=(const RowSorter&) = delete;

  // Attributes and locations by use, all else as it arrived. Linear.
  void ByUse(const BatchContent& content);

  // Strings as text; attributes by key, then by use; functions by file and name; locations by
  // function, line, frame type and mapping, but for the few that are used most and so deserve
  // numbers of one byte; stacks from the root on, so that each shares its beginning with the one
  // before; samples by attributes and stack; resources by their least stack, which puts the
  // processes of one program together; links as the samples name them. The tables, but for links,
  // do not depend on the order of arrival; samples, resources and links that the order does not
  // tell apart stay as they arrived. n log n. What each choice is worth, and what was tried:
  // docs/decisions/0009-sorted-rows.md.
  void Sorted(const BatchContent& content);

  // Of the batch numbered last.
  [[nodiscard]] const RowNumberings& numberings() const { return numberings_; }
  // Writes rows with these numbers.
  [[nodiscard]] RowRewriter& rewriter() { return rewriter_; }
  [[nodiscard]] size_t memory_bytes() const;

 private:
  // What a row is sorted by.
  template <size_t N>
  using Key = std::array<uint64_t, N>;
  // A row as the message has it: the bytes of texts_ written from `begin` until `end`.
  struct Written {
    size_t begin, end;
    uint32_t row;
  };

  void CountLocationUses(const BatchContent& content);
  void CountAttributeUses(const BatchContent& content);
  void MarkOftenUsed();
  template <size_t N, typename KeyOf, typename Rewrite>
  void Sort(const OutputTable& table, Buffer<Key<N>>& keys, RowNumbering& order,
            const KeyOf& key_of, const Rewrite& rewrite);
  template <typename Rewrite>
  void WriteEqual(const OutputTable& table, uint32_t row, const Rewrite& rewrite);
  void SortAttributes(const OutputTable& table);
  void SortFunctions(const OutputTable& table);
  // `no_attribute` stands for the first attribute of a row that has none.
  void SortMappings(const OutputTable& table, uint32_t no_attribute);
  void SortLocations(const OutputTable& table, uint32_t no_attribute);
  void SortSamples(const BatchContent& content);
  void SortResources(const BatchContent& content);
  void NumberLinksAsNamed(const BatchContent& content);

  RowNumberings numberings_;
  RowRewriter rewriter_;
  StackSorter stacks_;

  // What follows is of the table at hand.
  Buffer<uint32_t> uses_;  // by row
  Buffer<uint8_t> marks_;  // by row
  Buffer<uint32_t> rows_;
  Buffer<Key<1>> keys_1_;
  Buffer<Key<2>> keys_2_;
  Buffer<Key<4>> keys_4_;
  KeySorter sorter_;
  TextSorter text_sorter_;
  Buffer<Written> equal_;  // rows of equal keys
  wire::BackWriter texts_{0};
};

}  // namespace flameway
