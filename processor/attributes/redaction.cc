// SPDX-License-Identifier: Apache-2.0
#include "processor/attributes/redaction.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "processor/attributes/digest.h"
#include "processor/ottl/parse_error.h"
#include "processor/ottl/text.h"
#include "processor/ottl/value_text.h"

namespace flameway::attributes {
namespace {

using ottl::Entry;
using ottl::Kind;
using ottl::Pattern;
using ottl::Text;
using ottl::Value;

constexpr std::string_view kStars = "****";
constexpr std::string_view kRedactedKeys = "redaction.redacted.keys";
constexpr std::string_view kRedactedCount = "redaction.redacted.count";
constexpr std::string_view kMaskedKeys = "redaction.masked.keys";
constexpr std::string_view kMaskedCount = "redaction.masked.count";
constexpr std::string_view kAllowedKeys = "redaction.allowed.keys";
constexpr std::string_view kAllowedCount = "redaction.allowed.count";
constexpr std::string_view kIgnoredCount = "redaction.ignored.count";

// Allowed without being listed: what an earlier redaction wrote. Two are not, as in the Collector.
constexpr std::string_view kOwnKeys[] = {kRedactedKeys, kRedactedCount, kMaskedKeys, kMaskedCount,
                                         kIgnoredCount};

constexpr std::string_view kMasks[] = {"", "md5", "sha1", "sha3", "hmac-sha256", "hmac-sha512"};
constexpr std::string_view kSummaries[] = {"silent", "info", "debug"};

bool Contains(std::span<const std::string> list, std::string_view key) {
  return std::find(list.begin(), list.end(), key) != list.end();
}

bool MatchesAny(std::span<const Pattern> patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [text](const Pattern& pattern) { return pattern.Matches(text); });
}

std::vector<Pattern> Compile(std::string_view field, std::span<const std::string> expressions,
                             OptionErrors& errors) {
  std::vector<Pattern> patterns;
  for (size_t i = 0; i < expressions.size(); ++i) {
    auto pattern = Pattern::Create(expressions[i]);
    if (pattern.ok()) {
      patterns.push_back(*std::move(pattern));
    } else {
      errors.push_back({std::string(field), i, std::string(pattern.status().message())});
    }
  }
  return patterns;
}

template <typename Choice>
bool Choose(std::span<const std::string_view> names, std::string_view name, Choice& choice) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (!ottl::EqualsIgnoringCase(names[i], name)) continue;
    choice = static_cast<Choice>(i);
    return true;
  }
  return false;
}

void Put(std::vector<Entry>& attributes, std::string_view key, const Value& value) {
  for (Entry& entry : attributes) {
    if (entry.key != key) continue;
    entry.value = value;
    return;
  }
  attributes.push_back({key, value});
}

}  // namespace

std::variant<Redaction, OptionErrors> Redaction::Create(const RedactionOptions& options) {
  Redaction redaction;
  OptionErrors errors;
  redaction.options_ = options;
  redaction.ignored_keys_ = Compile("ignored_key_patterns", options.ignored_key_patterns, errors);
  redaction.blocked_keys_ = Compile("blocked_key_patterns", options.blocked_key_patterns, errors);
  redaction.blocked_values_ = Compile("blocked_values", options.blocked_values, errors);
  redaction.allowed_values_ = Compile("allowed_values", options.allowed_values, errors);
  const std::string line[] = {".*"};
  redaction.line_ = Compile("", line, errors);
  if (!Choose(kMasks, options.hash_function, redaction.mask_)) {
    errors.push_back(
        {.field = "hash_function",
         .message = Text("unknown hash function \"", options.hash_function,
                         "\"; md5, sha1, sha3, hmac-sha256 and hmac-sha512 are known",
                         ottl::DidYouMean(ottl::NearestName(options.hash_function, kMasks)))});
  }
  const size_t least = redaction.mask_ == Mask::kHmacSha256   ? 32
                       : redaction.mask_ == Mask::kHmacSha512 ? 64
                                                              : 0;
  if (options.hmac_key.size() < least) {
    errors.push_back(
        {.field = "hmac_key",
         .message = Text("needs at least ", least, " bytes, has ", options.hmac_key.size())});
  }
  if (!options.summary.empty() && !Choose(kSummaries, options.summary, redaction.summary_)) {
    errors.push_back(
        {.field = "summary",
         .message = Text("summary is debug, info or silent, not \"", options.summary, "\"")});
  }
  if (errors.empty() && redaction.mask_ != Mask::kStars && redaction.MaskOf("") == kStars) {
    errors.push_back({.field = "hash_function",
                      .message = Text(options.hash_function, " is not available on this system")});
  }
  if (!errors.empty()) return errors;
  return redaction;
}

