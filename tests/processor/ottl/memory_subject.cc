// SPDX-License-Identifier: Apache-2.0
#include "tests/processor/ottl/memory_subject.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "processor/ottl/node.h"
#include "processor/ottl/text.h"
#include "processor/ottl/value_text.h"

namespace flameway::ottl {
namespace {

Value Empty(PathType type) {
  switch (type) {
    case PathType::kString:
    case PathType::kProfileId:
      return Value::String("");
    case PathType::kBytes:
      return Value::Bytes("");
    case PathType::kIntList:
      return Value::List({});
    case PathType::kMap:
      return Value::Map({});
    default:
      return Value::Int(0);
  }
}

std::string Joined(std::vector<std::string> parts) {
  std::string out;
  for (const std::string& part : parts) out += out.empty() ? part : ", " + part;
  return out;
}

}  // namespace

Value MemorySubject::Get(PathId path, Arena&) const {
  ++reads_;
  const auto found = values_.find(path);
  return found == values_.end() ? Empty(TraitsOf(path).type) : found->second;
}

absl::Status MemorySubject::Set(PathId path, const Value& value) {
  ++writes_;
  values_[path] = memory_.DeepCopy(value);
  return absl::OkStatus();
}

std::optional<Value> MemorySubject::GetKey(PathId path, std::string_view key, Arena& arena) const {
  const Value map = Get(path, arena);
  const Value* found = Find(map.map(), key);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

absl::Status MemorySubject::SetKey(PathId path, std::string_view key, const Value& value) {
  Arena arena;
  return Set(path, WithEntry(Get(path, arena).map(), key, value, arena));
}

std::string InWords(const Value& value) {
  Arena arena;
  switch (value.kind()) {
    case Kind::kNil:
      return "nil";
    case Kind::kString: {
      std::string out = "\"";
      for (const char c : value.text()) {
        const auto byte = static_cast<unsigned char>(c);
        char escaped[8];
        std::snprintf(escaped, sizeof(escaped), "\\x%02x", static_cast<unsigned>(byte));
        out += byte < 0x20 || byte > 0x7e || c == '"' || c == '\\' ? escaped : std::string(1, c);
      }
      return out + "\"";
    }
    case Kind::kBytes:
      return "0x" + HexText(value.text());
    case Kind::kDouble:
      return Text("double(", PlainText(value, arena), ")");
    case Kind::kList: {
      std::vector<std::string> parts;
      for (const Value& element : value.list()) parts.push_back(InWords(element));
      return "[" + Joined(parts) + "]";
    }
    case Kind::kMap: {
      std::vector<std::string> parts;
      for (const Entry& entry : value.map())
        parts.push_back(Text(entry.key, ": ", InWords(entry.value)));
      std::sort(parts.begin(), parts.end());
      return "{" + Joined(parts) + "}";
    }
    default:
      return std::string(PlainText(value, arena));
  }
}

}  // namespace flameway::ottl
