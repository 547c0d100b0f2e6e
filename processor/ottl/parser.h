// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "processor/ottl/ast.h"
#include "processor/ottl/parse_error.h"

namespace flameway::ottl {

// Parentheses, lists, maps, calls and keys inside one another.
inline constexpr uint32_t kMaxNesting = 64;

// The grammar, which is that of the Collector's 0.162:
//
//   statement   = call [ "where" condition ]            the call an editor: lower case first
//   condition   = term { "or" term }
//   term        = boolean { "and" boolean }
//   boolean     = [ "not" ] ( value compare value | "true" | "false" | call | "(" condition ")" )
//   value       = "nil" | bytes | string | "true" | "false" | map | list | sum
//   sum         = product { ( "+" | "-" ) product }
//   product     = operand { ( "*" | "/" ) operand }
//   operand     = [ "+" | "-" ] ( call | float | int | path | "(" sum ")" )
//   call        = name "(" [ argument { "," argument } ] ")" { key }   keys only after converters
//   argument    = [ name "=" ] value
//   path        = name { "." name } { key }             lower case
//   key         = "[" ( string | sum ) "]"
//   list        = "[" [ value { "," value } ] "]"
//   map         = "{" { string ":" value [ "," ] } "}"
//
// String escapes are those of Go; \xNN and \NNN name code points. Whether names mean something is
// the compiler's business. The first error ends the parse.
[[nodiscard]] std::variant<Expr, ParseError> ParseCondition(std::string_view text);
[[nodiscard]] std::variant<ParsedStatement, ParseError> ParseStatement(std::string_view text);

}  // namespace flameway::ottl
