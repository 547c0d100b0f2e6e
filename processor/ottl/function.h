// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "processor/ottl/node.h"
#include "processor/ottl/pattern.h"

namespace flameway::ottl {

// What an argument may be. Values are checked when the program is compiled where they are literal,
// when it is evaluated otherwise; kinds called Literal must be written out.
enum class ParameterType : uint8_t {
  kValue,       // anything
  kString,      // a string, else an error
  kStringLike,  // anything but nil becomes a string
  kInt,
  kIntLike,  // numbers, bools, strings of digits
  kDoubleLike,
  kAssigned,   // a path, written to
  kTarget,     // a path, read and written to
  kTargetMap,  // a path to a map, read and written to
  kMap,
  kStringLikes,  // a list, or a path or converter that yields one
  kStrings,      // a list, written out, of strings
  kRegex,        // a pattern, literal
  kGlob,         // a glob, literal
  kReplacement,  // a string; $1 and ${name} stand for groups
  kLiteralInt,
  kLiteralString,
  kLiteralBool,
  kLiteralStrings,
  kUnsupported,  // the Collector's, refused
};

enum class Presence : uint8_t { kRequired, kOptional };

struct Parameter {
  std::string_view name;
  ParameterType type;
  Presence presence = Presence::kRequired;
};

// The arguments of one call, in the order of the parameters, evaluated as the function asks.
class Arguments {
 public:
  Arguments(std::span<const NodePtr> nodes, std::span<const std::optional<Pattern>> patterns,
            Evaluation& evaluation)
      : nodes_(nodes), patterns_(patterns), evaluation_(evaluation) {}

  [[nodiscard]] bool Has(size_t i) const { return nodes_[i] != nullptr; }
  [[nodiscard]] Arena& arena() const { return evaluation_.arena; }
  [[nodiscard]] absl::StatusOr<Value> Any(size_t i) const { return nodes_[i]->Eval(evaluation_); }
  [[nodiscard]] absl::StatusOr<std::string_view> String(size_t i) const;
  // Nothing for nil.
  [[nodiscard]] absl::StatusOr<std::optional<std::string_view>> StringLike(size_t i) const;
  [[nodiscard]] absl::StatusOr<int64_t> Int(size_t i) const;
  [[nodiscard]] absl::StatusOr<std::span<const Entry>> Map(size_t i) const;
  [[nodiscard]] const Pattern& pattern(size_t i) const { return *patterns_[i]; }
  [[nodiscard]] const Value& Literal(size_t i) const { return *nodes_[i]->literal(); }
  // For kAssigned, kTarget and kTargetMap.
  absl::Status Set(size_t i, const Value& value) const;

 private:
  std::span<const NodePtr> nodes_;
  std::span<const std::optional<Pattern>> patterns_;
  Evaluation& evaluation_;
};

struct Function {
  std::string_view name;
  // Of a converter's result; kNil where it depends on the argument.
  Kind result;
  std::span<const Parameter> parameters;
  absl::StatusOr<Value> (*run)(const Arguments& arguments);
  // What is wrong with the literal arguments beyond their types; may be null.
  absl::Status (*check)(std::span<const NodePtr> arguments) = nullptr;
};

// Null when there is none. Names are case sensitive.
[[nodiscard]] const Function* ConverterNamed(std::string_view name);
[[nodiscard]] const Function* EditorNamed(std::string_view name);
[[nodiscard]] std::string_view NearestConverter(std::string_view name);
[[nodiscard]] std::string_view NearestEditor(std::string_view name);

// Makes text of a value as kStringLike does; nothing for nil.
[[nodiscard]] absl::StatusOr<std::optional<std::string_view>> AsStringLike(const Value& value,
                                                                           Arena& arena);
// Nil for nil.
[[nodiscard]] absl::StatusOr<Value> AsInt(const Value& value);
[[nodiscard]] absl::StatusOr<Value> AsDouble(const Value& value);

class CallNode final : public Node {
 public:
  // `arguments` has one for each parameter, null where it is left out; `patterns` likewise.
  CallNode(const Function& function, std::vector<NodePtr> arguments,
           std::vector<std::optional<Pattern>> patterns)
      : function_(function), arguments_(std::move(arguments)), patterns_(std::move(patterns)) {}
  absl::StatusOr<Value> Eval(Evaluation& evaluation) const override;

 private:
  const Function& function_;
  std::vector<NodePtr> arguments_;
  std::vector<std::optional<Pattern>> patterns_;
};

}  // namespace flameway::ottl
