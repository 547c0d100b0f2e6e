// SPDX-License-Identifier: Apache-2.0
#include "processor/request/stacks.h"

#include <algorithm>

#include "proto/otlp/fields.h"
#include "proto/wire/packed.h"
#include "proto/wire/reader.h"
#include "proto/wire/straight.h"

namespace flameway {
namespace {

constexpr auto kPackedFrames =
    wire::OneByteTag(otlp::Stack::location_indices, wire::WireType::kBytes);

// Takes rows from `p` on that are one packed list each, of locations that are all there and good,
// until one is not. Returns where that one starts. Lists are read by `Lists`.
template <typename Lists>
[[gnu::always_inline]] inline const char* DecodeStraight(Decoder& decoder, const char* p,
                                                         const char* end) {
  RequestColumns& columns = decoder.columns;
  const uint32_t location_count = columns.locations.size();
  const uint64_t most_bytes = decoder.limits.max_stack_depth;  // at most one frame a byte
  const char* const last_end = decoder.last_look_ahead();
  const uint64_t most_frames = decoder.indices_left();
  const size_t first_frame = columns.stack_locations.size();
  size_t frame_count = first_frame;
  while (p < end && p < last_end) {
    const char* list = p + 1;
    uint64_t row_bytes = 0;
    uint64_t list_bytes = 0;
    if (!wire::ReadShortVarintAhead(list, row_bytes) ||
        row_bytes > static_cast<uint64_t>(end - list)) {
      break;
    }
    const char* const row_end = list + row_bytes;
    if (!wire::IsAt(list, row_end, kPackedFrames) || row_end > last_end ||
        !wire::ReadShortVarintAhead(++list, list_bytes) ||
        list_bytes != static_cast<uint64_t>(row_end - list) || list_bytes > most_bytes ||
        frame_count - first_frame + list_bytes > most_frames) {
      break;
    }
    uint32_t* const frames = columns.stack_locations.Reserve(list_bytes + wire::kSpareNumbers);
    const size_t count = Lists::Read({list, row_end}, location_count, frames);
    if (count == wire::kNotStraight) break;
    columns.stack_locations.Extend(count);
    columns.stacks.rows.Append().locations = {.begin = static_cast<uint32_t>(frame_count),
                                              .count = static_cast<uint32_t>(count)};
    frame_count += count;
    p = row_end;
  }
  (void)decoder.CountIndices(frame_count - first_frame);  // not too many
  return p;
}

struct AnyLists {
  [[gnu::always_inline]] static size_t Read(std::string_view list, uint32_t limit, uint32_t* out) {
    return wire::ReadRowNumbers(list, limit, out);
  }
};

#if defined(__x86_64__)

struct WideLists {
  [[gnu::target("avx512bw,avx512vl,avx512vbmi2,bmi2")]] static size_t Read(std::string_view list,
                                                                           uint32_t limit,
                                                                           uint32_t* out) {
    return wire::ReadRowNumbersWide(list, limit, out);
  }
};
[[gnu::target("avx512bw,avx512vl,avx512vbmi2,bmi2"), gnu::flatten]] const char* DecodeStraightWide(
    Decoder& decoder, const char* p, const char* end) {
  return DecodeStraight<WideLists>(decoder, p, end);
}

#endif

}  // namespace

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
  columns.stacks.rows.Append().locations = {.begin = static_cast<uint32_t>(begin),
                                            .count = static_cast<uint32_t>(indices.size())};
  columns.stacks.Close(reason);
  indices.Clear();
  return true;
}

bool StackDecoder::Decode(const TableRows& rows) {
  RequestColumns& columns = decoder_.columns;
  columns.stacks.Reserve(rows.size() + 1);
  if (rows.empty()) return DecodeWithCare({});
  const auto straight = [&](const char* p, const char* end) {
    if (!columns.locations.all_good() || !columns.stacks.all_good()) return p;
#if defined(__x86_64__)
    if (decoder_.instructions.wide_bytes && columns.locations.size() <= wire::kWideLimit)
      p = DecodeStraightWide(decoder_, p, end);
#endif
    return DecodeStraight<AnyLists>(decoder_, p, end);
  };
  return rows.All(straight, [&](std::string_view row) { return DecodeWithCare(row); });
}

}  // namespace flameway
