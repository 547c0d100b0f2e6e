// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/value_text.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "processor/ottl/number_text.h"
#include "processor/ottl/string_literal.h"
#include "processor/ottl/text.h"

namespace flameway::ottl {
namespace {

// The two JSON writers of the Collector differ in three habits.
enum class Writer : uint8_t {
  kEscaping,  // < > & escaped, \u0008 for backspace, 1e-07
  kPlain,     // \b, 1e-7
};

void AppendJsonString(std::string_view text, Writer writer, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const CodePoint c = FirstCodePoint(text);
    const std::string_view bytes = text.substr(0, c.size);
    text.remove_prefix(c.size);
    const bool markup = c.value == '<' || c.value == '>' || c.value == '&';
    if (c.value == '"' || c.value == '\\') {
      AppendTexts(out, "\\", bytes);
    } else if (c.value == '\n') {
      out += "\\n";
    } else if (c.value == '\r') {
      out += "\\r";
    } else if (c.value == '\t') {
      out += "\\t";
    } else if (writer == Writer::kPlain && c.value == '\b') {
      out += "\\b";
    } else if (writer == Writer::kPlain && c.value == '\f') {
      out += "\\f";
    } else if (c.value < 0x20 || c.value == 0x2028 || c.value == 0x2029 ||
               (markup && writer == Writer::kEscaping) || (c.value == 0xFFFD && c.size == 1)) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(c.value));
    } else {
      out += bytes;
    }
  }
  out += '"';
}

// False when a number is not finite.
bool AppendJson(const Value& value, Writer writer, std::string& out) {
  switch (value.kind()) {
    case Kind::kNil:
      out += "null";
      return true;
    case Kind::kBool:
      out += value.as_bool() ? "true" : "false";
      return true;
    case Kind::kInt:
      AppendTexts(out, value.as_int());
      return true;
    case Kind::kDouble:
      if (!std::isfinite(value.as_double())) return false;
      out += JsonDouble(value.as_double(),
                        writer == Writer::kPlain ? ExponentForm::kShort : ExponentForm::kTwoDigits);
      return true;
    case Kind::kString:
      AppendJsonString(value.text(), writer, out);
      return true;
    case Kind::kBytes:
      AppendTexts(out, "\"", Base64Text(value.text()), "\"");
      return true;
    case Kind::kList: {
      out += '[';
      bool first = true;
      for (const Value& element : value.list()) {
        if (!first) out += ',';
        first = false;
        if (!AppendJson(element, writer, out)) return false;
      }
      out += ']';
      return true;
    }
    case Kind::kMap: {
      std::vector<const Entry*> entries;
      for (const Entry& entry : value.map()) entries.push_back(&entry);
      std::stable_sort(entries.begin(), entries.end(),
                       [](const Entry* a, const Entry* b) { return a->key < b->key; });
      out += '{';
      const char* separator = "";
      for (const Entry* entry : entries) {
        out += separator;
        separator = ",";
        AppendJsonString(entry->key, writer, out);
        out += ':';
        if (!AppendJson(entry->value, writer, out)) return false;
      }
      out += '}';
      return true;
    }
  }
  return true;
}

}  // namespace

std::optional<std::string_view> StringLike(const Value& value, Arena& arena) {
  if (value.kind() == Kind::kString) return value.text();
  if (value.kind() == Kind::kBytes) return arena.Copy(HexText(value.text()));
  std::string json;
  if (!AppendJson(value, Writer::kEscaping, json)) return std::nullopt;
  return arena.Copy(json);
}

std::string_view PlainText(const Value& value, Arena& arena) {
  switch (value.kind()) {
    case Kind::kNil:
      return {};
    case Kind::kString:
      return value.text();
    case Kind::kBytes:
      return arena.Copy(Base64Text(value.text()));
    case Kind::kDouble:
      if (std::isnan(value.as_double())) return "NaN";
      if (std::isinf(value.as_double())) return value.as_double() > 0 ? "Infinity" : "-Infinity";
      [[fallthrough]];
    default: {
      std::string json;
      // pdata gives up silently on a number that JSON cannot hold.
      if (!AppendJson(value, Writer::kPlain, json)) return {};
      return arena.Copy(json);
    }
  }
}

}  // namespace flameway::ottl
