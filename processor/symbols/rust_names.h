// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flameway {

// The path behind a name in Rust's legacy mangling: Itanium's grammar for nested names, a hash as
// the last part (`17h` and 16 hex digits), escapes such as `$LT$` and `..` in the others. Nothing
// if it is something else. Linear.
[[nodiscard]] std::optional<std::string> DemangleRustLegacy(std::string_view mangled);

// Whether a text ends like a legacy name a C++ demangler has been at: `::h` and 16 hex digits.
[[nodiscard]] bool EndsWithRustHash(std::string_view text);

// Undoes the escapes `$LT$ $GT$ $RF$ $BP$ $SP$ $LP$ $RP$ $C$ $u20$` and `..`, and drops the
// underscore before an escape at the start. Braces are kept escaped where the caller says so.
enum class RustBraces { kDecode, kKeepEscaped };
[[nodiscard]] std::string DecodeRustEscapes(std::string_view text, RustBraces braces);

// `$u7b$` and `$u7d$` alone.
[[nodiscard]] std::string DecodeRustBraces(std::string_view text);

// Whether a demangled name can only be Rust's, so that rules for C++ leave it: `<T as Trait>::f`,
// `f::<T>`, `{{closure}}`, `Vec<T,A>`, `Vec<u8>`. Linear.
[[nodiscard]] bool IsRustText(std::string_view text);

// `mycrate[2a4dc1319bacce8b]::f` without the bracket; nothing if there is none.
[[nodiscard]] std::optional<std::string> WithoutCrateHashes(std::string_view text);

}  // namespace flameway
