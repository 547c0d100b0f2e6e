// SPDX-License-Identifier: Apache-2.0
#include "bridge/compress/decompressor.h"

#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>

#include "bridge/compress/bounded_output.h"
#include "bridge/compress/gzip_decoder.h"
#include "bridge/compress/snappy_framing.h"
#include "bridge/compress/zstd_decoder.h"

namespace flameway {
namespace {

struct Free {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  void operator()(libdeflate_decompressor* context) const { libdeflate_free_decompressor(context); }
};

size_t RatioBound(const DecompressLimits& limits, size_t input_bytes) {
  const size_t ratio = limits.max_ratio;
  const bool overflows = ratio != 0 && input_bytes > std::numeric_limits<size_t>::max() / ratio;
  return overflows ? std::numeric_limits<size_t>::max()
                   : std::max(limits.ratio_free_bytes, ratio * input_bytes);
}

}  // namespace

struct Decompressor::Contexts {
  std::unique_ptr<ZSTD_DCtx, Free> zstd{ZSTD_createDCtx()};
  std::unique_ptr<libdeflate_decompressor, Free> gzip{libdeflate_alloc_decompressor()};
};

std::string_view DecompressErrorName(DecompressError error) {
  switch (error) {
    case DecompressError::kNone:
      return "none";
    case DecompressError::kDamaged:
      return "damaged";
    case DecompressError::kTooLarge:
      return "too large";
    case DecompressError::kRatioTooHigh:
      return "ratio too high";
  }
  return "unknown";
}

Decompressor::Decompressor(DecompressLimits limits)
    : limits_(limits), contexts_(std::make_unique<Contexts>()) {
  if (contexts_->zstd == nullptr || contexts_->gzip == nullptr) {
    std::fputs("flameway: no memory for decompression contexts\n", stderr);
    std::abort();
  }
  ZSTD_DCtx_setParameter(contexts_->zstd.get(), ZSTD_d_windowLogMax, kZstdMaxWindowLog);
}

Decompressor::~Decompressor() = default;

DecompressError Decompressor::Decompress(Codec codec, std::string_view input, std::string* output) {
  plain_ = false;
  if (codec == Codec::kNone) {
    output->clear();
    if (input.size() > limits_.max_output_bytes) return DecompressError::kTooLarge;
    output->assign(input);
    plain_ = true;
    return DecompressError::kNone;
  }
  const size_t ratio_bound = RatioBound(limits_, input.size());
  const size_t bound = std::min(limits_.max_output_bytes, ratio_bound);
  BoundedOutput bounded(output, bound,
                        ratio_bound < limits_.max_output_bytes ? DecompressError::kRatioTooHigh
                                                               : DecompressError::kTooLarge);
  DecompressError error = DecompressError::kDamaged;
  switch (codec) {
    case Codec::kGzip:
      error = DecodeGzip(contexts_->gzip.get(), input, &bounded, &plain_);
      break;
    case Codec::kZstd:
      error = DecodeZstd(contexts_->zstd.get(), input, &bounded);
      plain_ = error == DecompressError::kNone && IsPlainZstd(input);
      break;
    case Codec::kSnappy:
      error = DecodeSnappy(input, &bounded);
      plain_ = error == DecompressError::kNone && IsPlainSnappy(input);
      break;
    case Codec::kNone:
      break;
  }
  if (error == DecompressError::kNone) {
    bounded.Finish();
  } else {
    output->clear();
  }
  return error;
}

}  // namespace flameway
