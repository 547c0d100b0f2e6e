// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/node.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "processor/ottl/text.h"
#include "processor/ottl/value_text.h"

namespace flameway::ottl {
namespace {

absl::Status Mismatch(std::string_view expected, const Value& found) {
  return absl::InvalidArgumentError(
      Text("expected ", expected, " but got ", KindName(found.kind())));
}

absl::StatusOr<std::vector<Value>> EvalAll(std::span<const NodePtr> nodes, Evaluation& evaluation) {
  std::vector<Value> values;
  values.reserve(nodes.size());
  for (const NodePtr& node : nodes) {
    auto value = node->Eval(evaluation);
    if (!value.ok()) return value.status();
    values.push_back(*value);
  }
  return values;
}

absl::StatusOr<Value> ElementAt(const Value& list, const Value& key) {
  if (key.kind() != Kind::kInt) return Mismatch("an int as index of a list", key);
  const std::span<const Value> elements = list.list();
  if (key.as_int() < 0 || static_cast<uint64_t>(key.as_int()) >= elements.size()) {
    return absl::OutOfRangeError(Text("index ", key.as_int(), " out of bounds"));
  }
  return elements[static_cast<size_t>(key.as_int())];
}

absl::Status NotIndexable(const Value& value) {
  return absl::InvalidArgumentError(Text("a ", KindName(value.kind()), " cannot be indexed"));
}

// A number in Go's way: unsigned, so that overflow wraps.
absl::StatusOr<Value> IntegerResult(int64_t a, char op, int64_t b) {
  const auto x = static_cast<uint64_t>(a);
  const auto y = static_cast<uint64_t>(b);
  switch (op) {
    case '+':
      return Value::Int(static_cast<int64_t>(x + y));
    case '-':
      return Value::Int(static_cast<int64_t>(x - y));
    case '*':
      return Value::Int(static_cast<int64_t>(x * y));
    default:
      if (b == 0) return absl::InvalidArgumentError("attempted to divide by 0");
      if (b == -1) return Value::Int(static_cast<int64_t>(0 - x));
      return Value::Int(a / b);
  }
}

absl::StatusOr<Value> DoubleResult(double a, char op, double b) {
  switch (op) {
    case '+':
      return Value::Double(a + b);
    case '-':
      return Value::Double(a - b);
    case '*':
      return Value::Double(a * b);
    default:
      if (b == 0) return absl::InvalidArgumentError("attempted to divide by 0");
      return Value::Double(a / b);
  }
}

absl::StatusOr<Value> Result(const Value& a, char op, const Value& b) {
  for (const Value& operand : {a, b}) {
    if (operand.kind() != Kind::kInt && operand.kind() != Kind::kDouble) {
      return Mismatch("int or double", operand);
    }
  }
  if (a.kind() == Kind::kInt && b.kind() == Kind::kInt) {
    return IntegerResult(a.as_int(), op, b.as_int());
  }
  const auto as_double = [](const Value& value) {
    return value.kind() == Kind::kInt ? static_cast<double>(value.as_int()) : value.as_double();
  };
  return DoubleResult(as_double(a), op, as_double(b));
}

bool IsProfileId(std::string_view text) {
  if (text.size() != 32) return false;
  const auto is_hex = [](char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); };
  return std::all_of(text.begin(), text.end(), is_hex) &&
         text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

absl::StatusOr<Value> FitTo(PathType type, const Value& value) {
  if (type == PathType::kMap) {
    if (value.is_nil()) return Value::Map({});
    if (value.kind() != Kind::kMap) return Mismatch("map", value);
    return value;
  }
  if (value.is_nil()) return absl::InvalidArgumentError("setting a value to nil is not supported");
  switch (type) {
    case PathType::kString:
      if (value.kind() != Kind::kString) return Mismatch("string", value);
      return value;
    case PathType::kProfileId:
      if (value.kind() != Kind::kString) return Mismatch("string", value);
      if (!IsProfileId(value.text())) {
        return absl::InvalidArgumentError("a profile id is 32 hex digits, not all of them 0");
      }
      return value;
    case PathType::kBytes:
      if (value.kind() != Kind::kBytes) return Mismatch("bytes", value);
      return value;
    case PathType::kUint32:
      if (value.kind() != Kind::kInt) return Mismatch("int", value);
      return Value::Int(static_cast<uint32_t>(value.as_int()));
    case PathType::kDuration:
      if (value.kind() != Kind::kInt) return Mismatch("int", value);
      if (value.as_int() < 0) return absl::InvalidArgumentError("a duration is not negative");
      return value;
    case PathType::kInt:
      if (value.kind() != Kind::kInt) return Mismatch("int", value);
      return value;
    default:
      return absl::InvalidArgumentError("this path is read-only");
  }
}

void MapBuilder::Put(std::string_view key, const Value& value) {
  const auto end = entries_.begin() + static_cast<ptrdiff_t>(count_);
  const auto same =
      std::find_if(entries_.begin(), end, [key](const Entry& entry) { return entry.key == key; });
  if (same == end) ++count_;
  *same = {key, value};
}

Value WithEntry(std::span<const Entry> entries, std::string_view key, const Value& value,
                Arena& arena) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [key](const Entry& entry) { return entry.key == key; });
  const bool is_new = found == entries.end();
  const std::span<Entry> copy = arena.NewMap(entries.size() + (is_new ? 1 : 0));
  std::copy(entries.begin(), entries.end(), copy.begin());
  if (is_new) {
    copy.back() = {key, value};
  } else {
    copy[static_cast<size_t>(found - entries.begin())].value = value;
  }
  return Value::Map(copy);
}

