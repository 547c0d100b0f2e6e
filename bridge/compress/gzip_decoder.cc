// SPDX-License-Identifier: Apache-2.0
#include "bridge/compress/gzip_decoder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace flameway {
namespace {

// Header of 10 bytes, an empty block, checksum, size.
constexpr size_t kMinMemberBytes = 10 + 2 + 4 + 4;
constexpr size_t kFlagsAt = 3;
constexpr size_t kFirstRoomBytes = size_t{64} << 10;

// DEFLATE can not do better than 1032 : 1.
constexpr size_t kMaxDeflateRatio = 1040;

// The size of the last member modulo 2^32, if the input ends where a member ends. Only a hint.
size_t StatedSize(std::string_view input) {
  size_t size = 0;
  for (size_t i = 1; i <= 4; ++i) size = size << 8 | static_cast<uint8_t>(input[input.size() - i]);
  return std::min(size, kMaxDeflateRatio * input.size());
}

}  // namespace

DecompressError DecodeGzip(libdeflate_decompressor* context, std::string_view input,
                           BoundedOutput* output, bool* plain) {
  *plain = false;
  if (input.size() < kMinMemberBytes) return DecompressError::kDamaged;
  const bool optional_parts = input[kFlagsAt] != 0;
  size_t wanted = StatedSize(input);
  size_t members = 0;
  while (!input.empty()) {
    const std::span<char> room = output->Room(wanted);
    size_t read = 0;
    size_t written = 0;
    switch (libdeflate_gzip_decompress_ex(context, input.data(), input.size(), room.data(),
                                          room.size(), &read, &written)) {
      case LIBDEFLATE_SUCCESS:
        output->Commit(written);
        input.remove_prefix(read);
        ++members;
        break;
      case LIBDEFLATE_INSUFFICIENT_SPACE:
        if (room.size() == output->left()) return output->beyond();
        wanted = std::max(kFirstRoomBytes, room.size() * 4);
        break;
      default:
        return DecompressError::kDamaged;
    }
  }
  *plain = members == 1 && !optional_parts;
  return DecompressError::kNone;
}

}  // namespace flameway
