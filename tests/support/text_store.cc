// SPDX-License-Identifier: Apache-2.0
#include "tests/support/text_store.h"

#include <algorithm>
#include <cstdlib>

namespace flameway {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

uint8_t Nibble(char digit) { return static_cast<uint8_t>(kHexDigits.find(digit)); }

void AppendHex(uint8_t byte, std::string* text) {
  text->push_back(kHexDigits[byte >> 4]);
  text->push_back(kHexDigits[byte & 15]);
}

}  // namespace

TextStore::TextStore()
    : sha256_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {}

TextDigest TextStore::Put(std::string_view text) {
  std::array<uint8_t, EVP_MAX_MD_SIZE> whole;
  unsigned int size = 0;
  if (EVP_DigestInit_ex2(context_.get(), sha256_.get(), nullptr) != 1 ||
      EVP_DigestUpdate(context_.get(), text.data(), text.size()) != 1 ||
      EVP_DigestFinal_ex(context_.get(), whole.data(), &size) != 1) {
    std::abort();  // an oracle without its hash must not go on
  }
  TextDigest digest;
  std::copy_n(whole.begin(), digest.size(), digest.begin());
  texts_.try_emplace(digest, text);
  return digest;
}

std::string TextStore::Expand(const TextDigest& digest) const {
  std::string out;
  ExpandInto(Reference(digest), &out);
  return out;
}

void TextStore::ExpandInto(std::string_view text, std::string* out) const {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {  // the escaped character may be a quote
      out->push_back(c);
      out->push_back(text[++i]);
      continue;
    }
    if (c == '"') quoted = !quoted;
    if (quoted || c != '@') {
      out->push_back(c);
      continue;
    }
    TextDigest digest;
    for (uint8_t& byte : digest) {
      byte = static_cast<uint8_t>(Nibble(text[i + 1]) << 4 | Nibble(text[i + 2]));
      i += 2;
    }
    const auto found = texts_.find(digest);
    if (found == texts_.end()) {
      out->push_back('?');
    } else {
      ExpandInto(found->second, out);
    }
  }
}

void AppendReference(const TextDigest& digest, std::string* text) {
  text->push_back('@');
  for (uint8_t byte : digest) AppendHex(byte, text);
}

void AppendQuoted(std::string_view value, std::string* text) {
  text->push_back('"');
  for (char c : value) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\') {
      text->push_back('\\');
      text->push_back(c);
    } else if (byte < 0x20 || byte >= 0x7f) {
      text->append("\\x");
      AppendHex(byte, text);
    } else {
      text->push_back(c);
    }
  }
  text->push_back('"');
}

std::string Reference(const TextDigest& digest) {
  std::string text;
  AppendReference(digest, &text);
  return text;
}

std::string Quoted(std::string_view value) {
  std::string text;
  AppendQuoted(value, &text);
  return text;
}

}  // namespace flameway
