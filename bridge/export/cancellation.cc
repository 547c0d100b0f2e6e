// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/cancellation.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace flameway {

Cancellation::Cancellation() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Cancellation::~Cancellation() {
  if (fd_ >= 0) close(fd_);
}

void Cancellation::Cancel() {
  cancelled_.store(true);
  const uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable.
  if (fd_ >= 0) static_cast<void>(write(fd_, &one, sizeof one) == sizeof one);
}

}  // namespace flameway
