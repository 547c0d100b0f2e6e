// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <string>

namespace flameway {

// The bytes of a message in one piece; the buffer is empty afterwards. Slices (about 13 KB each) go
// back to the system as they are copied, so that a large message is not held twice.
[[nodiscard]] std::string GatherBytes(grpc::ByteBuffer* buffer);

}  // namespace flameway
