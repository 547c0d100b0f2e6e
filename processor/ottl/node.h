// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "processor/ottl/ast.h"
#include "processor/ottl/subject.h"
#include "processor/ottl/value.h"

namespace flameway::ottl {

// What one evaluation works with. `write` is null while a condition is evaluated.
struct Evaluation {
  const Subject& read;
  Subject* write;
  Arena& arena;
};

// One step of a compiled program: immutable, evaluated by any thread. The tree is as deep as the
// source (kMaxNesting), so evaluation may recurse.
class Node {
 public:
  virtual ~Node() = default;
  [[nodiscard]] virtual absl::StatusOr<Value> Eval(Evaluation& evaluation) const = 0;
  // The value, when it is known without a subject.
  [[nodiscard]] virtual const Value* literal() const { return nullptr; }
  // The path, when this is one without keys.
  [[nodiscard]] virtual std::optional<PathId> whole_path() const { return std::nullopt; }
};

using NodePtr = std::unique_ptr<const Node>;

// `value` views the program's own arena.
class LiteralNode final : public Node {
 public:
  explicit LiteralNode(Value value) : value_(value) {}
  absl::StatusOr<Value> Eval(Evaluation& evaluation) const override;
  const Value* literal() const override { return &value_; }

 private:
  Value value_;
};

class ListNode final : public Node {
 public:
  explicit ListNode(std::vector<NodePtr> elements) : elements_(std::move(elements)) {}
  absl::StatusOr<Value> Eval(Evaluation& evaluation) const override;

 private:
  std::vector<NodePtr> elements_;
};

// Of keys written twice the last counts.
class MapNode final : public Node {
 public:
  MapNode(std::vector<std::string> keys, std::vector<NodePtr> values)
      : keys_(std::move(keys)), values_(std::move(values)) {}
  absl::StatusOr<Value> Eval(Evaluation& evaluation) const override;

 private:
  std::vector<std::string> keys_;
  std::vector<NodePtr> values_;
};

class PathNode final : public Node {
 public:
  // Keys only for a path of type kMap.
  PathNode(PathId path, std::vector<NodePtr> keys) : path_(path), keys_(std::move(keys)) {}
  absl::StatusOr<Value> Eval(Evaluation& evaluation) const override;
  std::optional<PathId> whole_path() const override {
    return keys_.empty() ? std::optional(path_) : std::nullopt;
  }
  // Checks that the value fits the path.
  absl::Status Set(Evaluation& evaluation, const Value& value) const;

 private:
  [[nodiscard]] absl::StatusOr<std::string_view> FirstKey(Evaluation& evaluation) const;

  PathId path_;
  std::vector<NodePtr> keys_;
};

// The result of a converter, indexed.
class IndexNode final : public Node {
 public:
  IndexNode(NodePtr value, std::vector<NodePtr> keys)
      : value_(std::move(value)), keys_(std::move(keys)) {}
  absl::StatusOr<Value> Eval(Evaluation& evaluation) const override;

 private:
  NodePtr value_;
  std::vector<NodePtr> keys_;
};

// The elements of a list that was not written out, each as pdata puts it in text; nil is no
// elements.
class PlainTextsNode final : public Node {
 public:
  explicit PlainTextsNode(NodePtr list) : list_(std::move(list)) {}
  absl::StatusOr<Value> Eval(Evaluation& evaluation) const override;

 private:
  NodePtr list_;
};

class NegateNode final : public Node {
 public:
  explicit NegateNode(NodePtr value) : value_(std::move(value)) {}
  absl::StatusOr<Value> Eval(Evaluation& evaluation) const override;

 private:
  NodePtr value_;
};

// Left to right; integers wrap, a double makes both double, dividing by 0 is an error.
class ArithmeticNode final : public Node {
 public:
  ArithmeticNode(std::vector<NodePtr> operands, std::string operators)
      : operands_(std::move(operands)), operators_(std::move(operators)) {}
  absl::StatusOr<Value> Eval(Evaluation& evaluation) const override;

 private:
  std::vector<NodePtr> operands_;
  std::string operators_;
};

class CompareNode final : public Node {
 public:
  CompareNode(NodePtr left, Comparison comparison, NodePtr right)
      : left_(std::move(left)), right_(std::move(right)), comparison_(comparison) {}
  absl::StatusOr<Value> Eval(Evaluation& evaluation) const override;

 private:
  NodePtr left_;
  NodePtr right_;
  Comparison comparison_;
};

class NotNode final : public Node {
 public:
  explicit NotNode(NodePtr value) : value_(std::move(value)) {}
  absl::StatusOr<Value> Eval(Evaluation& evaluation) const override;

 private:
  NodePtr value_;
};

// And ends at the first false, or at the first true; an error ends both.
class JoinNode final : public Node {
 public:
  JoinNode(ExprKind joiner, std::vector<NodePtr> operands)
      : operands_(std::move(operands)), is_or_(joiner == ExprKind::kOr) {}
  absl::StatusOr<Value> Eval(Evaluation& evaluation) const override;

 private:
  std::vector<NodePtr> operands_;
  bool is_or_;
};

// A map of these keys and values, the later of two equal keys counting, at the place of the first.
class MapBuilder {
 public:
  MapBuilder(size_t most, Arena& arena) : entries_(arena.NewMap(most)) {}
  void Put(std::string_view key, const Value& value);
  [[nodiscard]] Value Map() const { return Value::Map(entries_.first(count_)); }

 private:
  std::span<Entry> entries_;
  size_t count_ = 0;
};

// The value as a path of this type takes it, or why it does not.
[[nodiscard]] absl::StatusOr<Value> FitTo(PathType type, const Value& value);

// A list made longer by setting beyond its end would cost what the index says.
inline constexpr int64_t kMaxListIndex = 1024;

// `current` with `value` at the place that `keys` lead to: map entries and elements are replaced, a
// missing entry is added, nil becomes a map or a list as the key asks. Everything else is copied
// shallowly.
[[nodiscard]] absl::StatusOr<Value> WithNested(const Value& current, std::span<const Value> keys,
                                               const Value& value, Arena& arena);

// `entries` with one more, or one replaced.
[[nodiscard]] Value WithEntry(std::span<const Entry> entries, std::string_view key,
                              const Value& value, Arena& arena);

}  // namespace flameway::ottl
