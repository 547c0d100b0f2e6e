// SPDX-License-Identifier: Apache-2.0
#include "bridge/observe/process_memory.h"

#include <cstdlib>  // defines __GLIBC__

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace flameway {
#ifdef __GLIBC__
namespace {

constexpr int kLargeBlockBytes = 4 << 20;
// Of free memory at the end of a heap, kept for the next request.
constexpr int kKeptBytes = 16 << 20;

}  // namespace

void GiveLargeBlocksBack() {
  mallopt(M_MMAP_THRESHOLD, kLargeBlockBytes);
  mallopt(M_TRIM_THRESHOLD, kKeptBytes);
}

void GiveFreePagesBack() { malloc_trim(0); }
#else
void GiveLargeBlocksBack() {}
void GiveFreePagesBack() {}
#endif

}  // namespace flameway
