// SPDX-License-Identifier: Apache-2.0
#include "processor/request/stacks.h"

#include "proto/otlp/fields.h"
#include "proto/wire/packed.h"
#include "proto/wire/reader.h"

namespace flameway {
namespace {

constexpr auto kPackedFrames =
    wire::OneByteTag(otlp::Stack::location_indices, wire::WireType::kBytes);

}  // namespace

// Its locations stand in stack_locations from `begin` on.
void StackDecoder::Add(size_t begin, size_t count, Reason reason) {
  IncomingStack& stack = decoder_.columns.stacks.rows.Append();
  stack.locations = {.begin = static_cast<uint32_t>(begin), .count = static_cast<uint32_t>(count)};
  decoder_.columns.stacks.Close(reason);
}

// One packed list of locations that are all there and good. False for anything else.
bool StackDecoder::DecodeStraight(std::string_view row) {
  RequestColumns& columns = decoder_.columns;
  const char* p = row.data();
  const char* const end = p + row.size();
  uint64_t size;
  if (row.empty() || static_cast<unsigned char>(*p++) != kPackedFrames ||
      wire::ReadVarint(p, end, size) != wire::VarintStatus::kOk ||
      size != static_cast<uint64_t>(end - p) || size > decoder_.limits.max_stack_depth ||
      !columns.locations.all_good() || end > decoder_.last_look_ahead()) {
    return false;
  }
  // At most one frame a byte.
  uint32_t* const list = columns.stack_locations.Reserve(size + wire::kSpareNumbers);
  const size_t count = wire::ReadRowNumbers({p, end}, columns.locations.size(), list);
  if (count == wire::kNotStraight || !decoder_.CountIndices(count)) return false;
  const size_t begin = columns.stack_locations.size();
  columns.stack_locations.Extend(count);
  Add(begin, count, Reason::kNone);
  return true;
}

// The slow twin, for any legal form and for what is wrong.
bool StackDecoder::DecodeWithCare(std::string_view row) {
  RequestColumns& columns = decoder_.columns;
  wire::Reader fields(row);
  while (fields.Next()) {
    if (fields.field() != otlp::Stack::location_indices) {
      decoder_.CountUnknownField();
    } else if (!decoder_.TakeIndices(fields)) {
      return false;
    }
  }
  if (!decoder_.Finish(fields)) return false;
  Reason reason = Reason::kNone;
  Buffer<uint32_t>& indices = decoder_.index_list;
  if (indices.size() > decoder_.limits.max_stack_depth) {
    reason = Reason::kStackTooDeep;
    indices.Clear();
  }
  const size_t begin = columns.stack_locations.size();
  for (const uint32_t entry : indices) {
    const WireIndex location =
        decoder_.Refer(columns.locations, Decoder::IndexFromList(entry), reason);
    columns.stack_locations.Append(location.value);
  }
  Add(begin, indices.size(), reason);
  indices.Clear();
  return true;
}

bool StackDecoder::Decode(std::string_view row) {
  return DecodeStraight(row) || DecodeWithCare(row);
}

}  // namespace flameway
