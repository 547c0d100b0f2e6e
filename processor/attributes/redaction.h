// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "processor/attributes/option_error.h"
#include "processor/ottl/pattern.h"
#include "processor/ottl/value.h"

namespace flameway::attributes {

// The Collector's processor `redaction`, without its URL and database sanitizers.
struct RedactionOptions {
  bool allow_all_keys = false;  // else only allowed_keys stay; none are allowed by default
  bool redact_all_types = false;
  std::vector<std::string> allowed_keys;
  std::vector<std::string> ignored_keys;
  std::vector<std::string> ignored_key_patterns;
  std::vector<std::string> blocked_key_patterns;
  std::vector<std::string> blocked_values;
  std::vector<std::string> allowed_values;
  std::string hash_function;  // empty: "****"; md5 sha1 sha3 hmac-sha256 hmac-sha512
  std::string hmac_key;       // at least 32 or 64 bytes
  std::string summary;        // debug info silent; empty is silent
};

// Removes and masks attributes of one row. In this order: ignored keys stay untouched; keys that
// are not allowed go; allowed values stay; values under blocked keys are masked whole; what a
// blocked pattern matches is masked. `summary` adds attributes redaction.* that say how many (info)
// and which keys (debug). Immutable once made, any thread; called once for each distinct row.
//
// Stricter than the Collector: it looks at strings only, here the strings inside lists and maps are
// masked as well, so that no blocked text stays readable.
class Redaction {
 public:
  [[nodiscard]] static std::variant<Redaction, OptionErrors> Create(
      const RedactionOptions& options);

  // What it writes views the list, this object or `arena`.
  void Apply(std::vector<ottl::Entry>& attributes, ottl::Arena& arena) const;

 private:
  enum class Mask : uint8_t { kStars, kMd5, kSha1, kSha3, kHmacSha256, kHmacSha512 };
  enum class Summary : uint8_t { kSilent, kInfo, kDebug };

  [[nodiscard]] bool IsIgnored(std::string_view key) const;
  [[nodiscard]] bool IsAllowed(std::string_view key) const;
  [[nodiscard]] std::string MaskOf(std::string_view text) const;
  [[nodiscard]] std::string MaskWhole(std::string_view text) const;
  // `text` with what is blocked in it masked; the same view when there is nothing.
  [[nodiscard]] std::string_view MaskBlocked(std::string_view text, ottl::Arena& arena) const;
  // Masks the strings and bytes in or below a value; false when there was nothing to mask.
  bool MaskInside(ottl::Value& value, ottl::Arena& arena) const;
  void Summarize(std::vector<std::string_view> keys, std::string_view keys_name,
                 std::string_view count_name, std::vector<ottl::Entry>& attributes,
                 ottl::Arena& arena) const;

  RedactionOptions options_;
  std::vector<ottl::Pattern> ignored_keys_;
  std::vector<ottl::Pattern> blocked_keys_;
  std::vector<ottl::Pattern> blocked_values_;
  std::vector<ottl::Pattern> allowed_values_;
  std::vector<ottl::Pattern> line_;  // one: any text up to the end of a line
  Mask mask_ = Mask::kStars;
  Summary summary_ = Summary::kSilent;
};

}  // namespace flameway::attributes
