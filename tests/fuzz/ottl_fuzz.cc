// SPDX-License-Identifier: Apache-2.0
// Any bytes as a condition and as a statement: nothing crashes, what parses prints into text that
// parses into the same tree, errors lie inside the text, and what compiles can be evaluated.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <variant>

#include "processor/ottl/parser.h"
#include "processor/ottl/program.h"
#include "tests/processor/ottl/memory_subject.h"

namespace flameway::ottl {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckPlace(const ParseError& error, const std::string& text) {
  Require(error.offset <= text.size() && error.line >= 1 && error.column >= 1 &&
          error.column <= error.offset + 1 && !error.message.empty());
}

void CheckCondition(const std::string& text) {
  auto parsed = ParseCondition(text);
  if (const auto* error = std::get_if<ParseError>(&parsed)) return CheckPlace(*error, text);
  const Expr& expr = std::get<Expr>(parsed);
  const std::string printed = ToSource(expr);
  // Printing may make a text longer than is read.
  if (printed.size() <= 60'000) {
    auto again = ParseCondition(printed);
    Require(std::holds_alternative<Expr>(again) && SameSource(std::get<Expr>(again), expr));
    Require(ToSource(std::get<Expr>(again)) == printed);
  }
  const std::string texts[] = {text};
  auto compiled = ConditionList::Compile(texts, {});
  if (const auto* errors = std::get_if<ParseErrors>(&compiled)) {
    Require(!errors->empty());
    for (const ParseError& error : *errors) CheckPlace(error, text);
    return;
  }
  const MemorySubject subject;
  Arena arena;
  const auto holds = std::get<ConditionList>(compiled).AnyHolds(
      subject, arena, ErrorMode::kPropagate, [](size_t, const absl::Status&) { std::abort(); });
  Require(holds.ok() || !holds.status().message().empty());
  if (std::get<ConditionList>(compiled).footprint().reads.empty()) Require(subject.reads() == 0);
}

void CheckStatement(const std::string& text) {
  auto parsed = ParseStatement(text);
  if (const auto* error = std::get_if<ParseError>(&parsed)) return CheckPlace(*error, text);
  const auto& statement = std::get<ParsedStatement>(parsed);
  const std::string printed = ToSource(statement);
  if (printed.size() <= 60'000) {
    auto again = ParseStatement(printed);
    Require(std::holds_alternative<ParsedStatement>(again));
    const auto& same = std::get<ParsedStatement>(again);
    Require(SameSource(same.call, statement.call) &&
            same.where.has_value() == statement.where.has_value() &&
            (!same.where || SameSource(*same.where, *statement.where)));
  }
  const std::string texts[] = {text};
  for (const NilInSet nil : {NilInSet::kStored, NilInSet::kPassedOver}) {
    auto compiled = StatementList::Compile(texts, {.nil_in_set = nil});
    if (const auto* errors = std::get_if<ParseErrors>(&compiled)) {
      for (const ParseError& error : *errors) CheckPlace(error, text);
      continue;
    }
    MemorySubject subject;
    Arena arena;
    const absl::Status status = std::get<StatementList>(compiled).Execute(
        subject, arena, ErrorMode::kPropagate, [](size_t, const absl::Status&) { std::abort(); });
    Require(status.ok() || !status.message().empty());
    if (std::get<StatementList>(compiled).footprint().writes.empty())
      Require(subject.writes() == 0);
  }
}

}  // namespace
}  // namespace flameway::ottl

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  flameway::ottl::CheckCondition(text);
  flameway::ottl::CheckStatement(text);
  return 0;
}
