// SPDX-License-Identifier: Apache-2.0
#include "tests/processor/plain_message.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "processor/model/limits.h"
#include "processor/request/utf8.h"
#include "proto/wire/reader.h"
#include "proto/wire/writer.h"
#include "tests/support/schema.h"
#include "tests/support/wire_bytes.h"

namespace flameway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using wire::WireType;

constexpr uint64_t kMax32 = std::numeric_limits<uint32_t>::max();

// Of a number that stands alone.
WireType NaturalType(const FieldDescriptor& field) {
  switch (field.type()) {
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_DOUBLE:
      return WireType::kFixed64;
    case FieldDescriptor::TYPE_STRING:
    case FieldDescriptor::TYPE_BYTES:
    case FieldDescriptor::TYPE_MESSAGE:
      return WireType::kBytes;
    default:
      return WireType::kVarint;
  }
}

bool Overflows(const FieldDescriptor& field, uint64_t value) {
  if (value <= kMax32) return false;
  const auto wide = static_cast<int64_t>(value);  // a negative int32 is a negative int64 here
  return field.type() == FieldDescriptor::TYPE_UINT32 ||
         (field.type() == FieldDescriptor::TYPE_INT32 &&
          (wide >= 0 || wide < std::numeric_limits<int32_t>::min()));
}

class Walk {
 public:
  explicit Walk(PlainMessage& result) : result_(result) {}

  // `lists` counts those around the message.
  void Message(std::string_view message, const Descriptor& type, uint32_t lists, std::string& out) {
    wire::Reader fields(message);
    while (fields.Next()) {
      const FieldDescriptor* field = type.FindFieldByNumber(static_cast<int>(fields.field()));
      if (field != nullptr) Field(fields, *field, lists, out);
    }
    SeeEnd(fields, message);
  }

 private:
  void See(Reason reason) { result_.wrong[static_cast<size_t>(reason)] = true; }

  void SeeEnd(const wire::Reader& fields, std::string_view message) {
    switch (fields.error()) {
      case wire::ReadError::kNone:
        return;
      case wire::ReadError::kTruncated:
        return See(Reason::kTruncated);
      case wire::ReadError::kVarintTooLong:
        return See(Reason::kVarintTooLong);
      case wire::ReadError::kGroupDepth:
        return See(Reason::kGroupDepth);
      case wire::ReadError::kBadTag:
        See(Reason::kBadTag);
        message.remove_prefix(static_cast<size_t>(fields.error_position() - message.data()));
        result_.long_tag |= TakeVarint(&message).value_or(0) > kMax32;
    }
  }

  void Field(const wire::Reader& fields, const FieldDescriptor& field, uint32_t lists,
             std::string& out) {
    const bool packed = field.is_packable() && fields.type() == WireType::kBytes;
    if (!packed && fields.type() != NaturalType(field)) return See(Reason::kWrongWireType);
    wire::Writer writer(&out);
    if (packed) return Packed(fields, field, out);
    switch (fields.type()) {
      case WireType::kVarint:
        Number(field, fields.value());
        return writer.VarintField(fields.field(), fields.value());
      case WireType::kFixed64:
        return writer.Fixed64Field(fields.field(), fields.value());
      default:
        return Bytes(fields.bytes(), field, lists, out);
    }
  }

  void Number(const FieldDescriptor& field, uint64_t value) {
    if (Overflows(field, value)) See(Reason::kInt32Overflow);
  }

  void Packed(const wire::Reader& fields, const FieldDescriptor& field, std::string& out) {
    std::string_view list = fields.bytes();
    std::string plain;
    if (NaturalType(field) == WireType::kFixed64) {
      if (list.size() % 8 != 0) See(Reason::kBadFixed64Block);
      plain = list;
    } else {
      while (!list.empty()) {
        const size_t before = list.size();
        const auto value = TakeVarint(&list);
        if (!value) {
          See(before >= kMaxVarintBytes ? Reason::kVarintTooLong : Reason::kTruncated);
          break;
        }
        Number(field, *value);
        AppendVarint(*value, &plain);
      }
    }
    wire::Writer(&out).BytesField(fields.field(), plain);
  }

  void Bytes(std::string_view bytes, const FieldDescriptor& field, uint32_t lists,
             std::string& out) {
    const auto number = static_cast<uint32_t>(field.number());
    wire::Writer writer(&out);
    if (field.type() == FieldDescriptor::TYPE_STRING)
      return writer.BytesField(number, RepairUtf8(bytes, scratch_));
    if (field.type() == FieldDescriptor::TYPE_BYTES) return writer.BytesField(number, bytes);
    const Descriptor& type = *field.message_type();
    if (type.name() == "ArrayValue" || type.name() == "KeyValueList") ++lists;
    if (lists > RequestLimits().max_any_value_depth) {
      result_.too_deep = true;
      return;
    }
    std::string inner;
    Message(bytes, type, lists, inner);
    writer.BytesField(number, inner);
  }

  PlainMessage& result_;
  Scratch scratch_;
};

}  // namespace

PlainMessage::PlainMessage(std::string_view request) {
  Walk(*this).Message(request, *schema::ExportProfilesServiceRequest::descriptor(), 0, bytes);
}

bool PlainMessage::sound() const {
  return std::none_of(wrong.begin(), wrong.end(), [](bool shown) { return shown; });
}

}  // namespace flameway
