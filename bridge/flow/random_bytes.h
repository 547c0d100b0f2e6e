// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace flameway {

// Fills from the kernel's generator. Ends the process when there is none: identity by guessable
// fingerprints would let a sender aim collisions.
void FillRandom(void* bytes, size_t count);

}  // namespace flameway