bool Redaction::IsIgnored(std::string_view key) const {
  return Contains(options_.ignored_keys, key) || MatchesAny(ignored_keys_, key);
}

bool Redaction::IsAllowed(std::string_view key) const {
  return options_.allow_all_keys || Contains(options_.allowed_keys, key) ||
         std::find(std::begin(kOwnKeys), std::end(kOwnKeys), key) != std::end(kOwnKeys);
}

// Never the text itself: where a digest cannot be had, stars.
std::string Redaction::MaskOf(std::string_view text) const {
  std::optional<std::string> digest;
  switch (mask_) {
    case Mask::kStars:
      break;
    case Mask::kMd5:
      digest = HexDigest(Digest::kMd5, text);
      break;
    case Mask::kSha1:
      digest = HexDigest(Digest::kSha1, text);
      break;
    case Mask::kSha3:
      digest = HexDigest(Digest::kSha3, text);
      break;
    case Mask::kHmacSha256:
      digest = HexHmac(Digest::kSha256, options_.hmac_key, text);
      break;
    case Mask::kHmacSha512:
      digest = HexHmac(Digest::kSha512, options_.hmac_key, text);
      break;
  }
  return digest ? *std::move(digest) : std::string(kStars);
}

// Line by line, as the Collector does.
std::string Redaction::MaskWhole(std::string_view text) const {
  return line_[0].ReplaceAll(text, [this](std::string_view match) { return MaskOf(match); });
}

std::string_view Redaction::MaskBlocked(std::string_view text, ottl::Arena& arena) const {
  for (const Pattern& pattern : blocked_values_) {
    if (!pattern.Matches(text)) continue;
    text = arena.Copy(
        pattern.ReplaceAll(text, [this](std::string_view match) { return MaskOf(match); }));
  }
  return text;
}

bool Redaction::MaskInside(Value& value, ottl::Arena& arena) const {
  if (value.kind() == Kind::kString) {
    if (MatchesAny(allowed_values_, value.text())) return false;
    const std::string_view masked = MaskBlocked(value.text(), arena);
    if (masked == value.text()) return false;
    value = Value::String(masked);
    return true;
  }
  if (value.kind() == Kind::kBytes) {
    const std::string_view masked = MaskBlocked(value.text(), arena);
    if (masked == value.text()) return false;
    value = Value::Bytes(masked);
    return true;
  }
  bool changed = false;
  if (value.kind() == Kind::kList) {
    const std::span<Value> copy = arena.NewList(value.list().size());
    std::copy(value.list().begin(), value.list().end(), copy.begin());
    for (Value& element : copy) changed = MaskInside(element, arena) || changed;
    if (changed) value = Value::List(copy);
  } else if (value.kind() == Kind::kMap) {
    const std::span<Entry> copy = arena.NewMap(value.map().size());
    std::copy(value.map().begin(), value.map().end(), copy.begin());
    for (Entry& entry : copy) {
      if (IsIgnored(entry.key)) continue;
      if (MatchesAny(blocked_keys_, entry.key)) {
        const std::string_view text =
            entry.value.kind() == Kind::kString ? entry.value.text() : std::string_view();
        entry.value = Value::String(arena.Copy(MaskWhole(text)));
        changed = true;
      } else {
        changed = MaskInside(entry.value, arena) || changed;
      }
    }
    if (changed) value = Value::Map(copy);
  }
  return changed;
}

