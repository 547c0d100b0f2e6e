// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flameway {

// The path behind a name in Rust's v0 mangling (`_R...`, RFC 2603), without crate hashes and
// without the types of constants: `mycrate::inner::foo`. Nothing if the name is not valid as a
// whole. A suffix must have been split off.
//
// Bounded against back references that double the output each: at most 64 KiB of it, 512 levels of
// recursion. LLVM's demangler bounds only the latter, which is why this is our own.
[[nodiscard]] std::optional<std::string> DemangleRustV0(std::string_view mangled);

}  // namespace flameway