absl::StatusOr<Value> WithNested(const Value& current, std::span<const Value> keys,
                                 const Value& value, Arena& arena) {
  if (keys.empty()) return value;
  const Value& key = keys[0];
  const bool starts_map = current.is_nil() && key.kind() == Kind::kString;
  if (current.kind() == Kind::kMap || starts_map) {
    if (key.kind() != Kind::kString) return Mismatch("a string as key of a map", key);
    const std::span<const Entry> entries = starts_map ? std::span<const Entry>() : current.map();
    const Value* inner = Find(entries, key.text());
    auto changed = WithNested(inner == nullptr ? Value() : *inner, keys.subspan(1), value, arena);
    if (!changed.ok()) return changed;
    return WithEntry(entries, key.text(), *changed, arena);
  }
  if (current.kind() == Kind::kList) {
    const auto inner = ElementAt(current, key);
    if (!inner.ok()) return inner;
    auto changed = WithNested(*inner, keys.subspan(1), value, arena);
    if (!changed.ok()) return changed;
    const std::span<Value> copy = arena.NewList(current.list().size());
    std::copy(current.list().begin(), current.list().end(), copy.begin());
    copy[static_cast<size_t>(key.as_int())] = *changed;
    return Value::List(copy);
  }
  if (!current.is_nil()) return NotIndexable(current);
  if (key.kind() != Kind::kInt) return Mismatch("a string or int as key", key);
  if (key.as_int() > kMaxListIndex) {
    return absl::OutOfRangeError(
        Text("index ", key.as_int(), " of a new list is above ", kMaxListIndex));
  }
  auto changed = WithNested(Value(), keys.subspan(1), value, arena);
  if (!changed.ok()) return changed;
  const std::span<Value> list =
      arena.NewList(static_cast<size_t>(std::max<int64_t>(key.as_int(), 0)) + 1);
  list.back() = *changed;
  return Value::List(list);
}

absl::StatusOr<Value> LiteralNode::Eval(Evaluation&) const { return value_; }

absl::StatusOr<Value> ListNode::Eval(Evaluation& evaluation) const {
  const std::span<Value> list = evaluation.arena.NewList(elements_.size());
  for (size_t i = 0; i < elements_.size(); ++i) {
    auto value = elements_[i]->Eval(evaluation);
    if (!value.ok()) return value;
    list[i] = *value;
  }
  return Value::List(list);
}

absl::StatusOr<Value> MapNode::Eval(Evaluation& evaluation) const {
  MapBuilder map(keys_.size(), evaluation.arena);
  for (size_t i = 0; i < keys_.size(); ++i) {
    auto value = values_[i]->Eval(evaluation);
    if (!value.ok()) return value;
    map.Put(keys_[i], *value);
  }
  return map.Map();
}

absl::StatusOr<std::string_view> PathNode::FirstKey(Evaluation& evaluation) const {
  const auto key = keys_[0]->Eval(evaluation);
  if (!key.ok()) return key.status();
  if (key->kind() != Kind::kString) return Mismatch("a string as key of a map", *key);
  return key->text();
}

