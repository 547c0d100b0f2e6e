// SPDX-License-Identifier: Apache-2.0
#include "tests/support/wire_emitter.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include "tests/support/wire_bytes.h"

namespace flameway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr uint32_t kVarint = 0;
constexpr uint32_t kFixed64 = 1;
constexpr uint32_t kDelimited = 2;
constexpr uint32_t kStartGroup = 3;
constexpr uint32_t kEndGroup = 4;
constexpr uint32_t kFixed32 = 5;
constexpr uint32_t kFirstUnknownField = 100;

// The bits of element i of a repeated number, or of the number itself for i < 0.
uint64_t NumberBits(const Message& message, const FieldDescriptor& field, int i) {
  const Reflection& reflection = *message.GetReflection();
  const bool one = i < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: {
      const int32_t value = one ? reflection.GetInt32(message, &field)
                                : reflection.GetRepeatedInt32(message, &field, i);
      return static_cast<uint64_t>(int64_t{value});  // negative int32 take ten bytes
    }
    case FieldDescriptor::CPPTYPE_UINT32:
      return one ? reflection.GetUInt32(message, &field)
                 : reflection.GetRepeatedUInt32(message, &field, i);
    case FieldDescriptor::CPPTYPE_INT64:
      return static_cast<uint64_t>(one ? reflection.GetInt64(message, &field)
                                       : reflection.GetRepeatedInt64(message, &field, i));
    case FieldDescriptor::CPPTYPE_UINT64:
      return one ? reflection.GetUInt64(message, &field)
                 : reflection.GetRepeatedUInt64(message, &field, i);
    case FieldDescriptor::CPPTYPE_BOOL:
      return (one ? reflection.GetBool(message, &field)
                  : reflection.GetRepeatedBool(message, &field, i))
                 ? 1
                 : 0;
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return std::bit_cast<uint64_t>(one ? reflection.GetDouble(message, &field)
                                         : reflection.GetRepeatedDouble(message, &field, i));
    default:
      std::abort();  // the schema has no other numbers
  }
}

bool IsFixed64(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_FIXED64 ||
         field.type() == FieldDescriptor::TYPE_DOUBLE;
}

bool IsText(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
}

bool IsMessage(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

uint32_t WireNumber(const FieldDescriptor& field) { return static_cast<uint32_t>(field.number()); }

}  // namespace

WireStyle WireStyle::Anything() {
  WireStyle style;
  style.order = FieldOrder::kShuffled;
  style.unpacked_share = 0.4;
  style.split_share = 0.3;
  style.overlong_share = 0.1;
  style.explicit_default_share = 0.2;
  style.unknown_field_share = 0.1;
  return style;
}

bool WireEmitter::Chance(double share) {
  return share > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < share;
}

void WireEmitter::Varint(uint64_t value, std::string* out) {
  const size_t min_bytes = Chance(style_.overlong_share) ? 1 + random_() % kMaxVarintBytes : 1;
  AppendVarint(value, out, min_bytes);
}

// Readers may stop a tag at five bytes, so it is never made longer.
void WireEmitter::Tag(uint32_t number, uint32_t type, std::string* out) {
  AppendTag(number, type, out, Chance(style_.overlong_share) ? 1 + random_() % 5 : 1);
}

std::string WireEmitter::Delimited(const Field& field, std::string_view payload) {
  std::string out;
  Tag(WireNumber(field), kDelimited, &out);
  // Some readers also take lengths of five bytes at most.
  AppendVarint(payload.size(), &out, Chance(style_.overlong_share) ? 1 + random_() % 5 : 1);
  out.append(payload);
  return out;
}

std::string WireEmitter::Number(const Field& field, uint64_t bits) {
  std::string out;
  if (IsFixed64(field)) {
    AppendFixed64(bits, &out);
  } else {
    Varint(bits, &out);
  }
  return out;
}

WireEmitter::Pieces WireEmitter::EmitNumbers(const Message& message, const Field& field) {
  Pieces pieces;
  const int size = message.GetReflection()->FieldSize(message, &field);
  const bool split = Chance(style_.split_share);
  for (int i = 0; i < size;) {
    const int run = split ? 1 + static_cast<int>(random_() % 4) : size;
    const int end = std::min(size, i + run);
    if (Chance(style_.unpacked_share)) {
      for (; i < end; ++i) {
        std::string piece;
        Tag(WireNumber(field), IsFixed64(field) ? kFixed64 : kVarint, &piece);
        pieces.push_back(piece + Number(field, NumberBits(message, field, i)));
      }
    } else {
      std::string block;
      for (; i < end; ++i) block += Number(field, NumberBits(message, field, i));
      pieces.push_back(Delimited(field, block));
    }
  }
  // An empty packed block is the default, written out.
  if (size == 0 && Chance(style_.explicit_default_share)) pieces.push_back(Delimited(field, ""));
  return pieces;
}

