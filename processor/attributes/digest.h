// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flameway::attributes {

enum class Digest : uint8_t { kMd5, kSha1, kSha256, kSha512, kSha3 };

// Lower-case hex, from OpenSSL; nothing where its policy forbids the algorithm (MD5 under FIPS).
[[nodiscard]] std::optional<std::string> HexDigest(Digest digest, std::string_view text);
[[nodiscard]] std::optional<std::string> HexHmac(Digest digest, std::string_view key,
                                                 std::string_view text);

}  // namespace flameway::attributes