absl::StatusOr<Value> PathNode::Eval(Evaluation& evaluation) const {
  if (keys_.empty()) return evaluation.read.Get(path_, evaluation.arena);
  const auto key = FirstKey(evaluation);
  if (!key.ok()) return key.status();
  std::optional<Value> value = evaluation.read.GetKey(path_, *key, evaluation.arena);
  if (!value) return Value();
  Value current = *value;
  for (size_t i = 1; i < keys_.size(); ++i) {
    if (current.kind() != Kind::kMap && current.kind() != Kind::kList) return NotIndexable(current);
    const auto next = keys_[i]->Eval(evaluation);
    if (!next.ok()) return next;
    if (current.kind() == Kind::kMap) {
      if (next->kind() != Kind::kString) return Mismatch("a string as key of a map", *next);
      const Value* found = Find(current.map(), next->text());
      if (found == nullptr) return Value();
      current = *found;
    } else {
      const auto element = ElementAt(current, *next);
      if (!element.ok()) return element;
      current = *element;
    }
  }
  return current;
}

absl::Status PathNode::Set(Evaluation& evaluation, const Value& value) const {
  if (keys_.empty()) {
    const auto fitting = FitTo(TraitsOf(path_).type, value);
    if (!fitting.ok()) return fitting.status();
    return evaluation.write->Set(path_, *fitting);
  }
  const auto key = FirstKey(evaluation);
  if (!key.ok()) return key.status();
  if (keys_.size() == 1) return evaluation.write->SetKey(path_, *key, value);
  const auto rest = EvalAll(std::span(keys_).subspan(1), evaluation);
  if (!rest.ok()) return rest.status();
  const std::optional<Value> current = evaluation.read.GetKey(path_, *key, evaluation.arena);
  const auto changed = WithNested(current.value_or(Value()), *rest, value, evaluation.arena);
  if (!changed.ok()) return changed.status();
  return evaluation.write->SetKey(path_, *key, *changed);
}

absl::StatusOr<Value> IndexNode::Eval(Evaluation& evaluation) const {
  auto current = value_->Eval(evaluation);
  for (size_t i = 0; i < keys_.size() && current.ok(); ++i) {
    const auto key = keys_[i]->Eval(evaluation);
    if (!key.ok()) return key;
    if (current->kind() != Kind::kList) return NotIndexable(*current);
    current = ElementAt(*current, *key);
  }
  return current;
}

absl::StatusOr<Value> PlainTextsNode::Eval(Evaluation& evaluation) const {
  const auto value = list_->Eval(evaluation);
  if (!value.ok()) return value;
  if (value->is_nil()) return Value::List({});
  if (value->kind() != Kind::kList) return Mismatch("list", *value);
  const std::span<Value> texts = evaluation.arena.NewList(value->list().size());
  for (size_t i = 0; i < texts.size(); ++i) {
    texts[i] = Value::String(PlainText(value->list()[i], evaluation.arena));
  }
  return Value::List(texts);
}

absl::StatusOr<Value> NegateNode::Eval(Evaluation& evaluation) const {
  auto value = value_->Eval(evaluation);
  if (!value.ok()) return value;
  if (value->kind() == Kind::kDouble) return Value::Double(-value->as_double());
  if (value->kind() == Kind::kInt) return IntegerResult(0, '-', value->as_int());
  return Mismatch("int or double after a minus", *value);
}

absl::StatusOr<Value> ArithmeticNode::Eval(Evaluation& evaluation) const {
  auto left = operands_[0]->Eval(evaluation);
  for (size_t i = 1; i < operands_.size() && left.ok(); ++i) {
    const auto right = operands_[i]->Eval(evaluation);
    if (!right.ok()) return right;
    left = Result(*left, operators_[i - 1], *right);
  }
  return left;
}

absl::StatusOr<Value> CompareNode::Eval(Evaluation& evaluation) const {
  const auto left = left_->Eval(evaluation);
  if (!left.ok()) return left;
  const auto right = right_->Eval(evaluation);
  if (!right.ok()) return right;
  return Value::Bool(Compare(*left, *right, comparison_));
}

absl::StatusOr<Value> NotNode::Eval(Evaluation& evaluation) const {
  const auto value = value_->Eval(evaluation);
  if (!value.ok()) return value;
  return Value::Bool(!value->as_bool());
}

absl::StatusOr<Value> JoinNode::Eval(Evaluation& evaluation) const {
  for (const NodePtr& operand : operands_) {
    const auto value = operand->Eval(evaluation);
    if (!value.ok()) return value;
    if (value->as_bool() == is_or_) return Value::Bool(is_or_);
  }
  return Value::Bool(!is_or_);
}

}  // namespace flameway::ottl
