// SPDX-License-Identifier: Apache-2.0
#include "bridge/compress/compressor.h"

#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "bridge/compress/snappy_framing.h"
#include "bridge/compress/zstd_decoder.h"

namespace flameway {
namespace {

constexpr int kDefaultZstdLevel = 3;
constexpr int kDefaultGzipLevel = 6;
constexpr int kMaxGzipLevel = 12;  // libdeflate's; zlib stops at 9

// The levels whose own window is larger than peers accept.
constexpr int kFirstLongZstdLevel = 20;

struct Free {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(libdeflate_compressor* context) const { libdeflate_free_compressor(context); }
};

// Of the default level for large inputs, logarithms: the tables are of 2^17 and 2^16 entries there.
constexpr int kSortedHashLog = 14;
constexpr int kSortedChainLog = 13;

// Room that is kept for the next call; only what was written there is memory.
constexpr size_t kKeptRoom = size_t{16} << 20;

}  // namespace

int DefaultLevel(Codec codec) {
  switch (codec) {
    case Codec::kGzip:
      return kDefaultGzipLevel;
    case Codec::kZstd:
      return kDefaultZstdLevel;
    case Codec::kNone:
    case Codec::kSnappy:
      break;
  }
  return 0;
}

struct Compressor::Contexts {
  std::unique_ptr<ZSTD_CCtx, Free> zstd;
  std::array<std::unique_ptr<libdeflate_compressor, Free>, kMaxGzipLevel + 1> gzip;  // by level

  std::unique_ptr<char[]> room;
  size_t room_bytes = 0;

  // For what a call may write at most, which is far more than it does: written there, then copied.
  char* Room(size_t bytes) {
    if (room_bytes < bytes) {
      room = std::make_unique_for_overwrite<char[]>(bytes);
      room_bytes = bytes;
    }
    return room.get();
  }
  void Take(size_t bytes, std::string* output) {
    output->assign(room.get(), bytes);
    if (room_bytes <= kKeptRoom) return;
    room.reset();
    room_bytes = 0;
  }

  absl::Status Zstd(int level, std::string_view input, std::string* output, Content content) {
    if (zstd == nullptr) zstd.reset(ZSTD_createCCtx());
    if (zstd == nullptr) return absl::ResourceExhaustedError("zstd: no memory for a context");
    ZSTD_CCtx* const context = zstd.get();
    ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
    // Levels out of range are brought into it by the library.
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
    // Costs nothing measurable beside the compression and finds flipped bits on disks.
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    if (level >= kFirstLongZstdLevel) {
      ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, kZstdMaxWindowLog);
    }
    if (content == Content::kSortedRows && level == kDefaultZstdLevel) {
      ZSTD_CCtx_setParameter(context, ZSTD_c_hashLog, kSortedHashLog);
      ZSTD_CCtx_setParameter(context, ZSTD_c_chainLog, kSortedChainLog);
    }
    const size_t most = ZSTD_compressBound(input.size());
    const size_t written = ZSTD_compress2(context, Room(most), most, input.data(), input.size());
    if (ZSTD_isError(written) != 0) {
      output->clear();
      return absl::ResourceExhaustedError(std::string("zstd: ") + ZSTD_getErrorName(written));
    }
    Take(written, output);
    return absl::OkStatus();
  }

  absl::Status Gzip(int level, std::string_view input, std::string* output) {
    auto& slot = gzip[static_cast<size_t>(std::clamp(level, 1, kMaxGzipLevel))];
    if (slot == nullptr)
      slot.reset(libdeflate_alloc_compressor(std::clamp(level, 1, kMaxGzipLevel)));
    if (slot == nullptr) return absl::ResourceExhaustedError("gzip: no memory for a context");
    const size_t most = libdeflate_gzip_compress_bound(slot.get(), input.size());
    Take(libdeflate_gzip_compress(slot.get(), input.data(), input.size(), Room(most), most),
         output);
    return absl::OkStatus();
  }
};

Compressor::Compressor() : contexts_(std::make_unique<Contexts>()) {}
Compressor::~Compressor() = default;

absl::Status Compressor::Compress(Codec codec, int level, std::string_view input,
                                  std::string* output, Content content) {
  if (level == 0) level = DefaultLevel(codec);
  switch (codec) {
    case Codec::kNone:
      output->assign(input);
      return absl::OkStatus();
    case Codec::kGzip:
      return contexts_->Gzip(level, input, output);
    case Codec::kZstd:
      return contexts_->Zstd(level, input, output, content);
    case Codec::kSnappy:
      EncodeSnappy(input, output);
      return absl::OkStatus();
  }
  return absl::InvalidArgumentError("compress: unknown codec");
}

}  // namespace flameway
