// SPDX-License-Identifier: Apache-2.0
#include "processor/attributes/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "processor/ottl/text.h"

namespace flameway::attributes {
namespace {

const EVP_MD* Algorithm(Digest digest) {
  switch (digest) {
    case Digest::kMd5:
      return EVP_md5();
    case Digest::kSha1:
      return EVP_sha1();
    case Digest::kSha256:
      return EVP_sha256();
    case Digest::kSha512:
      return EVP_sha512();
    case Digest::kSha3:
      return EVP_sha3_256();
  }
  return nullptr;
}

std::string Hex(const unsigned char* bytes, unsigned size) {
  return ottl::HexText({reinterpret_cast<const char*>(bytes), size});
}

}  // namespace

std::optional<std::string> HexDigest(Digest digest, std::string_view text) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), bytes, &size, Algorithm(digest), nullptr) != 1) {
    return std::nullopt;
  }
  return Hex(bytes, size);
}

std::optional<std::string> HexHmac(Digest digest, std::string_view key, std::string_view text) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (HMAC(Algorithm(digest), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes,
           &size) == nullptr) {
    return std::nullopt;
  }
  return Hex(bytes, size);
}

}  // namespace flameway::attributes
