// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/function.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "processor/ottl/converters.h"
#include "processor/ottl/editors.h"
#include "processor/ottl/number_text.h"
#include "processor/ottl/parse_error.h"
#include "processor/ottl/text.h"
#include "processor/ottl/value_text.h"

namespace flameway::ottl {
namespace {

absl::Status Mismatch(std::string_view expected, const Value& found) {
  return absl::InvalidArgumentError(
      Text("expected ", expected, " but got ", KindName(found.kind())));
}

absl::Status NotANumber(std::string_view text, std::string_view kind) {
  return absl::InvalidArgumentError(Text("\"", Printable(text, 40), "\" is not ", kind));
}

const Function* Named(std::span<const Function> functions, std::string_view name) {
  for (const Function& function : functions) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

std::string_view Nearest(std::span<const Function> functions, std::string_view name) {
  std::vector<std::string_view> names;
  for (const Function& function : functions) names.push_back(function.name);
  return NearestName(name, names);
}

}  // namespace

absl::StatusOr<std::string_view> Arguments::String(size_t i) const {
  const auto value = Any(i);
  if (!value.ok()) return value.status();
  if (value->kind() != Kind::kString) return Mismatch("string", *value);
  return value->text();
}

absl::StatusOr<std::optional<std::string_view>> Arguments::StringLike(size_t i) const {
  const auto value = Any(i);
  if (!value.ok()) return value.status();
  return AsStringLike(*value, arena());
}

absl::StatusOr<int64_t> Arguments::Int(size_t i) const {
  const auto value = Any(i);
  if (!value.ok()) return value.status();
  if (value->kind() != Kind::kInt) return Mismatch("int", *value);
  return value->as_int();
}

absl::StatusOr<std::span<const Entry>> Arguments::Map(size_t i) const {
  const auto value = Any(i);
  if (!value.ok()) return value.status();
  if (value->kind() != Kind::kMap) return Mismatch("map", *value);
  return value->map();
}

absl::Status Arguments::Set(size_t i, const Value& value) const {
  // The compiler put a path there.
  return static_cast<const PathNode&>(*nodes_[i]).Set(evaluation_, value);
}

absl::StatusOr<std::optional<std::string_view>> AsStringLike(const Value& value, Arena& arena) {
  if (value.is_nil()) return std::optional<std::string_view>();
  const std::optional<std::string_view> text = StringLike(value, arena);
  if (!text) return absl::InvalidArgumentError("nan and infinity have no text here");
  return text;
}

absl::StatusOr<Value> AsInt(const Value& value) {
  switch (value.kind()) {
    case Kind::kNil:
    case Kind::kInt:
      return value;
    case Kind::kBool:
      return Value::Int(value.as_bool() ? 1 : 0);
    case Kind::kDouble:
      return Value::Int(TruncateToInt(value.as_double()));
    case Kind::kString: {
      int64_t number = 0;
      if (!ParseInt(value.text(), number)) return NotANumber(value.text(), "an int");
      return Value::Int(number);
    }
    default:
      return Mismatch("something like an int", value);
  }
}

absl::StatusOr<Value> AsDouble(const Value& value) {
  switch (value.kind()) {
    case Kind::kNil:
    case Kind::kDouble:
      return value;
    case Kind::kBool:
      return Value::Double(value.as_bool() ? 1 : 0);
    case Kind::kInt:
      return Value::Double(static_cast<double>(value.as_int()));
    case Kind::kString: {
      double number = 0;
      if (!ParseDouble(value.text(), number)) return NotANumber(value.text(), "a double");
      return Value::Double(number);
    }
    default:
      return Mismatch("something like a double", value);
  }
}

const Function* ConverterNamed(std::string_view name) { return Named(Converters(), name); }
const Function* EditorNamed(std::string_view name) { return Named(Editors(), name); }
std::string_view NearestConverter(std::string_view name) { return Nearest(Converters(), name); }
std::string_view NearestEditor(std::string_view name) { return Nearest(Editors(), name); }

absl::StatusOr<Value> CallNode::Eval(Evaluation& evaluation) const {
  auto result = function_.run(Arguments(arguments_, patterns_, evaluation));
  if (result.ok()) return result;
  return absl::Status(result.status().code(),
                      Text(function_.name, ": ", result.status().message()));
}

}  // namespace flameway::ottl
