// SPDX-License-Identifier: Apache-2.0
#include "processor/request/any_value.h"

#include "processor/request/utf8.h"
#include "proto/otlp/fields.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

using wire::WireType;

// Turns out[mark, end) into the content of a length-delimited field.
void WrapSince(std::string& out, size_t mark, uint32_t field) {
  char prefix[2 * wire::kMaxVarintBytes];
  char* p = wire::WriteVarint(prefix, wire::Tag(field, WireType::kBytes));
  p = wire::WriteVarint(p, out.size() - mark);
  out.insert(mark, prefix, static_cast<size_t>(p - prefix));
}

bool AppendString(Decoder& decoder, std::string_view text, std::string& out, Reason& reason) {
  if (!decoder.CheckText(text, reason)) return false;
  wire::Writer(&out).BytesField(otlp::AnyValue::string_value, text);
  return true;
}

// Elements of an ArrayValue or KeyValueList; both have one field, number 1.
bool AppendElements(Decoder& decoder, std::string_view list, uint32_t member, uint32_t depth,
                    std::string& out, Reason& reason) {
  static_assert(otlp::ArrayValue::values == otlp::KeyValueList::values);
  wire::Reader fields(list);
  while (fields.Next()) {
    if (fields.field() != otlp::ArrayValue::values) {
      decoder.CountUnknownField();
      continue;
    }
    std::string_view element;
    if (!decoder.TakeBytes(fields, element) || !decoder.CountElements(1, element.data()))
      return false;
    const size_t mark = out.size();
    std::string_view key;
    const bool ok = member == otlp::AnyValue::array_value
                        ? AppendAnyValue(decoder, element, depth, out, reason)
                        : AppendKeyValue(decoder, element, depth, out, key, reason);
    if (!ok) return false;
    WrapSince(out, mark, otlp::ArrayValue::values);
  }
  return decoder.Finish(fields);
}

// Appends a member that is not a list.
bool AppendScalar(Decoder& decoder, const wire::Reader& member, std::string& out, Reason& reason) {
  wire::Writer writer(&out);
  std::string_view bytes;
  int32_t index;
  uint64_t number;
  switch (member.field()) {
    case otlp::AnyValue::string_value:
      return decoder.TakeBytes(member, bytes) && AppendString(decoder, bytes, out, reason);
    case otlp::AnyValue::string_value_strindex: {
      if (!decoder.TakeInt32(member, index)) return false;
      decoder.references_seen = true;
      const WireIndex row = decoder.Refer(decoder.columns.strings, index, reason);
      writer.BytesField(otlp::AnyValue::string_value, decoder.columns.strings.rows[row.value]);
      return true;
    }
    case otlp::AnyValue::bool_value:
      if (!decoder.TakeUint64(member, number)) return false;
      writer.VarintField(otlp::AnyValue::bool_value, number != 0 ? 1 : 0);
      return true;
    case otlp::AnyValue::int_value:
      if (!decoder.TakeUint64(member, number)) return false;
      writer.VarintField(otlp::AnyValue::int_value, number);
      return true;
    case otlp::AnyValue::double_value:
      if (member.type() != WireType::kFixed64) return decoder.FailWireType(member);
      writer.Fixed64Field(otlp::AnyValue::double_value, member.value());
      return true;
    default:  // bytes_value
      if (!decoder.TakeBytes(member, bytes)) return false;
      if (bytes.size() > decoder.limits.max_string_bytes)
        Decoder::SetReason(reason, Reason::kStringTooLong);
      writer.BytesField(otlp::AnyValue::bytes_value, bytes);
      return true;
  }
}

// Whether the value is canonical as it came, told without writing it anew, as for nearly all: one
// short ASCII string, or a number in the shortest form.
bool IsPlain(const Decoder& decoder, std::string_view wire) {
  constexpr size_t kOneByteLength = 128;
  const auto tag = static_cast<unsigned char>(wire[0]);
  const char* p = wire.data() + 1;
  const char* const end = wire.data() + wire.size();
  if (tag == wire::OneByteTag(otlp::AnyValue::string_value, WireType::kBytes)) {
    const size_t size = wire.size() - 2;
    return wire.size() >= 2 && size < kOneByteLength && static_cast<unsigned char>(*p) == size &&
           size <= decoder.limits.max_string_bytes && ValidUtf8Prefix(wire.substr(2)) == size;
  }
  if (tag != wire::OneByteTag(otlp::AnyValue::int_value, WireType::kVarint)) return false;
  uint64_t number;
  return wire::ReadVarint(p, end, number) == wire::VarintStatus::kOk && p == end &&
         wire.size() == 1 + wire::VarintSize(number);
}

