// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace flameway {

// Ends a fuzz target when an oracle has something to say.
inline void ExpectNothing(const std::string& disagreement) {
  if (disagreement.empty()) return;
  std::fprintf(stderr, "%s\n", disagreement.c_str());
  std::abort();
}

}  // namespace flameway