void Redaction::Apply(std::vector<Entry>& attributes, ottl::Arena& arena) const {
  std::vector<std::string_view> redacted;
  std::vector<std::string_view> masked;
  std::vector<std::string_view> allowed;
  std::vector<std::string_view> ignored;
  for (Entry& entry : attributes) {
    if (IsIgnored(entry.key)) {
      ignored.push_back(entry.key);
      continue;
    }
    if (!IsAllowed(entry.key)) {
      redacted.push_back(entry.key);
      continue;
    }
    // Without redact_all_types, what is no string is judged as an empty one.
    std::string_view text;
    if (options_.redact_all_types || entry.value.kind() == Kind::kString) {
      text = ottl::PlainText(entry.value, arena);
    }
    if (MatchesAny(allowed_values_, text)) {
      allowed.push_back(entry.key);
    } else if (MatchesAny(blocked_keys_, entry.key)) {
      masked.push_back(entry.key);
      entry.value = Value::String(arena.Copy(MaskWhole(text)));
    } else if (const std::string_view clean = MaskBlocked(text, arena); clean != text) {
      masked.push_back(entry.key);
      // As text, what stands inside may be spelled in a way that no pattern expects.
      const bool is_spelled = entry.value.kind() == Kind::kBytes || text.find('\\') != text.npos;
      entry.value = Value::String(is_spelled && entry.value.kind() != Kind::kString &&
                                          MaskInside(entry.value, arena)
                                      ? MaskBlocked(ottl::PlainText(entry.value, arena), arena)
                                      : clean);
    } else if (MaskInside(entry.value, arena)) {
      masked.push_back(entry.key);
    }
  }
  if (!redacted.empty()) {
    std::erase_if(attributes, [this](const Entry& entry) {
      return !IsIgnored(entry.key) && !IsAllowed(entry.key);
    });
  }
  Summarize(std::move(redacted), kRedactedKeys, kRedactedCount, attributes, arena);
  Summarize(std::move(masked), kMaskedKeys, kMaskedCount, attributes, arena);
  Summarize(std::move(allowed), kAllowedKeys, kAllowedCount, attributes, arena);
  Summarize(std::move(ignored), {}, kIgnoredCount, attributes, arena);
}

void Redaction::Summarize(std::vector<std::string_view> keys, std::string_view keys_name,
                          std::string_view count_name, std::vector<Entry>& attributes,
                          ottl::Arena& arena) const {
  if (keys.empty() || summary_ == Summary::kSilent) return;
  auto count = static_cast<int64_t>(keys.size());
  // What an earlier redaction told stays in the sum.
  if (summary_ == Summary::kDebug && !keys_name.empty()) {
    const Value* earlier = ottl::Find(attributes, keys_name);
    if (earlier != nullptr && earlier->kind() == Kind::kString && !earlier->text().empty()) {
      std::string_view rest = earlier->text();
      for (size_t comma = rest.find(','); comma != std::string_view::npos; comma = rest.find(',')) {
        keys.push_back(rest.substr(0, comma));
        rest.remove_prefix(comma + 1);
      }
      keys.push_back(rest);
    }
    std::sort(keys.begin(), keys.end());
    std::string joined;
    for (const std::string_view key : keys) {
      if (!joined.empty()) joined += ',';
      joined += key;
    }
    Put(attributes, keys_name, Value::String(arena.Copy(joined)));
  }
  const Value* earlier = ottl::Find(attributes, count_name);
  if (earlier != nullptr && earlier->kind() == Kind::kInt) count += earlier->as_int();
  Put(attributes, count_name, Value::Int(count));
}

}  // namespace flameway::attributes
