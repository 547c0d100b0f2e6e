// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/compress/payloads.h"

#include <malloc.h>
#include <zlib.h>
#include <zstd.h>

#include <cstdlib>
#include <fstream>
#include <random>

namespace flameway {
namespace {

void Require(bool ok) {
  if (!ok) std::abort();
}

Bytef* In(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

constexpr int kGzipWindowBits = 15 + 16;

}  // namespace

std::string RandomBytes(size_t size) {
  std::mt19937 random(20240229);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string ProfileLikeBytes(size_t size) {
  std::mt19937 random(42);
  std::string bytes;
  while (bytes.size() < size) {
    bytes += "\x0A\x1C";
    bytes += "runtime.mallocgc." + std::to_string(random() % 997);
    for (int i = 0; i < 6; ++i) bytes += static_cast<char>(random());
  }
  bytes.resize(size);
  return bytes;
}

std::string ZstdFrame(std::string_view content, ZstdFrameOptions options) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, options.window_log);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  if (options.size == ZstdSize::kStated) ZSTD_CCtx_setPledgedSrcSize(context, content.size());
  std::string frame(ZSTD_compressBound(content.size()) + 64, '\0');
  ZSTD_inBuffer in{content.data(), content.size(), 0};
  ZSTD_outBuffer out{frame.data(), frame.size(), 0};
  // Content and end in two calls, or the library would learn the size.
  Require(ZSTD_isError(ZSTD_compressStream2(context, &out, &in, ZSTD_e_continue)) == 0);
  Require(ZSTD_compressStream2(context, &out, &in, ZSTD_e_end) == 0);
  ZSTD_freeCCtx(context);
  frame.resize(out.pos);
  return frame;
}

std::string ZstdSkippableFrame(std::string_view content) {
  std::string frame = "\x53\x2A\x4D\x18";
  for (int i = 0; i < 4; ++i) frame += static_cast<char>(content.size() >> (8 * i));
  return frame.append(content);
}

std::string ZlibGzip(std::string_view content, int level) {
  z_stream stream{};
  Require(deflateInit2(&stream, level, Z_DEFLATED, kGzipWindowBits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string member(deflateBound(&stream, content.size()) + 64, '\0');
  stream.next_in = In(content);
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = In(member);
  stream.avail_out = static_cast<uInt>(member.size());
  Require(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  member.resize(stream.total_out);
  deflateEnd(&stream);
  return member;
}

std::string ZlibGunzip(std::string_view members) {
  std::string content;
  while (!members.empty()) {
    z_stream stream{};
    Require(inflateInit2(&stream, kGzipWindowBits) == Z_OK);
    stream.next_in = In(members);
    stream.avail_in = static_cast<uInt>(members.size());
    int result = Z_OK;
    while (result == Z_OK) {
      char piece[16384];
      stream.next_out = In({piece, sizeof(piece)});
      stream.avail_out = sizeof(piece);
      result = inflate(&stream, Z_NO_FLUSH);
      content.append(piece, sizeof(piece) - stream.avail_out);
    }
    Require(result == Z_STREAM_END);
    members.remove_prefix(stream.total_in);
    inflateEnd(&stream);
  }
  return content;
}

std::string SnappyChunk(uint8_t type, std::string_view body) {
  std::string chunk(1, static_cast<char>(type));
  for (int i = 0; i < 3; ++i) chunk += static_cast<char>(body.size() >> (8 * i));
  return chunk.append(body);
}

std::string SnappyIdentifier() { return SnappyChunk(0xFF, "sNaPpY"); }

namespace payloads_internal {

bool ResetPeak() {
  malloc_trim(0);
  std::ofstream file("/proc/self/clear_refs");
  return static_cast<bool>(file << "5" << std::flush);
}

long StatusKilobytes(std::string_view field) {
  std::ifstream file("/proc/self/status");
  std::string word;
  while (file >> word) {
    long kilobytes = 0;
    if (word == field && file >> kilobytes) return kilobytes;
  }
  return 0;
}

}  // namespace payloads_internal
}  // namespace flameway