// The same of a KeyValue: a short ASCII key, then such a value.
bool IsPlainKeyValue(const Decoder& decoder, std::string_view wire, std::string_view& key) {
  constexpr size_t kOneByteLength = 128;
  constexpr auto kKey = wire::OneByteTag(otlp::KeyValue::key, WireType::kBytes);
  constexpr auto kValue = wire::OneByteTag(otlp::KeyValue::value, WireType::kBytes);
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(wire[at]); };
  if (wire.size() < 2 || byte(0) != kKey) return false;
  const size_t key_size = byte(1);
  const size_t value_at = 2 + key_size + 2;
  if (key_size == 0 || key_size >= kOneByteLength || key_size > decoder.limits.max_string_bytes ||
      value_at >= wire.size() || byte(value_at - 2) != kValue) {
    return false;
  }
  const size_t value_size = byte(value_at - 1);
  key = wire.substr(2, key_size);
  return value_size < kOneByteLength && value_at + value_size == wire.size() &&
         ValidUtf8Prefix(key) == key_size && IsPlain(decoder, wire.substr(value_at));
}

}  // namespace

// The last member that was written counts; a list that came in several pieces without another
// member between them is one list. What is replaced is read as well, so that damage in it refuses
// the request as it does elsewhere.
bool AppendAnyValue(Decoder& decoder, std::string_view wire, uint32_t depth, std::string& out,
                    Reason& reason) {
  const size_t mark = out.size();
  uint32_t last = 0;  // the member that counts so far
  bool last_is_list = false;
  Reason last_reason = Reason::kNone;
  wire::Reader member(wire);
  while (member.Next()) {
    const uint32_t field = member.field();
    if (field > otlp::AnyValue::string_value_strindex) {
      decoder.CountUnknownField();
      continue;
    }
    const bool list = field == otlp::AnyValue::array_value || field == otlp::AnyValue::kvlist_value;
    if (last != 0) decoder.Repair(Reason::kDuplicateField);
    if (!list || field != last) {
      out.resize(mark);
      last_reason = Reason::kNone;
    }
    last = field;
    last_is_list = list;
    if (!list) {
      if (!AppendScalar(decoder, member, out, last_reason)) return false;
    } else {
      std::string_view elements;
      if (!decoder.TakeBytes(member, elements)) return false;
      // The depth limit bounds this recursion, and how often a level's bytes are moved when its
      // length is known.
      if (depth >= decoder.limits.max_any_value_depth) {
        Decoder::SetReason(last_reason, Reason::kAnyValueDepth);
      } else if (!AppendElements(decoder, elements, field, depth + 1, out, last_reason)) {
        return false;
      }
    }
    if (!decoder.ExpansionFits(out.size(), wire.data())) return false;
  }
  if (!decoder.Finish(member)) return false;
  if (last_is_list) WrapSince(out, mark, last);
  Decoder::SetReason(reason, last_reason);
  return true;
}

bool AppendKeyValue(Decoder& decoder, std::string_view wire, uint32_t depth, std::string& out,
                    std::string_view& key, Reason& reason) {
  key = {};
  int32_t key_index = 0;
  std::string_view value;
  int value_count = 0;
  wire::Reader fields(wire);
  while (fields.Next()) {
    switch (fields.field()) {
      case otlp::KeyValue::key:
        if (!decoder.TakeString(fields, key, reason)) return false;
        break;
      case otlp::KeyValue::value:
        if (!decoder.TakeBytes(fields, value)) return false;
        ++value_count;
        break;
      case otlp::KeyValue::key_strindex:
        if (!decoder.TakeInt32(fields, key_index)) return false;
        break;
      default:
        decoder.CountUnknownField();
    }
  }
  if (!decoder.Finish(fields)) return false;
  if (value_count > 1 && !decoder.JoinOccurrences(wire, otlp::KeyValue::value, value)) return false;
  if (key_index != 0) {
    decoder.references_seen = true;
    const WireIndex row = decoder.Refer(decoder.columns.strings, key_index, reason);
    const std::string_view referred = decoder.columns.strings.rows[row.value];
    if (!key.empty()) {
      // Two readers could see two keys; equal ones are only untidy.
      if (key != referred) Decoder::SetReason(reason, Reason::kKeyConflict);
      decoder.Repair(Reason::kKeyConflict);
    }
    key = referred;
  }
  wire::Writer(&out).BytesField(otlp::KeyValue::key, key);
  if (!decoder.ExpansionFits(out.size(), wire.data())) return false;
  const size_t mark = out.size();
  if (!AppendAnyValue(decoder, value, depth, out, reason)) return false;
  WrapSince(out, mark, otlp::KeyValue::value);
  return true;
}

bool DecodeKeyValue(Decoder& decoder, std::string_view wire, std::string_view& key,
                    std::string_view& canonical, Reason& reason) {
  canonical = wire;
  if (IsPlainKeyValue(decoder, wire, key)) return true;
  std::string& text = decoder.text;
  text.clear();
  canonical = {};
  if (!AppendKeyValue(decoder, wire, 0, text, key, reason)) return false;
  canonical = text;
  return true;
}

bool DecodeAnyValue(Decoder& decoder, std::string_view wire, std::string_view& value,
                    Reason& reason) {
  value = {};
  if (wire.empty()) return true;
  if (IsPlain(decoder, wire)) [[likely]] {
    value = wire;
    return true;
  }
  std::string& canonical = decoder.text;
  canonical.clear();
  if (!AppendAnyValue(decoder, wire, 0, canonical, reason)) return false;
  if (canonical == wire) {
    value = wire;
    return true;
  }
  return decoder.CopyToScratch(canonical, value);
}

}  // namespace flameway
