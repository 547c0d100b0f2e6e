// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace flameway {

// The first half of a SHA-256: equal digests mean equal texts, also across stores and processes.
using TextDigest = std::array<uint8_t, 16>;

// Keeps canonical texts by digest. A text names another one as "@" and 32 hex digits, so a stack is
// short however deep its frames are, and equal values have equal digests wherever they come from.
// Strings inside a text are quoted and escaped: outside quotes "@" is always a reference.
//
// Cost: one SHA-256 per Put, and the memory of each distinct text.
class TextStore {
 public:
  TextStore();

  TextDigest Put(std::string_view text);

  // The text with all references replaced, recursively; "?" where a text is not in this store.
  [[nodiscard]] std::string Expand(const TextDigest& digest) const;

 private:
  struct FirstBytes {
    size_t operator()(const TextDigest& digest) const {
      uint64_t bytes;
      std::memcpy(&bytes, digest.data(), sizeof bytes);
      return bytes;
    }
  };
  struct FreeDigest {
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  void ExpandInto(std::string_view text, std::string* out) const;

  std::unique_ptr<EVP_MD, FreeDigest> sha256_;
  std::unique_ptr<EVP_MD_CTX, FreeDigest> context_;
  std::unordered_map<TextDigest, std::string, FirstBytes> texts_;
};

void AppendReference(const TextDigest& digest, std::string* text);
void AppendQuoted(std::string_view value, std::string* text);
[[nodiscard]] std::string Reference(const TextDigest& digest);
[[nodiscard]] std::string Quoted(std::string_view value);

}  // namespace flameway
