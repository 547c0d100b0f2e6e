// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flameway {

// Which parts of a C++ name are printed.
enum class CppDetail : uint8_t {
  kName,       // neither parameters nor template arguments, of enclosing functions neither
  kTemplates,  // template arguments
  kFull        // parameters, qualifiers and return types as well
};

// The C++ name behind an Itanium-mangled one (`_Z...`), printed by LLVM's demangler with three
// differences: closures and unnamed types are spelled as GNU tools do, `{lambda(int)#1}` and
// `{unnamed type#1}`, and what the compiler appended, `.resume`, stays appended.
//
// Nothing if the name is not valid as a whole, or too dear: nested deeper than a few hundred
// levels, or with back references that would print more than a mebibyte (a name of 100 bytes can
// ask for terabytes). LLVM has neither limit, so its parser runs here with our own node allocator,
// which weighs each node when it is made. Stack: under 256 KiB; time: linear in the length of
// the name plus that of the output.
[[nodiscard]] std::optional<std::string> DemangleItanium(std::string_view mangled,
                                                         CppDetail detail);

}  // namespace flameway
