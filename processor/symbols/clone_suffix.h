// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flameway {

// What compilers append to the name of a copy or a part of a function.
struct CloneSuffixes {
  bool clones = true;    // .clone.N .constprop.N .isra.N .part.N .cold .cold.N
  bool promoted = true;  // .llvm.N .__uniq.N
};

// The length of `name` without such suffixes, however many there are; never 0 unless it was.
[[nodiscard]] size_t LengthWithoutCloneSuffix(std::string_view name, CloneSuffixes which);

}  // namespace flameway
