// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace flameway {

// The content codings of OTLP peers. Snappy means the framing format (what grpc-go sends), not bare
// blocks.
enum class Codec : uint8_t { kNone, kGzip, kZstd, kSnappy };

// "none", "identity" and "" are kNone; "gzip", "zstd", "snappy". Anything else is nullopt. Case
// matters not.
[[nodiscard]] std::optional<Codec> ParseCodec(std::string_view name);

// The name as it stands in `grpc-encoding`, `Content-Encoding` and configuration: "identity" for
// kNone.
[[nodiscard]] std::string_view CodecName(Codec codec);

// The codec by magic bytes. Unambiguous for an Export request, which starts with 0x0A or 0x12 or is
// empty; gRPC C++ hides the `grpc-encoding` header, so the bytes are all there is.
[[nodiscard]] Codec SniffCodec(std::string_view bytes);

}  // namespace flameway
