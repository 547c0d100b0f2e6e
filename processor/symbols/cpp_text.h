// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flameway {

// Work on C++ names that are demangled already, by us or by an agent. Nothing here parses types: it
// matches brackets, knows operators, and gives up (nothing: leave the name) on what it does not
// understand. All linear in the name.

enum class TemplateArguments : uint8_t { kKeep, kDrop };

// The name of a function: without parameters, what stands behind them (const, &), the return type
// before it, and with kDrop without template arguments, in enclosing functions as well.
// Stay: operators, `(anonymous namespace)`, `{lambda(int, int)#2}`, a compiler's `.suffix`.
// Nothing if that changes nothing, or for names it does not understand, such as functions that
// return function pointers: `void (*f(int))(char)`.
[[nodiscard]] std::optional<std::string> SimplifyCpp(std::string_view name,
                                                     TemplateArguments templates);

// One spelling for what GNU's and LLVM's demanglers write differently: `>>` for `> >`,
// `{lambda(int)#1}` for `'lambda'(int)`, `{unnamed type#1}` for `'unnamed'`, `auto` for `auto:1`,
// `std::nullptr_t` for `decltype(nullptr)`, `operator<<int>` for `operator< <int>`, `std::string`
// and the streams for what they abbreviate. Nothing if nothing changes.
[[nodiscard]] std::optional<std::string> UnifyCppSpelling(std::string_view name);

// Without every `[abi:cxx11]`; nothing if there is none.
[[nodiscard]] std::optional<std::string> WithoutAbiTags(std::string_view name);

// `std::vector` for `std::__1::vector`, `std::__cxx11::`, `std::__ndk1::`; nothing if nothing
// changes.
[[nodiscard]] std::optional<std::string> WithoutInlineStd(std::string_view name);

// `Class::method` for `ns::Class::method::$_100::operator()`, and for `...::{lambda(int)#1}...`;
// nothing if the name has no closure in it.
[[nodiscard]] std::optional<std::string> ClosureOwner(std::string_view name);

}  // namespace flameway
