// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace flameway {

// How a runtime spells its functions.
enum class Runtime : uint8_t { kGo, kJava, kPython, kNode, kNative, kKernel };

// The value of profile.frame.type.
[[nodiscard]] std::string_view FrameType(Runtime runtime);

// All names are put together from word lists; none is taken from a real program. Each function here
// is pure: the same `seed` gives the same text.

struct FunctionText {
  std::string name;
  std::string filename;  // empty where the runtime reports none
};
// Function `number` of a package. Neighbours share a class and a file. kNative has no names.
[[nodiscard]] FunctionText MakeFunctionText(Runtime runtime, std::string_view package,
                                            uint64_t seed, uint32_t number);

[[nodiscard]] std::string MakeServiceName(uint64_t seed);  // "ledger-writer"
[[nodiscard]] std::string MakePackage(Runtime runtime, uint64_t seed);
[[nodiscard]] std::string MakeThreadName(Runtime runtime, std::string_view executable,
                                         uint32_t thread);  // at most 15 bytes
[[nodiscard]] std::string MakeHex(uint64_t seed, size_t digits);
[[nodiscard]] std::string MakeGoBuildId(uint64_t seed);

}  // namespace flameway
