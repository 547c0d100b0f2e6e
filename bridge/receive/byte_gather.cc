// SPDX-License-Identifier: Apache-2.0
#include "bridge/receive/byte_gather.h"

#include <grpcpp/support/slice.h>

#include <vector>

#include "bridge/observe/process_memory.h"

namespace flameway {
namespace {

// The slices of a large message lie in small blocks, which the C library would keep: so much of
// them may be held beside the copy.
constexpr size_t kHeldTwiceBytes = size_t{8} << 20;

// Frees slices[begin, end). Not by their destructors: under a resource quota the end of a slice may
// wake the library's reclaimer, which crashes on a thread that is not inside one of the library's
// calls (1.51.1). Destroying a buffer is such a call.
void Free(std::vector<grpc::Slice>& slices, size_t begin, size_t end) {
  if (begin == end) return;
  grpc::ByteBuffer last(&slices[begin], end - begin);
  for (size_t i = begin; i < end; ++i) slices[i] = grpc::Slice();
  last.Clear();
}

}  // namespace

std::string GatherBytes(grpc::ByteBuffer* buffer) {
  std::string bytes;
  bytes.reserve(buffer->Length());
  std::vector<grpc::Slice> slices;
  // Fails for a buffer without a message only; the bytes are then none.
  if (!buffer->Dump(&slices).ok()) return bytes;
  buffer->Clear();
  size_t copied = 0;  // slices
  size_t freed = 0;   // slices
  size_t kept = 0;    // bytes of slices that are copied and not freed
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    kept += slice.size();
    ++copied;
    if (kept < kHeldTwiceBytes) continue;
    Free(slices, freed, copied);
    GiveFreePagesBack();
    freed = copied;
    kept = 0;
  }
  Free(slices, freed, copied);
  return bytes;
}

}  // namespace flameway
