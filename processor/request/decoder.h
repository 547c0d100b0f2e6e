// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "processor/model/fingerprint.h"
#include "processor/model/limits.h"
#include "processor/request/columns.h"
#include "processor/request/decode_report.h"
#include "processor/request/scratch.h"
#include "proto/wire/instructions.h"
#include "proto/wire/reader.h"

namespace flameway {

// What the decoders of the single tables share: where rows go, what is allowed, and how to say no.
// A decoder that returns false has refused the whole request, through Fail.
class Decoder {
 public:
  Decoder(const RequestLimits& allowed, const Fingerprinter& key, RequestColumns& rows,
          Scratch& memory, DecodeReport& findings)
      : limits(allowed), fingerprinter(key), columns(rows), scratch(memory), report(findings) {}

  const RequestLimits& limits;
  const Fingerprinter& fingerprinter;
  RequestColumns& columns;
  Scratch& scratch;
  DecodeReport& report;
  std::string_view bytes;  // the whole request
  wire::Instructions instructions;
  bool references_seen = false;  // key_strindex or string_value_strindex somewhere: 1.10 or newer
  bool dictionary_seen = false;
  bool empty_strings = false;  // there are some besides row 0
  // Nothing was met that is legal and yet read otherwise by some decoders (lists in pieces, ids of
  // other lengths), or that is bad and no row or profile is to blame for.
  bool plain = true;
  // Reused: a list of indices, and a message, that are being collected.
  Buffer<uint32_t> index_list;
  std::string text;

  // Refuses the request. `where` points into the request, or is null.
  bool Fail(Reason reason, const char* where);
  // For a Reader that stopped: true at its end, Fail with its error otherwise.
  bool Finish(const wire::Reader& fields) {
    return fields.error() == wire::ReadError::kNone || FailRead(fields);
  }
  bool FailWireType(const wire::Reader& fields) {
    return Fail(Reason::kWrongWireType, fields.position());
  }

  void Repair(Reason reason) { ++report.repaired_by_reason[static_cast<size_t>(reason)]; }
  void CountUnknownField() { ++report.unknown_fields; }
  // False when the request has more elements than allowed.
  bool CountElements(uint64_t count, const char* where) {
    elements_ += count;
    return elements_ <= limits.max_elements || Fail(Reason::kTooManyElements, where);
  }

  // How many more of each are allowed; indices are entries of lists.
  [[nodiscard]] uint64_t elements_left() const {
    return limits.max_elements - std::min<uint64_t>(elements_, limits.max_elements);
  }
  [[nodiscard]] uint64_t indices_left() const {
    return limits.max_packed_ints - std::min<uint64_t>(indices_, limits.max_packed_ints);
  }

  // Scalars of the current field of `fields`; false when the type or the range is wrong.
  bool TakeInt32(const wire::Reader& fields, int32_t& value);
  bool TakeUint32(const wire::Reader& fields, uint32_t& value);
  bool TakeInt64(const wire::Reader& fields, int64_t& value) {
    value = static_cast<int64_t>(fields.value());
    return fields.type() == wire::WireType::kVarint || FailWireType(fields);
  }
  bool TakeUint64(const wire::Reader& fields, uint64_t& value) {
    value = fields.value();
    return fields.type() == wire::WireType::kVarint || FailWireType(fields);
  }
  bool TakeBytes(const wire::Reader& fields, std::string_view& value) {
    value = fields.bytes();
    return fields.type() == wire::WireType::kBytes || FailWireType(fields);
  }
  // A string outside the string table: bounded, UTF-8 repaired. A bad one sets `reason`.
  bool TakeString(const wire::Reader& fields, std::string_view& value, Reason& reason);
  // The same for text that was already taken.
  bool CheckText(std::string_view& string, Reason& reason);
  // Appends the entries of an int32 list, packed or not, to index_list; negative ones become
  // kNegativeIndex.
  bool TakeIndices(const wire::Reader& fields);
  bool TakePackedIndices(std::string_view list);
  // False when the request has more list entries than allowed; the caller's slow path says so.
  [[nodiscard]] bool CountIndices(uint64_t count) {
    if (indices_ + count > limits.max_packed_ints) return false;
    indices_ += count;
    return true;
  }

  // A reference into `column`. A bad one, or one to a bad row, sets `reason` unless it is set, and
  // yields row 0.
  template <typename Row>
  WireIndex Refer(const Column<Row>& column, int32_t index, Reason& reason) {
    if (static_cast<uint32_t>(index) >= column.size()) [[unlikely]] {
      SetReason(reason, index < 0 ? Reason::kIndexNegative : MissingRow());
      return {};
    }
    const auto row = static_cast<uint32_t>(index);
    if (!column.all_good()) [[unlikely]]
      SetReason(reason, column.reasons[row]);
    return {row};
  }
  // A string; all empty ones are row 0.
  WireIndex ReferString(int32_t index, Reason& reason) {
    const WireIndex row = Refer(columns.strings, index, reason);
    return empty_strings && columns.strings.rows[row.value].empty() ? WireIndex{} : row;
  }
  static void SetReason(Reason& reason, Reason other) {
    if (reason == Reason::kNone) reason = other;
  }
  [[nodiscard]] Reason MissingRow() const {
    return dictionary_seen ? Reason::kIndexOutOfRange : Reason::kDictionaryMissing;
  }

  // Behind what ends there or before, reads may look ahead (wire::kLookAhead): not at the very end
  // of the request.
  [[nodiscard]] const char* last_look_ahead() const {
    return bytes.size() < wire::kLookAhead ? bytes.data()
                                           : bytes.data() + bytes.size() - wire::kLookAhead;
  }

  // Turns index_list into a list of attributes: null entries and repeats left out, keys checked to
  // be unique. The set's fingerprint does not depend on order.
  ListSpan FinishAttributes(Reason& reason, Fingerprint& set);

  // Joins all occurrences of a length-delimited field: protobuf reads a singular message that comes
  // several times as the concatenation of its parts. Only called when there are at least two.
  bool JoinOccurrences(std::string_view message, uint32_t field, std::string_view& joined);

  // A copy in scratch. References let a small request expand to a large one, so what a request may
  // need here is bounded by its size: half of it and 16 MiB.
  bool CopyToScratch(std::string_view value, std::string_view& copy);
  // The same bound for a value of `size` bytes that is being collected.
  bool ExpansionFits(size_t size, const char* where) {
    return ScratchHasRoom(size) || Fail(Reason::kRequestTooLarge, where);
  }

  static constexpr uint32_t kNegativeIndex = UINT32_MAX;
  static int32_t IndexFromList(uint32_t entry) {
    return static_cast<int32_t>(entry);
  }  // kNegativeIndex is -1

 private:
  bool FailRead(const wire::Reader& fields);
  [[nodiscard]] bool ScratchHasRoom(size_t size) const {
    return scratch.used_bytes() + size <= bytes.size() / 2 + (size_t{16} << 20);
  }
  bool CountIndices(uint64_t count, const char* where) {
    indices_ += count;
    return indices_ <= limits.max_packed_ints || Fail(Reason::kTooManyElements, where);
  }

  uint64_t elements_ = 0;
  uint64_t indices_ = 0;
};

}  // namespace flameway
