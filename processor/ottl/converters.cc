// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/converters.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "processor/ottl/letter_case.h"
#include "processor/ottl/string_literal.h"
#include "processor/ottl/text.h"

namespace flameway::ottl {
namespace {

using Result = absl::StatusOr<Value>;

constexpr Parameter kIsMatch[] = {{"target", ParameterType::kStringLike},
                                  {"pattern", ParameterType::kRegex}};
Result IsMatch(const Arguments& arguments) {
  const auto target = arguments.StringLike(0);
  if (!target.ok()) return target.status();
  return Value::Bool(target->has_value() && arguments.pattern(1).Matches(**target));
}

constexpr Parameter kHasPrefix[] = {{"target", ParameterType::kString},
                                    {"prefix", ParameterType::kString}};
Result HasPrefix(const Arguments& arguments) {
  const auto target = arguments.String(0);
  if (!target.ok()) return target.status();
  const auto prefix = arguments.String(1);
  if (!prefix.ok()) return prefix.status();
  return Value::Bool(target->starts_with(*prefix));
}

constexpr Parameter kHasSuffix[] = {{"target", ParameterType::kString},
                                    {"suffix", ParameterType::kString}};
Result HasSuffix(const Arguments& arguments) {
  const auto target = arguments.String(0);
  if (!target.ok()) return target.status();
  const auto suffix = arguments.String(1);
  if (!suffix.ok()) return suffix.status();
  return Value::Bool(target->ends_with(*suffix));
}

// A literal of another kind is a mistake; a value of another kind is the question.
constexpr Parameter kIsString[] = {{"target", ParameterType::kString}};
Result IsString(const Arguments& arguments) {
  const auto target = arguments.Any(0);
  if (!target.ok()) return target;
  return Value::Bool(target->kind() == Kind::kString);
}

constexpr Parameter kIsInt[] = {{"target", ParameterType::kInt}};
Result IsInt(const Arguments& arguments) {
  const auto target = arguments.Any(0);
  if (!target.ok()) return target;
  return Value::Bool(target->kind() == Kind::kInt);
}

constexpr Parameter kConcat[] = {{"vals", ParameterType::kStringLikes},
                                 {"delimiter", ParameterType::kString}};
Result Concat(const Arguments& arguments) {
  const auto delimiter = arguments.String(1);
  if (!delimiter.ok()) return delimiter.status();
  const auto list = arguments.Any(0);
  if (!list.ok()) return list;
  std::string out;
  for (size_t i = 0; i < list->list().size(); ++i) {
    const Value& element = list->list()[i];
    if (i > 0) out += *delimiter;
    const auto text = AsStringLike(element, arguments.arena());
    if (!text.ok()) return text.status();
    out += text->value_or("<nil>");
  }
  return Value::String(arguments.arena().Copy(out));
}

constexpr Parameter kToLowerCase[] = {{"target", ParameterType::kString}};
Result ToLowerCase(const Arguments& arguments) {
  const auto target = arguments.String(0);
  if (!target.ok()) return target.status();
  return Value::String(ToLower(*target, arguments.arena()));
}

constexpr Parameter kToUpperCase[] = {{"target", ParameterType::kString}};
Result ToUpperCase(const Arguments& arguments) {
  const auto target = arguments.String(0);
  if (!target.ok()) return target.status();
  return Value::String(ToUpper(*target, arguments.arena()));
}

bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Positions are bytes. With utf8_safe they move inwards to the borders of characters.
constexpr Parameter kSubstring[] = {
    {"target", ParameterType::kString},
    {"start", ParameterType::kInt},
    {"length", ParameterType::kInt},
    {"utf8_safe", ParameterType::kLiteralBool, Presence::kOptional}};
Result Substring(const Arguments& arguments) {
  const auto start = arguments.Int(1);
  if (!start.ok()) return start.status();
  if (*start < 0) return absl::InvalidArgumentError("start is negative");
  const auto length = arguments.Int(2);
  if (!length.ok()) return length.status();
  if (*length <= 0) return absl::InvalidArgumentError("length is not positive");
  const auto target = arguments.String(0);
  if (!target.ok()) return target.status();
  const auto size = static_cast<int64_t>(target->size());
  if (*start > size || *length > size - *start) {
    return absl::OutOfRangeError(Text("start ", *start, " and length ", *length,
                                      " reach beyond the ", size, " bytes of the string"));
  }
  auto first = static_cast<size_t>(*start);
  auto end = static_cast<size_t>(*start + *length);
  if (arguments.Has(3) && arguments.Literal(3).as_bool()) {
    while (first < target->size() && !StartsCharacter((*target)[first])) ++first;
    while (first < end && end < target->size() && !StartsCharacter((*target)[end])) --end;
    end = std::max(first, end);
  }
  return Value::String(target->substr(first, end - first));
}

constexpr Parameter kSplit[] = {{"target", ParameterType::kString},
                                {"delimiter", ParameterType::kString}};
Result Split(const Arguments& arguments) {
  const auto target = arguments.String(0);
  if (!target.ok()) return target.status();
  const auto delimiter = arguments.String(1);
  if (!delimiter.ok()) return delimiter.status();
  std::vector<Value> parts;
  std::string_view rest = *target;
  if (delimiter->empty()) {
    for (; !rest.empty(); rest.remove_prefix(FirstCodePoint(rest).size)) {
      parts.push_back(Value::String(rest.substr(0, FirstCodePoint(rest).size)));
    }
  } else {
    for (size_t at = rest.find(*delimiter); at != std::string_view::npos;
         at = rest.find(*delimiter)) {
      parts.push_back(Value::String(rest.substr(0, at)));
      rest.remove_prefix(at + delimiter->size());
    }
    parts.push_back(Value::String(rest));
  }
  const std::span<Value> list = arguments.arena().NewList(parts.size());
  std::copy(parts.begin(), parts.end(), list.begin());
  return Value::List(list);
}

constexpr Parameter kInt[] = {{"target", ParameterType::kIntLike}};
Result Int(const Arguments& arguments) {
  const auto target = arguments.Any(0);
  return target.ok() ? AsInt(*target) : target;
}

constexpr Parameter kString[] = {{"target", ParameterType::kStringLike}};
Result String(const Arguments& arguments) {
  const auto target = arguments.StringLike(0);
  if (!target.ok()) return target.status();
  return *target ? Value::String(**target) : Value();
}

constexpr Parameter kDouble[] = {{"target", ParameterType::kDoubleLike}};
Result Double(const Arguments& arguments) {
  const auto target = arguments.Any(0);
  return target.ok() ? AsDouble(*target) : target;
}

constexpr Parameter kLen[] = {{"target", ParameterType::kValue}};
Result Len(const Arguments& arguments) {
  const auto target = arguments.Any(0);
  if (!target.ok()) return target;
  switch (target->kind()) {
    case Kind::kString:
    case Kind::kBytes:
      return Value::Int(static_cast<int64_t>(target->text().size()));
    case Kind::kList:
      return Value::Int(static_cast<int64_t>(target->list().size()));
    case Kind::kMap:
      return Value::Int(static_cast<int64_t>(target->map().size()));
    default:
      return absl::InvalidArgumentError(Text("a ", KindName(target->kind()), " has no length"));
  }
}

constexpr Function kConverters[] = {
    {"Concat", Kind::kString, kConcat, Concat},
    {"Double", Kind::kNil, kDouble, Double},
    {"HasPrefix", Kind::kBool, kHasPrefix, HasPrefix},
    {"HasSuffix", Kind::kBool, kHasSuffix, HasSuffix},
    {"Int", Kind::kNil, kInt, Int},
    {"IsInt", Kind::kBool, kIsInt, IsInt},
    {"IsMatch", Kind::kBool, kIsMatch, IsMatch},
    {"IsString", Kind::kBool, kIsString, IsString},
    {"Len", Kind::kInt, kLen, Len},
    {"Split", Kind::kList, kSplit, Split},
    {"String", Kind::kNil, kString, String},
    {"Substring", Kind::kString, kSubstring, Substring},
    {"ToLowerCase", Kind::kString, kToLowerCase, ToLowerCase},
    {"ToUpperCase", Kind::kString, kToUpperCase, ToUpperCase},
};

}  // namespace

std::span<const Function> Converters() { return kConverters; }

}  // namespace flameway::ottl
