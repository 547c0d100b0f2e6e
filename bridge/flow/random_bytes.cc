// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/random_bytes.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace flameway {

void FillRandom(void* bytes, size_t count) {
  auto* next = static_cast<unsigned char*>(bytes);
  while (count > 0) {
    const ssize_t got = getrandom(next, count, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      std::perror("flameway: getrandom");
      std::abort();
    }
    next += got;
    count -= static_cast<size_t>(got);
  }
}

}  // namespace flameway
