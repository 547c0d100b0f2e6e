// SPDX-License-Identifier: Apache-2.0
#include "tests/proto/wire/reader_agreement.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "proto/wire/reader.h"
#include "proto/wire/writer.h"
#include "tests/support/wire_bytes.h"

namespace flameway::wire {
namespace {

using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

constexpr uint64_t kMax32 = std::numeric_limits<uint32_t>::max();

bool ParseWithProtobuf(std::string_view bytes, UnknownFieldSet& fields) {
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  return fields.MergeFromCodedStream(&input) && input.ConsumedEntireMessage();
}

// A field as Reader showed it.
struct SeenField {
  uint32_t number;
  WireType type;
  uint64_t value;
  std::string_view bytes;
};

bool Equal(const SeenField& ours, const UnknownField& theirs) {
  if (ours.number != static_cast<uint32_t>(theirs.number())) return false;
  switch (theirs.type()) {
    case UnknownField::TYPE_VARINT:
      return ours.type == WireType::kVarint && ours.value == theirs.varint();
    case UnknownField::TYPE_FIXED32:
      return ours.type == WireType::kFixed32 && ours.value == theirs.fixed32();
    case UnknownField::TYPE_FIXED64:
      return ours.type == WireType::kFixed64 && ours.value == theirs.fixed64();
    case UnknownField::TYPE_LENGTH_DELIMITED:
      return ours.type == WireType::kBytes && ours.bytes == theirs.length_delimited();
    case UnknownField::TYPE_GROUP:
      return ours.type == WireType::kGroup;
  }
  return false;
}

int GroupDepth(const UnknownFieldSet& fields) {
  int depth = 0;
  for (int i = 0; i < fields.field_count(); ++i) {
    const UnknownField& field = fields.field(i);
    if (field.type() == UnknownField::TYPE_GROUP)
      depth = std::max(depth, 1 + GroupDepth(field.group()));
  }
  return depth;
}

// The varint that starts at or ends before `where`; 0 if there is none.
uint64_t VarintAt(std::string_view bytes, size_t where) {
  std::string_view rest = bytes.substr(where);
  return TakeVarint(&rest).value_or(0);
}
uint64_t VarintBefore(std::string_view bytes, size_t where) {
  if (where == 0) return 0;
  size_t start = where - 1;
  while (start > 0 && static_cast<signed char>(bytes[start - 1]) < 0) --start;
  return VarintAt(bytes, start);
}

// Whether what stopped the reader is one of the listed differences.
bool IsIntended(const Reader& ours, std::string_view bytes, const UnknownFieldSet& theirs) {
  const auto where = static_cast<size_t>(ours.error_position() - bytes.data());
  switch (ours.error()) {
    case ReadError::kBadTag:
      return VarintAt(bytes, where) > kMax32;
    case ReadError::kTruncated:
      return VarintBefore(bytes, where) > kMax32;
    case ReadError::kGroupDepth:
      return GroupDepth(theirs) > kMaxGroupDepth;
    default:
      return false;
  }
}

std::string StraightWayDisagreement(std::string_view bytes, const std::vector<SeenField>& fields,
                                    ReadError error) {
  constexpr size_t kFields = 4;
  uint64_t values[kFields + 1] = {};
  if (!ReadVarintFields<kFields>(bytes, values)) return "";
  if (error != ReadError::kNone) return "the straight way takes what Reader refuses";
  uint64_t walked[kFields + 1] = {};
  for (const SeenField& field : fields) {
    if (field.type != WireType::kVarint || field.number > kFields)
      return fmt::format("the straight way takes field {}", field.number);
    walked[field.number] = field.value;
  }
  return std::ranges::equal(values, walked) ? "" : "the straight way reads other values";
}

// The fields but groups and fixed32, which nothing of ours writes.
std::string WriterDisagreement(const std::vector<SeenField>& fields) {
  std::string forward;
  Writer writer(&forward);
  BackWriter back(16);
  std::vector<SeenField> written;
  for (const SeenField& field : fields) {
    if (field.type == WireType::kVarint) writer.VarintField(field.number, field.value);
    if (field.type == WireType::kFixed64) writer.Fixed64Field(field.number, field.value);
    if (field.type == WireType::kBytes) writer.BytesField(field.number, field.bytes);
    if (field.type != WireType::kGroup && field.type != WireType::kFixed32)
      written.push_back(field);
  }
  for (size_t i = written.size(); i-- > 0;) {
    const SeenField& field = written[i];
    if (field.type == WireType::kVarint) back.VarintField(field.number, field.value);
    if (field.type == WireType::kFixed64) back.Fixed64Field(field.number, field.value);
    if (field.type == WireType::kBytes) back.BytesField(field.number, field.bytes);
  }
  if (forward != back.message()) return "the two writers write different bytes";
  UnknownFieldSet theirs;
  if (!ParseWithProtobuf(forward, theirs)) return "libprotobuf does not read what was written";
  if (static_cast<size_t>(theirs.field_count()) != written.size()) return "a field was lost";
  for (size_t i = 0; i < written.size(); ++i) {
    if (!Equal(written[i], theirs.field(static_cast<int>(i)))) return "a field was written wrong";
  }
  return "";
}

}  // namespace

std::string ReaderDisagreement(std::string_view bytes) {
  UnknownFieldSet theirs;
  const bool parsed = ParseWithProtobuf(bytes, theirs);
  std::vector<SeenField> fields;
  Reader ours(bytes);
  while (ours.Next()) {
    fields.push_back({.number = ours.field(),
                      .type = ours.type(),
                      .value = ours.value(),
                      .bytes = ours.type() == WireType::kBytes ? ours.bytes() : ""});
    if (!parsed) continue;
    const auto i = static_cast<int>(fields.size()) - 1;
    if (i >= theirs.field_count() || !Equal(fields.back(), theirs.field(i)))
      return fmt::format("field {} of the message is another one to libprotobuf", i);
  }
  if (ours.Next()) return "it goes on after the end";
  if (ours.error() == ReadError::kNone) {
    if (!parsed) return "accepted, but libprotobuf refuses it";
    if (static_cast<size_t>(theirs.field_count()) != fields.size()) return "fields left unread";
  } else if (parsed && !IsIntended(ours, bytes, theirs)) {
    return fmt::format("refused with error {}, but libprotobuf takes it",
                       static_cast<int>(ours.error()));
  }
  std::string straight = StraightWayDisagreement(bytes, fields, ours.error());
  return straight.empty() ? WriterDisagreement(fields) : straight;
}

}  // namespace flameway::wire
