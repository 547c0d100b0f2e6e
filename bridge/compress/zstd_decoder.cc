// SPDX-License-Identifier: Apache-2.0
#include "bridge/compress/zstd_decoder.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace flameway {
namespace {

constexpr uint64_t kMaxWindowBytes = uint64_t{1} << kZstdMaxWindowLog;

// Frames that state no size: room reserved as a multiple of the input (profiles compress 2 to 5
// fold), and bytes asked of the library at once (one block, so that its zeroing stays in cache).
constexpr size_t kExpectedRatio = 8;
constexpr size_t kStepBytes = size_t{128} << 10;

enum class FrameKind : uint8_t { kData, kSkippable, kUnknown };

// By our own look at the magic number: the library also knows formats older than the RFC.
FrameKind KindOf(std::string_view frame) {
  if (frame.size() < 4) return FrameKind::kUnknown;
  if (frame.starts_with("\x28\xB5\x2F\xFD")) return FrameKind::kData;
  const bool skippable =
      (static_cast<uint8_t>(frame[0]) & 0xF0) == 0x50 && frame.substr(1, 3) == "\x2A\x4D\x18";
  return skippable ? FrameKind::kSkippable : FrameKind::kUnknown;
}

// Magic number (4), descriptor (1): bit 5 says that content size and window are the same, else a
// window byte follows: exponent (5 bits), mantissa (3 bits). `frame` is at least 6 bytes long.
uint64_t WindowBytes(std::string_view frame, uint64_t content_size) {
  const auto descriptor = static_cast<uint8_t>(frame[4]);
  if ((descriptor & 0x20) != 0) return content_size;
  const auto window = static_cast<uint8_t>(frame[5]);
  const uint64_t base = uint64_t{1} << (10 + (window >> 3));
  return base + base / 8 * (window & 7);
}

// One frame of stated size, `frame` being all of it.
DecompressError DecodeWhole(ZSTD_DCtx* context, std::string_view frame, uint64_t content_size,
                            BoundedOutput* output) {
  if (content_size > output->left()) return output->beyond();
  const auto size = static_cast<size_t>(content_size);
  const size_t written =
      ZSTD_decompressDCtx(context, output->Room(size).data(), size, frame.data(), frame.size());
  if (ZSTD_isError(written) != 0) return DecompressError::kDamaged;
  output->Commit(written);
  return DecompressError::kNone;
}

// One frame at the start of *rest, which it is removed from.
DecompressError DecodeStreamed(ZSTD_DCtx* context, std::string_view* rest, BoundedOutput* output) {
  if (rest->size() < std::numeric_limits<size_t>::max() / kExpectedRatio) {
    output->Expect(rest->size() * kExpectedRatio);
  }
  ZSTD_inBuffer in{rest->data(), rest->size(), 0};
  while (true) {
    // At the bound the frame may still end; a byte more shows that it does not.
    char surplus = 0;
    const bool full = output->left() == 0;
    const std::span<char> room = full ? std::span(&surplus, 1) : output->Room(kStepBytes);
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const size_t result = ZSTD_decompressStream(context, &out, &in);
    if (ZSTD_isError(result) != 0) return DecompressError::kDamaged;
    if (full && out.pos > 0) return output->beyond();
    output->Commit(out.pos);
    if (result == 0) break;
    // The walk over the block headers rules this out; a loop over foreign bytes ends all the same.
    const bool starved = in.pos == in.size && out.pos < out.size;
    if (starved) return DecompressError::kDamaged;
  }
  rest->remove_prefix(in.pos);
  return DecompressError::kNone;
}

}  // namespace

DecompressError DecodeZstd(ZSTD_DCtx* context, std::string_view input, BoundedOutput* output) {
  if (input.empty()) return DecompressError::kDamaged;
  while (!input.empty()) {
    const FrameKind kind = KindOf(input);
    if (kind == FrameKind::kUnknown) return DecompressError::kDamaged;
    // Walks the block headers; fails on a frame that is cut short.
    const size_t frame_bytes = ZSTD_findFrameCompressedSize(input.data(), input.size());
    if (ZSTD_isError(frame_bytes) != 0) return DecompressError::kDamaged;
    if (kind == FrameKind::kSkippable) {
      input.remove_prefix(frame_bytes);
      continue;
    }
    const unsigned long long content_size = ZSTD_getFrameContentSize(input.data(), input.size());
    if (content_size == ZSTD_CONTENTSIZE_ERROR) return DecompressError::kDamaged;
    if (WindowBytes(input, content_size) > kMaxWindowBytes) return DecompressError::kDamaged;

    ZSTD_DCtx_reset(context, ZSTD_reset_session_only);
    DecompressError error = DecompressError::kNone;
    if (content_size == ZSTD_CONTENTSIZE_UNKNOWN) {
      error = DecodeStreamed(context, &input, output);
    } else {
      error = DecodeWhole(context, input.substr(0, frame_bytes), content_size, output);
      input.remove_prefix(frame_bytes);
    }
    if (error != DecompressError::kNone) return error;
  }
  return DecompressError::kNone;
}

bool IsPlainZstd(std::string_view input) {
  // Of the descriptor: dictionary id (2 bits), a reserved and an unused bit.
  constexpr uint8_t kUnusualFlags = 0x1B;
  return KindOf(input) == FrameKind::kData && input.size() > 4 &&
         (static_cast<uint8_t>(input[4]) & kUnusualFlags) == 0 &&
         ZSTD_findFrameCompressedSize(input.data(), input.size()) == input.size();
}

}  // namespace flameway
