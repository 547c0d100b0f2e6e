// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "processor/batch/content.h"
#include "processor/encode/row_numbering.h"

namespace flameway {

// In which order a message has its rows. What it means is the same; how small it gets is not.
enum class RowOrder : uint8_t {
  kByUse,   // the most used rows first: the smallest message
  kSorted,  // neighbours alike: a tenth larger, but a sixth smaller once it is compressed
};

// The numbers of all rows of a batch in a message, and the order of what has no numbers.
struct RowNumberings {
  RowNumbering strings, attributes, functions, mappings, locations, stacks, links;
  // kSorted only; else as they arrived. The samples of all profiles stand in one list, and where
  // those of a profile stand in it by profile.
  std::vector<uint32_t> resources;
  std::vector<uint32_t> samples;
  std::vector<ListSpan> samples_of;
};

// Attributes and locations by use, all else as it arrived. Linear.
[[nodiscard]] RowNumberings NumberByUse(const BatchContent& content);

// Strings as text; attributes by key, then by use; functions by file and name; locations by frame
// type, mapping, function and line, but for the few that are used most and so deserve numbers of
// one byte; stacks from the root on, so that each shares its beginning with the one before; samples
// by attributes and stack; resources by their least stack, which puts the processes of one program
// together; links as the samples name them. The tables, but for links, do not depend on the order
// of arrival; samples, resources and links that the order does not tell apart stay as they arrived.
// n log n. What each choice is worth, and what was tried: docs/decisions/0009-sorted-rows.md.
[[nodiscard]] RowNumberings NumberSorted(const BatchContent& content);

}  // namespace flameway
