// SPDX-License-Identifier: Apache-2.0
#include "processor/request/decoder.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <utility>

#include "processor/request/utf8.h"

namespace flameway {

bool Decoder::Fail(Reason reason, const char* where) {
  report.reason = reason;
  const bool inside = where != nullptr && !std::less<>()(where, bytes.data()) &&
                      !std::less<>()(bytes.data() + bytes.size(), where);
  report.offset = inside ? static_cast<size_t>(where - bytes.data()) : 0;
  const bool limit = reason == Reason::kTooManyElements || reason == Reason::kRequestTooLarge;
  report.outcome = limit ? DecodeReport::Outcome::kTooLarge : DecodeReport::Outcome::kInvalid;
  return false;
}

bool Decoder::FailRead(const wire::Reader& fields) {
  switch (fields.error()) {
    case wire::ReadError::kVarintTooLong:
      return Fail(Reason::kVarintTooLong, fields.error_position());
    case wire::ReadError::kBadTag:
      return Fail(Reason::kBadTag, fields.error_position());
    case wire::ReadError::kGroupDepth:
      return Fail(Reason::kGroupDepth, fields.error_position());
    case wire::ReadError::kTruncated:
    case wire::ReadError::kNone:
      break;
  }
  return Fail(Reason::kTruncated, fields.error_position());
}

namespace {

// int32 as protobuf writes it: 32 bits, or a negative number sign-extended to 64.
bool FitsInt32(uint64_t value) {
  return value <= std::numeric_limits<uint32_t>::max() || value >= uint64_t{0xFFFFFFFF80000000};
}

}  // namespace

bool Decoder::TakeInt32(const wire::Reader& fields, int32_t& value) {
  if (fields.type() != wire::WireType::kVarint) return FailWireType(fields);
  if (!FitsInt32(fields.value())) return Fail(Reason::kInt32Overflow, fields.position());
  value = static_cast<int32_t>(static_cast<uint32_t>(fields.value()));
  return true;
}

bool Decoder::TakeUint32(const wire::Reader& fields, uint32_t& value) {
  if (fields.type() != wire::WireType::kVarint) return FailWireType(fields);
  if (fields.value() > std::numeric_limits<uint32_t>::max()) {
    return Fail(Reason::kInt32Overflow, fields.position());
  }
  value = static_cast<uint32_t>(fields.value());
  return true;
}

bool Decoder::TakeString(const wire::Reader& fields, std::string_view& value, Reason& reason) {
  return TakeBytes(fields, value) && CheckText(value, reason);
}

bool Decoder::CheckText(std::string_view& string, Reason& reason) {
  if (string.size() > limits.max_string_bytes) {
    SetReason(reason, Reason::kStringTooLong);
    return true;
  }
  const size_t valid = ValidUtf8Prefix(string);
  if (valid == string.size()) return true;
  // A broken byte becomes three; a request made of broken bytes is not worth their memory.
  if (!ScratchHasRoom(3 * string.size())) {
    SetReason(reason, Reason::kBadUtf8);
    return true;
  }
  string = RepairUtf8(string, scratch);
  Repair(Reason::kBadUtf8);
  return true;
}

bool Decoder::CopyToScratch(std::string_view value, std::string_view& copy) {
  if (!ScratchHasRoom(value.size())) return Fail(Reason::kRequestTooLarge, nullptr);
  copy = scratch.Copy(value);
  return true;
}

bool Decoder::TakeIndices(const wire::Reader& fields) {
  plain &= fields.type() == wire::WireType::kBytes && index_list.empty();
  if (fields.type() == wire::WireType::kVarint) {
    int32_t index = 0;
    if (!CountIndices(1, fields.position()) || !TakeInt32(fields, index)) return false;
    index_list.Append(index < 0 ? kNegativeIndex : static_cast<uint32_t>(index));
    return true;
  }
  if (fields.type() != wire::WireType::kBytes) return FailWireType(fields);
  return TakePackedIndices(fields.bytes());
}

bool Decoder::TakePackedIndices(std::string_view list) {
  const char* p = list.data();
  const char* const end = p + list.size();
  // At most one entry a byte, and a long list could be many times what is allowed: its entries are
  // counted before they get room.
  constexpr size_t kLongList = 4096;
  size_t room = list.size();
  if (room > kLongList) {
    room = static_cast<size_t>(std::count_if(
        list.begin(), list.end(), [](char c) { return static_cast<signed char>(c) >= 0; }));
    if (room > limits.max_packed_ints) return Fail(Reason::kTooManyElements, list.data());
  }
  uint32_t* const begin = index_list.Reserve(room);
  uint32_t* out = begin;
  while (p < end) {
    uint64_t value;
    const wire::VarintStatus status = wire::ReadVarint(p, end, value);
    if (status != wire::VarintStatus::kOk) [[unlikely]] {
      return Fail(
          status == wire::VarintStatus::kTooLong ? Reason::kVarintTooLong : Reason::kTruncated, p);
    }
    if (value > INT32_MAX) [[unlikely]] {
      if (!FitsInt32(value)) return Fail(Reason::kInt32Overflow, p);
      value = kNegativeIndex;
    }
    *out++ = static_cast<uint32_t>(value);
  }
  const auto count = static_cast<size_t>(out - begin);
  index_list.Extend(count);
  return CountIndices(count, end);
}

ListSpan Decoder::FinishAttributes(Reason& reason, Fingerprint& set) {
  const Column<IncomingAttribute>& table = columns.attributes;
  Buffer<uint32_t>& out = columns.attribute_indices;
  ListSpan span{.begin = static_cast<uint32_t>(out.size())};
  set = {};
  const auto key = [&](uint32_t row) -> const Fingerprint& {
    return columns.strings.fingerprints[table.rows[row].key.value];
  };
  const auto add = [&](uint32_t row) {
    out.Append(row);
    set += table.fingerprints[row];
  };
  // `earlier` has the key of `row`: the same attribute twice says nothing new, two values for a key
  // are an error.
  const auto settle = [&](uint32_t row, uint32_t earlier) {
    if (table.fingerprints[row] == table.fingerprints[earlier]) {
      Repair(Reason::kDuplicateKey);
    } else {
      SetReason(reason, Reason::kDuplicateKey);
    }
  };

  size_t kept = 0;
  for (const uint32_t index : index_list) {
    const WireIndex row = Refer(table, IndexFromList(index), reason);
    // Row 0, a bad reference, or a row that says nothing either.
    if (row.value == 0 || table.rows[row.value].IsZero()) {
      if (index == row.value) Repair(Reason::kNullAttribute);
      continue;
    }
    index_list[kept++] = row.value;
  }
  index_list.Truncate(kept);

  constexpr size_t kFewAttributes = 16;  // pairwise comparison wins up to about here
  if (kept <= kFewAttributes) {
    for (const uint32_t row : index_list) {
      const uint32_t* const begin = out.begin() + span.begin;
      const uint32_t* const same = std::find_if(
          begin, std::as_const(out).end(), [&](uint32_t other) { return key(other) == key(row); });
      if (same != out.end()) {
        settle(row, *same);
      } else {
        add(row);
      }
    }
  } else {
    std::stable_sort(index_list.begin(), index_list.end(), [&](uint32_t a, uint32_t b) {
      return key(a).low != key(b).low ? key(a).low < key(b).low : key(a).high < key(b).high;
    });
    for (size_t i = 0; i < kept; ++i) {
      if (i > 0 && key(index_list[i]) == key(index_list[i - 1])) {
        settle(index_list[i], index_list[i - 1]);
        index_list[i] = index_list[i - 1];
      } else {
        add(index_list[i]);
      }
    }
    // Fingerprints depend on the secret; the order that goes out must not.
    std::sort(out.begin() + span.begin, out.end());
  }
  span.count = static_cast<uint32_t>(out.size()) - span.begin;
  index_list.Clear();
  return span;
}

bool Decoder::JoinOccurrences(std::string_view message, uint32_t field, std::string_view& joined) {
  Repair(Reason::kDuplicateField);
  size_t size = 0;
  for (wire::Reader fields(message); fields.Next();) {
    if (fields.field() != field || fields.type() != wire::WireType::kBytes) continue;
    size += fields.bytes().size();
    // A field that starts in one part and ends in the next is damage to every other decoder.
    wire::Reader part(fields.bytes());
    while (part.Next()) {
    }
    if (!Finish(part)) return false;
  }
  if (!ScratchHasRoom(size)) return Fail(Reason::kRequestTooLarge, message.data());
  char* const start = scratch.Allocate(size);
  char* p = start;
  for (wire::Reader fields(message); fields.Next();) {
    if (fields.field() != field || fields.type() != wire::WireType::kBytes) continue;
    p = std::copy(fields.bytes().begin(), fields.bytes().end(), p);
  }
  joined = {start, size};
  return true;
}

}  // namespace flameway
