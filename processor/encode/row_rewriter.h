// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "processor/batch/row_encoders.h"
#include "processor/encode/row_numbering.h"
#include "proto/wire/writer.h"

namespace flameway {

// Writes rows of a batch, but for their lists, with the numbers that the rows they name have in the
// message. Reads only what the batch wrote itself. Back to front, into room that the caller has
// made (RoomFor).
class RowRewriter {
 public:
  // `numberings` outlives it.
  explicit RowRewriter(const RowNumberings& numberings) : numberings_(numberings) {}

  void Attribute(std::string_view row, wire::BackCursor& out) const;
  void Function(std::string_view row, wire::BackCursor& out) const;
  void Mapping(std::string_view row, wire::BackCursor& out) const;
  void Location(std::string_view row, wire::BackCursor& out);
  // The head of a profile, which begins with its two types.
  void Head(std::string_view head, wire::BackCursor& out) const;

  // What a row of `size` bytes can become at most. Numbers grow by up to four bytes; a row names
  // three others, or one for each four of its bytes: a location's lines.
  [[nodiscard]] static size_t RoomFor(size_t size) { return 2 * size + 3 * 4; }

  [[nodiscard]] size_t capacity_bytes() const { return lines_.capacity() * sizeof(WrittenLine); }

 private:
  [[nodiscard]] uint32_t String(uint64_t row) const {
    return numberings_.strings.NumberOf(static_cast<uint32_t>(row));
  }

  const RowNumberings& numberings_;
  std::vector<WrittenLine> lines_;  // of the location at hand
};

}  // namespace flameway
