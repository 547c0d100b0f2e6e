// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace flameway {

// Bytes that compress badly, and bytes that compress about as profiles do. Equal on every run.
[[nodiscard]] std::string RandomBytes(size_t size);
[[nodiscard]] std::string ProfileLikeBytes(size_t size);

// What peers with other encoders send.
enum class ZstdSize : uint8_t { kStated, kOmitted };  // Go's encoder omits it
struct ZstdFrameOptions {
  ZstdSize size = ZstdSize::kOmitted;
  int window_log = 21;
};
[[nodiscard]] std::string ZstdFrame(std::string_view content, ZstdFrameOptions options = {});
[[nodiscard]] std::string ZstdSkippableFrame(std::string_view content);

// One member by zlib, and one or more members back to content by zlib.
[[nodiscard]] std::string ZlibGzip(std::string_view content, int level = 6);
[[nodiscard]] std::string ZlibGunzip(std::string_view members);

// Chunk of the snappy framing format.
[[nodiscard]] std::string SnappyChunk(uint8_t type, std::string_view body);
[[nodiscard]] std::string SnappyIdentifier();

// By how many bytes the resident memory of this process rose at its peak while `action` ran;
// negative if the system does not tell.
template <typename Action>
[[nodiscard]] long PeakMemoryGrowth(const Action& action);

namespace payloads_internal {
[[nodiscard]] bool ResetPeak();
[[nodiscard]] long StatusKilobytes(std::string_view field);
}  // namespace payloads_internal

template <typename Action>
long PeakMemoryGrowth(const Action& action) {
  if (!payloads_internal::ResetPeak()) return -1;
  const long before = payloads_internal::StatusKilobytes("VmRSS:");
  action();
  return (payloads_internal::StatusKilobytes("VmHWM:") - before) * 1024;
}

}  // namespace flameway
