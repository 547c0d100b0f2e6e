// SPDX-License-Identifier: Apache-2.0
#include "bridge/compress/codec.h"

#include <algorithm>

namespace flameway {
namespace {

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  // ASCII only: a locale must not change what a peer may send.
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

constexpr std::string_view kGzipMagic = "\x1F\x8B\x08";
constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";
constexpr std::string_view kZstdSkippableTail = "\x2A\x4D\x18";  // after a byte 50 to 5F
constexpr std::string_view kSnappyMagic{"\xFF\x06\x00\x00sNaPpY", 10};

}  // namespace

std::optional<Codec> ParseCodec(std::string_view name) {
  if (name.empty() || EqualIgnoringCase(name, "none")) return Codec::kNone;
  for (const Codec codec : {Codec::kNone, Codec::kGzip, Codec::kZstd, Codec::kSnappy}) {
    if (EqualIgnoringCase(name, CodecName(codec))) return codec;
  }
  return std::nullopt;
}

std::string_view CodecName(Codec codec) {
  switch (codec) {
    case Codec::kNone:
      return "identity";
    case Codec::kGzip:
      return "gzip";
    case Codec::kZstd:
      return "zstd";
    case Codec::kSnappy:
      return "snappy";
  }
  return "unknown";
}

Codec SniffCodec(std::string_view bytes) {
  if (bytes.starts_with(kGzipMagic)) return Codec::kGzip;
  if (bytes.starts_with(kZstdMagic)) return Codec::kZstd;
  if (bytes.starts_with(kSnappyMagic)) return Codec::kSnappy;
  const bool skippable = bytes.size() >= 4 && (static_cast<uint8_t>(bytes[0]) & 0xF0) == 0x50 &&
                         bytes.substr(1, 3) == kZstdSkippableTail;
  return skippable ? Codec::kZstd : Codec::kNone;
}

}  // namespace flameway