WireEmitter::Pieces WireEmitter::EmitField(const Message& message, const Field& field) {
  const Reflection& reflection = *message.GetReflection();
  if (field.is_repeated() && !IsText(field) && !IsMessage(field)) {
    return EmitNumbers(message, field);
  }
  Pieces pieces;
  if (field.is_repeated()) {
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      pieces.push_back(Delimited(
          field, IsText(field) ? reflection.GetRepeatedString(message, &field, i)
                               : Emit(reflection.GetRepeatedMessage(message, &field, i))));
    }
    return pieces;
  }
  const bool set = reflection.HasField(message, &field);
  const bool in_oneof = field.real_containing_oneof() != nullptr;
  if (!set && (in_oneof || !Chance(style_.explicit_default_share))) return pieces;
  if (IsMessage(field)) {
    pieces.push_back(Delimited(field, set ? Emit(reflection.GetMessage(message, &field)) : ""));
  } else if (IsText(field)) {
    if (Chance(style_.repeated_singular_share)) pieces.push_back(Delimited(field, "overridden"));
    pieces.push_back(Delimited(field, reflection.GetString(message, &field)));
  } else {
    const auto append = [&](uint64_t bits) {
      std::string piece;
      Tag(WireNumber(field), IsFixed64(field) ? kFixed64 : kVarint, &piece);
      pieces.push_back(piece + Number(field, bits));
    };
    if (Chance(style_.repeated_singular_share)) append(1);
    append(NumberBits(message, field, -1));
  }
  return pieces;
}

WireEmitter::Pieces WireEmitter::UnknownFields() {
  std::string piece;
  const uint32_t number = kFirstUnknownField + static_cast<uint32_t>(random_() % 1000);
  switch (random_() % 5) {
    case 0:
      Tag(number, kVarint, &piece);
      Varint(random_(), &piece);
      break;
    case 1:
      Tag(number, kFixed64, &piece);
      AppendFixed64(random_(), &piece);
      break;
    case 2:
      Tag(number, kDelimited, &piece);
      AppendVarint(3, &piece);
      piece.append("\xff\x00?", 3);
      break;
    case 3:
      Tag(number, kFixed32, &piece);
      piece += "1234";
      break;
    default:
      Tag(number, kStartGroup, &piece);
      Tag(1, kVarint, &piece);
      Varint(random_(), &piece);
      Tag(number, kEndGroup, &piece);
  }
  return {piece};
}

std::string WireEmitter::Join(std::vector<Pieces> fields) {
  std::string out;
  if (style_.order != WireStyle::FieldOrder::kShuffled) {
    for (const Pieces& pieces : fields) {
      for (const std::string& piece : pieces) out += piece;
    }
    return out;
  }
  // A random interleaving: shuffle who is next, not what each has next.
  std::vector<size_t> turns;
  for (size_t i = 0; i < fields.size(); ++i) turns.insert(turns.end(), fields[i].size(), i);
  // Runs stay together half of the time, as real senders write them.
  if (random_() % 2 == 0) {
    std::shuffle(turns.begin(), turns.end(), random_);
  } else {
    std::shuffle(fields.begin(), fields.end(), random_);
    turns.clear();
    for (size_t i = 0; i < fields.size(); ++i) turns.insert(turns.end(), fields[i].size(), i);
  }
  std::vector<size_t> next(fields.size());
  for (size_t field : turns) out += fields[field][next[field]++];
  return out;
}

std::string WireEmitter::Emit(const Message& message) {
  std::vector<Pieces> fields;
  const auto& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    fields.push_back(EmitField(message, *descriptor.field(i)));
  }
  if (style_.order == WireStyle::FieldOrder::kDescending) {
    std::reverse(fields.begin(), fields.end());
  }
  if (Chance(style_.unknown_field_share)) fields.push_back(UnknownFields());
  return Join(std::move(fields));
}

}  // namespace flameway
