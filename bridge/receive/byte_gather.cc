// SPDX-License-Identifier: Apache-2.0
#include "bridge/receive/byte_gather.h"

#include <grpcpp/support/slice.h>

#include <vector>

namespace flameway {

std::string GatherBytes(grpc::ByteBuffer* buffer) {
  std::string bytes;
  bytes.reserve(buffer->Length());
  std::vector<grpc::Slice> slices;
  // Fails for a buffer without a message only; the bytes are then none.
  if (!buffer->Dump(&slices).ok()) return bytes;
  buffer->Clear();
  for (grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    slice = grpc::Slice();
  }
  return bytes;
}

}  // namespace flameway
