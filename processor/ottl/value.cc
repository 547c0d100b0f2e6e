// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/value.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace flameway::ottl {
namespace {

template <typename T>
bool Holds(const T& a, const T& b, Comparison comparison) {
  switch (comparison) {
    case Comparison::kEqual:
      return a == b;
    case Comparison::kNotEqual:
      return a != b;
    case Comparison::kLess:
      return a < b;
    case Comparison::kLessOrEqual:
      return a <= b;
    case Comparison::kGreater:
      return a > b;
    case Comparison::kGreaterOrEqual:
      return a >= b;
  }
  return false;
}

bool IsNumber(const Value& value) {
  return value.kind() == Kind::kInt || value.kind() == Kind::kDouble;
}

double AsDouble(const Value& value) {
  return value.kind() == Kind::kInt ? static_cast<double>(value.as_int()) : value.as_double();
}

// Empty bytes and nil are one thing to the Collector when a whole value is compared.
bool IsNothing(const Value& value) {
  return value.is_nil() || (value.kind() == Kind::kBytes && value.text().empty());
}

}  // namespace

std::string_view KindName(Kind kind) {
  static constexpr std::string_view kNames[] = {"nil",    "bool",  "int",  "double",
                                                "string", "bytes", "list", "map"};
  return kNames[static_cast<size_t>(kind)];
}

const Value* Find(std::span<const Entry> entries, std::string_view key) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [key](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

std::string_view Arena::Copy(std::string_view text) {
  const std::span<char> copy = NewText(text.size());
  if (!text.empty()) std::memcpy(copy.data(), text.data(), text.size());
  return {copy.data(), copy.size()};
}

std::span<char> Arena::NewText(size_t size) {
  if (size == 0) return {};
  return {static_cast<char*>(memory_.allocate(size, 1)), size};
}

std::span<Value> Arena::NewList(size_t size) {
  if (size == 0) return {};
  auto* first = static_cast<Value*>(memory_.allocate(size * sizeof(Value), alignof(Value)));
  std::uninitialized_value_construct_n(first, size);
  return {first, size};
}

std::span<Entry> Arena::NewMap(size_t size) {
  if (size == 0) return {};
  auto* first = static_cast<Entry*>(memory_.allocate(size * sizeof(Entry), alignof(Entry)));
  std::uninitialized_value_construct_n(first, size);
  return {first, size};
}

Value Arena::DeepCopy(const Value& value) {
  switch (value.kind()) {
    case Kind::kString:
      return Value::String(Copy(value.text()));
    case Kind::kBytes:
      return Value::Bytes(Copy(value.text()));
    case Kind::kList: {
      const std::span<Value> copy = NewList(value.list().size());
      for (size_t i = 0; i < copy.size(); ++i) copy[i] = DeepCopy(value.list()[i]);
      return Value::List(copy);
    }
    case Kind::kMap: {
      const std::span<Entry> copy = NewMap(value.map().size());
      for (size_t i = 0; i < copy.size(); ++i) {
        copy[i] = {Copy(value.map()[i].key), DeepCopy(value.map()[i].value)};
      }
      return Value::Map(copy);
    }
    default:
      return value;
  }
}

bool Equal(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kNil:
      return true;
    case Kind::kBool:
    case Kind::kInt:
      return a.as_int() == b.as_int();
    case Kind::kDouble:
      return a.as_double() == b.as_double();
    case Kind::kString:
    case Kind::kBytes:
      return a.text() == b.text();
    case Kind::kList:
      return std::equal(a.list().begin(), a.list().end(), b.list().begin(), b.list().end(), Equal);
    case Kind::kMap:
      return a.map().size() == b.map().size() &&
             std::all_of(a.map().begin(), a.map().end(), [&b](const Entry& entry) {
               const Value* other = Find(b.map(), entry.key);
               return other != nullptr && Equal(entry.value, *other);
             });
  }
  return false;
}

bool Compare(const Value& a, const Value& b, Comparison comparison) {
  if (IsNothing(a) || IsNothing(b)) {
    // Ordered, nothing is equal to nothing and comparable with nothing else.
    const bool equal = IsNothing(a) && IsNothing(b);
    switch (comparison) {
      case Comparison::kEqual:
      case Comparison::kLessOrEqual:
      case Comparison::kGreaterOrEqual:
        return equal;
      case Comparison::kNotEqual:
        return !equal;
      default:
        return false;
    }
  }
  if (IsNumber(a) && IsNumber(b)) {
    if (a.kind() == Kind::kInt && b.kind() == Kind::kInt) {
      return Holds(a.as_int(), b.as_int(), comparison);
    }
    return Holds(AsDouble(a), AsDouble(b), comparison);
  }
  if (a.kind() != b.kind()) return comparison == Comparison::kNotEqual;
  switch (a.kind()) {
    case Kind::kBool:
      return Holds(a.as_bool(), b.as_bool(), comparison);
    case Kind::kString:
    case Kind::kBytes:
      return Holds(a.text(), b.text(), comparison);
    default:
      if (comparison == Comparison::kEqual) return Equal(a, b);
      if (comparison == Comparison::kNotEqual) return !Equal(a, b);
      return false;
  }
}

}  // namespace flameway::ottl
