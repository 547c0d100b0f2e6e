// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "processor/ottl/footprint.h"
#include "processor/ottl/node.h"
#include "processor/ottl/parse_error.h"
#include "processor/ottl/subject.h"

namespace flameway::ottl {

// What set(path, nil) does: up to 0.161 the Collector passed it over, since 0.162 it stores nil (a
// map becomes empty, an attribute loses its value, other paths fail).
enum class NilInSet : uint8_t { kStored, kPassedOver };

struct CompileOptions {
  // The context the texts are evaluated for. Given, paths may leave its name out
  // (attributes["k"]). Otherwise it is the innermost that is named, and each path names its own.
  std::optional<Context> context;
  NilInSet nil_in_set = NilInSet::kStored;
};

// What happens when an evaluation fails: tell and go on, go on, or stop.
enum class ErrorMode : uint8_t { kIgnore, kSilent, kPropagate };
[[nodiscard]] std::optional<ErrorMode> ErrorModeNamed(std::string_view name);

// Told of each failure in mode kIgnore: which of the texts, and why. The core logs nothing itself.
using FailureReport = absl::FunctionRef<void(size_t index, const absl::Status& why)>;

// A compiled condition. Immutable: any thread may evaluate it, each with its own arena.
class Condition {
 public:
  [[nodiscard]] absl::StatusOr<bool> Holds(const Subject& subject, Arena& arena) const;
  [[nodiscard]] const Footprint& footprint() const { return footprint_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  friend class Compiler;
  std::string text_;
  std::unique_ptr<Arena> literals_;  // what the nodes view
  NodePtr root_;
  Footprint footprint_;
};

// A compiled statement: an editor and, where written, its condition.
class Statement {
 public:
  // True when the condition held and the editor ran.
  [[nodiscard]] absl::StatusOr<bool> Execute(Subject& subject, Arena& arena) const;
  // Of the whole, and of the condition alone.
  [[nodiscard]] const Footprint& footprint() const { return footprint_; }
  [[nodiscard]] const Footprint& where_footprint() const { return where_footprint_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  friend class Compiler;
  std::string text_;
  std::unique_ptr<Arena> literals_;
  NodePtr editor_;
  NodePtr where_;  // null: always
  Footprint footprint_;
  Footprint where_footprint_;
};

// Conditions of one context, of which any may hold.
class ConditionList {
 public:
  // All errors of all texts, or none. Texts that name no path belong to the resource.
  [[nodiscard]] static std::variant<ConditionList, ParseErrors> Compile(
      std::span<const std::string> texts, const CompileOptions& options);

  // Whether one holds. A failed one counts as not holding, or ends it in mode kPropagate.
  [[nodiscard]] absl::StatusOr<bool> AnyHolds(const Subject& subject, Arena& arena, ErrorMode mode,
                                              FailureReport report) const;

  [[nodiscard]] Context context() const { return context_; }
  [[nodiscard]] const Footprint& footprint() const { return footprint_; }
  [[nodiscard]] std::span<const Condition> conditions() const { return conditions_; }

 private:
  std::vector<Condition> conditions_;
  Context context_ = Context::kResource;
  Footprint footprint_;
};

// Statements of one context, in order.
class StatementList {
 public:
  [[nodiscard]] static std::variant<StatementList, ParseErrors> Compile(
      std::span<const std::string> texts, const CompileOptions& options);

  // Runs each; a failed one is passed over, or ends it in mode kPropagate (what earlier ones did
  // stays).
  absl::Status Execute(Subject& subject, Arena& arena, ErrorMode mode, FailureReport report) const;

  [[nodiscard]] Context context() const { return context_; }
  [[nodiscard]] const Footprint& footprint() const { return footprint_; }
  [[nodiscard]] std::span<const Statement> statements() const { return statements_; }

 private:
  std::vector<Statement> statements_;
  Context context_ = Context::kResource;
  Footprint footprint_;
};

// The innermost context that any of these names, for a group whose conditions and statements are
// compiled apart but belong to one context. Texts that do not parse count for nothing.
[[nodiscard]] std::optional<Context> InnermostContext(std::span<const std::string> conditions,
                                                      std::span<const std::string> statements);

}  // namespace flameway::ottl
