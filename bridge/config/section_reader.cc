// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/section_reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "bridge/config/core_schema.h"
#include "bridge/config/nearest_name.h"
#include "bridge/config/scalar_place.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace flameway {
namespace {

constexpr size_t kMaxQuotedBytes = 60;

std::string_view FormName(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::kNull:
      return "nothing";
    case ConfigNode::Kind::kList:
      return "a list";
    case ConfigNode::Kind::kMap:
      return "a map";
    case ConfigNode::Kind::kScalar:
      break;
  }
  if (node.style == ConfigNode::Style::kText) return "quoted text";
  switch (ClassifyPlain(node.text)) {
    case CoreType::kBool:
      return "true/false";
    case CoreType::kInt:
    case CoreType::kFloat:
      return "a number";
    case CoreType::kNull:
    case CoreType::kText:
      break;
  }
  return "text";
}

bool IsPlainScalar(const ConfigNode& node) {
  return node.kind == ConfigNode::Kind::kScalar && node.style == ConfigNode::Style::kPlain;
}

// Length of the scalar where it stands, 0 if the text there is not the value.
size_t WrittenLength(const ConfigNode& node) {
  return IsPlainScalar(node) && !node.substituted ? node.text.size() : 0;
}

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return lower(x) == lower(y);
  });
}

// A value that switches nothing on.
bool IsInert(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::kNull:
      return true;
    case ConfigNode::Kind::kList:
      return node.items.empty();
    case ConfigNode::Kind::kMap: {
      if (node.entries.empty()) return true;
      const ConfigNode* enabled = node.Find("enabled");
      return enabled != nullptr && ParseCoreBool(enabled->text) == false;
    }
    case ConfigNode::Kind::kScalar:
      break;
  }
  return node.text.empty() || node.text == "0" || ParseCoreBool(node.text) == false;
}

}  // namespace

std::string QuoteValue(const ConfigNode& node) {
  if (node.substituted) return "the value substituted here";
  if (node.text.size() > kMaxQuotedBytes) {
    return fmt::format("`{}...`", node.text.substr(0, kMaxQuotedBytes));
  }
  return fmt::format("`{}`", node.text);
}

SectionReader::SectionReader(const ConfigNode* node, Origin anchor, std::string path,
                             DiagnosticLog& log)
    : node_(node), anchor_(anchor), path_(std::move(path)), log_(log) {
  if (node_ != nullptr && !node_->is_map() && !node_->is_null()) {
    log_.Add({.code = DiagnosticCode::kWrongType,
              .origin = node_->origin,
              .message = fmt::format("`{}` takes a map of keys, not {}", path_, FormName(*node_)),
              .path = path_,
              .value = node_});
  }
  if (node_ != nullptr && !node_->is_map()) node_ = nullptr;
}

std::string SectionReader::PathOf(std::string_view key) const {
  if (path_.empty()) return std::string(key);
  return fmt::format("{}.{}", path_, key);
}

const ConfigNode* SectionReader::Take(std::string_view key) {
  known_.emplace_back(key);
  return node_ == nullptr ? nullptr : node_->Find(key);
}

const ConfigNode* SectionReader::TakeScalar(std::string_view key, std::string_view wanted) {
  const ConfigNode* value = Take(key);
  if (value == nullptr || value->is_null()) return nullptr;
  if (value->kind == ConfigNode::Kind::kScalar) return value;
  WrongType(key, *value, wanted);
  return nullptr;
}

void SectionReader::WrongType(std::string_view key, const ConfigNode& value,
                              std::string_view wanted) {
  std::string hint;
  if (value.kind == ConfigNode::Kind::kScalar && wanted == "true or false") {
    hint = "yes, no, on and off are text in YAML 1.2";
  }
  if (value.kind == ConfigNode::Kind::kScalar && value.style == ConfigNode::Style::kText) {
    hint = "remove the quotes";
  }
  log_.Add({.code = DiagnosticCode::kWrongType,
            .origin = value.origin,
            .message = fmt::format("`{}` takes {}, not {}", key, wanted, FormName(value)),
            .hint = std::move(hint),
            .path = PathOf(key),
            .value = &value,
            .length = WrittenLength(value)});
}

void SectionReader::BadValue(std::string_view key, const ConfigNode& value, std::string message,
                             std::string hint) {
  log_.Add({.code = DiagnosticCode::kBadValue,
            .origin = value.origin,
            .message = std::move(message),
            .hint = std::move(hint),
            .path = PathOf(key),
            .value = &value,
            .length = WrittenLength(value)});
}

void SectionReader::Bool(std::string_view key, bool& value) {
  const ConfigNode* node = TakeScalar(key, "true or false");
  if (node == nullptr) return;
  const std::optional<bool> parsed =
      IsPlainScalar(*node) ? ParseCoreBool(node->text) : std::nullopt;
  if (!parsed) return WrongType(key, *node, "true or false");
  value = *parsed;
}

bool SectionReader::RefuseOtherNumber(std::string_view key, const ConfigNode& value) {
  if (!IsPlainScalar(value) || !IsOtherNumber(value.text)) return false;
  BadValue(key, value,
           fmt::format("{} is one number in YAML 1.1, and another one or text in YAML 1.2",
                       QuoteValue(value)),
           "write it without leading zeros and underscores, or quote it to keep the text");
  return true;
}

void SectionReader::IntegerValue(std::string_view key, int64_t& value, int64_t min, int64_t max) {
  const ConfigNode* node = TakeScalar(key, "a whole number");
  if (node == nullptr || RefuseOtherNumber(key, *node)) return;
  if (!IsPlainScalar(*node) || ClassifyPlain(node->text) != CoreType::kInt) {
    return WrongType(key, *node, "a whole number");
  }
  const std::optional<int64_t> parsed = ParseCoreInt(node->text);
  if (parsed && *parsed >= min && *parsed <= max) {
    value = *parsed;
    return;
  }
  const std::string range = max == std::numeric_limits<int64_t>::max()
                                ? fmt::format("at least {}", min)
                                : fmt::format("from {} to {}", min, max);
  BadValue(key, *node, fmt::format("`{}` must be {}", key, range), {});
}

void SectionReader::BytesValue(std::string_view key, uint64_t& value, uint64_t min) {
  constexpr std::string_view kWanted = "a size such as 67108864 or 64MiB";
  const ConfigNode* node = TakeScalar(key, kWanted);
  if (node == nullptr) return;
  const std::optional<uint64_t> parsed = ParseByteSize(node->text);
  if (!parsed) {
    return BadValue(key, *node, fmt::format("{} is no size for `{}`", QuoteValue(*node), key),
                    fmt::format("write {}", kWanted));
  }
  if (*parsed < min) {
    return BadValue(key, *node, fmt::format("`{}` must be at least {} bytes", key, min), {});
  }
  value = *parsed;
}

void SectionReader::Number(std::string_view key, double& value, double min, double max) {
  const ConfigNode* node = TakeScalar(key, "a number");
  if (node == nullptr) return;
  const std::optional<double> parsed =
      IsPlainScalar(*node) ? ParseCoreFloat(node->text) : std::nullopt;
  if (!parsed) return WrongType(key, *node, "a number");
  if (!(*parsed >= min && *parsed <= max)) {
    return BadValue(key, *node, fmt::format("`{}` must be from {} to {}", key, min, max), {});
  }
  value = *parsed;
}

void SectionReader::Text(std::string_view key, std::string& value, Secrecy) {
  const ConfigNode* node = TakeScalar(key, "text");
  // A plain number or `true` is taken as it is written: no key has both meanings.
  if (node != nullptr) value = node->text;
}

void SectionReader::Duration(std::string_view key, std::chrono::milliseconds& value) {
  const ConfigNode* node = TakeScalar(key, "a duration such as 500ms or 2m");
  if (node == nullptr) return;
  const std::optional<DurationText> parsed = ParseDuration(node->text);
  if (parsed) {
    value = parsed->value;
    if (parsed->rounded) {
      Report(key, DiagnosticCode::kAdapted,
             fmt::format("`{}` is kept in whole milliseconds: {}", key, FormatDuration(value)));
    }
    return;
  }
  // The Collector would read a bare number as nanoseconds, which nobody means.
  std::string hint = "write a number and ms, s, m or h";
  if (ParseCoreInt(node->text).value_or(-1) > 0) {
    hint = fmt::format("a unit is missing; did you mean `{}s`?", node->text);
  }
  BadValue(key, *node, fmt::format("{} is no duration for `{}`", QuoteValue(*node), key),
           std::move(hint));
}

void SectionReader::FineDuration(std::string_view key, std::chrono::nanoseconds& value) {
  const ConfigNode* node = TakeScalar(key, "a duration such as 1ms or 100us");
  if (node == nullptr) return;
  if (const auto parsed = ParseFineDuration(node->text)) {
    value = *parsed;
    return;
  }
  BadValue(key, *node, fmt::format("{} is no duration for `{}`", QuoteValue(*node), key),
           "write a number and ns, us, ms or s");
}

void SectionReader::Plain(std::string_view key, PlainValue& value) {
  const ConfigNode* node = TakeScalar(key, "text, a number, true or false");
  if (node == nullptr) return;
  value = node->text;
  if (!IsPlainScalar(*node)) return;
  if (RefuseOtherNumber(key, *node)) return;
  switch (ClassifyPlain(node->text)) {
    case CoreType::kBool:
      if (const auto parsed = ParseCoreBool(node->text)) value = *parsed;
      return;
    case CoreType::kInt:
      if (const auto parsed = ParseCoreInt(node->text)) {
        value = *parsed;
      } else {
        BadValue(key, *node, fmt::format("`{}` does not fit into 64 bits", key),
                 "quote it to keep it as text");
      }
      return;
    case CoreType::kFloat:
      if (const auto parsed = ParseCoreFloat(node->text)) value = *parsed;
      return;
    case CoreType::kNull:
    case CoreType::kText:
      return;
  }
}

void SectionReader::ChoiceValue(std::string_view key, size_t& index,
                                std::span<const std::string> names) {
  const std::string wanted = fmt::format("one of {}", fmt::join(names, ", "));
  const ConfigNode* node = TakeScalar(key, wanted);
  if (node == nullptr) return;
  const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
    return EqualIgnoringCase(name, node->text);
  });
  if (found != names.end()) {
    index = static_cast<size_t>(found - names.begin());
    return;
  }
  std::string hint = DidYouMean(node->text, names);
  if (hint.empty()) hint = wanted;
  BadValue(key, *node, fmt::format("{} is no choice for `{}`", QuoteValue(*node), key),
           std::move(hint));
}

void SectionReader::TextList(std::string_view key, std::vector<std::string>& value) {
  const ConfigNode* node = Take(key);
  if (node == nullptr || node->is_null()) return;
  if (node->kind != ConfigNode::Kind::kList) return WrongType(key, *node, "a list of texts");
  std::vector<std::string> texts;
  for (const ConfigNode& item : node->items) {
    if (item.kind == ConfigNode::Kind::kScalar) {
      texts.push_back(item.text);
    } else if (!(item.is_null() && item.substituted)) {  // else reported by the substitution
      WrongType(key, item, "a list of texts");
    }
  }
  value = std::move(texts);
}

void SectionReader::Headers(std::string_view key, TextPairs& value) {
  const ConfigNode* node = Take(key);
  if (node == nullptr || node->is_null()) return;
  TextPairs pairs;
  if (node->is_map()) {
    for (const ConfigNode::Entry& entry : node->entries) {
      if (entry.value.kind == ConfigNode::Kind::kScalar || entry.value.is_null()) {
        pairs.emplace_back(entry.key, entry.value.text);
      } else {
        WrongType(entry.key, entry.value, "text");
      }
    }
  } else if (node->kind == ConfigNode::Kind::kList) {
    for (size_t i = 0; i < node->items.size(); ++i) {
      const ConfigNode& item = node->items[i];
      SectionReader pair(&item, item.origin, fmt::format("{}[{}]", PathOf(key), i), log_);
      pairs.emplace_back();
      pair.Text("name", pairs.back().first);
      pair.Text("value", pairs.back().second);
      pair.Finish();
      if (pairs.back().first.empty()) {
        pair.Report("name", DiagnosticCode::kMissing, "a header needs a `name`");
      }
    }
  } else {
    WrongType(key, *node, "a map of texts");
  }
  value = std::move(pairs);
}

void SectionReader::Child(std::string_view key, Presence, Describe describe) {
  known_.emplace_back(key);
  const ConfigNode::Entry* entry = node_ == nullptr ? nullptr : node_->FindEntry(key);
  if (entry == nullptr) return;
  SectionReader child(&entry->value, entry->key_origin, PathOf(key), log_);
  describe(child);
  child.Finish();
}

size_t SectionReader::ChildList(std::string_view key, size_t, DescribeItem describe) {
  const ConfigNode* node = Take(key);
  if (node == nullptr || node->is_null()) return 0;
  if (node->kind != ConfigNode::Kind::kList) {
    WrongType(key, *node, "a list");
    return 0;
  }
  for (size_t i = 0; i < node->items.size(); ++i) {
    const ConfigNode& item = node->items[i];
    SectionReader child(&item, item.origin, fmt::format("{}[{}]", PathOf(key), i), log_);
    describe(child, i);
    child.Finish();
  }
  return node->items.size();
}

bool SectionReader::Has(std::string_view key) const {
  const ConfigNode* value = node_ == nullptr ? nullptr : node_->Find(key);
  return value != nullptr && !value->is_null();
}

Section::Form SectionReader::FormOf(std::string_view key) const {
  const ConfigNode* value = node_ == nullptr ? nullptr : node_->Find(key);
  if (value == nullptr || value->is_null()) return Form::kNothing;
  if (value->is_map()) return Form::kMap;
  if (value->kind == ConfigNode::Kind::kScalar) return Form::kScalar;
  const auto count = std::count_if(value->items.begin(), value->items.end(),
                                   [](const ConfigNode& item) { return item.is_map(); });
  if (count == 0) return Form::kTexts;
  return static_cast<size_t>(count) == value->items.size() ? Form::kMaps : Form::kMixedList;
}

void SectionReader::Unsupported(std::string_view key, std::string_view why) {
  const ConfigNode* value = Take(key);
  if (value == nullptr || IsInert(*value)) return;
  const ConfigNode::Entry* entry = node_->FindEntry(key);
  log_.Add(
      {.code = DiagnosticCode::kNotSupported,
       .origin = entry->key_origin,
       .message = fmt::format("`{}` is not supported yet{}{}", key, why.empty() ? "" : ": ", why),
       .path = PathOf(key),
       .value = value,
       .length = key.size()});
}

void SectionReader::Ignored(std::string_view key, std::string_view why) {
  const ConfigNode* value = Take(key);
  if (value == nullptr || why.empty() || IsInert(*value)) return;
  const ConfigNode::Entry* entry = node_->FindEntry(key);
  log_.Add({.code = DiagnosticCode::kWithoutEffect,
            .origin = entry->key_origin,
            .message = fmt::format("`{}` has no effect: {}", key, why),
            .path = PathOf(key),
            .value = value,
            .length = key.size()});
}

void SectionReader::Report(std::string_view key, DiagnosticCode code, std::string message,
                           std::string hint) {
  const ConfigNode::Entry* entry = node_ == nullptr ? nullptr : node_->FindEntry(key);
  Origin origin = anchor_;
  if (entry != nullptr) {
    const bool scalar = entry->value.kind == ConfigNode::Kind::kScalar;
    origin = scalar ? entry->value.origin : entry->key_origin;
  }
  log_.Add({.code = code,
            .origin = origin,
            .message = std::move(message),
            .hint = std::move(hint),
            .path = entry == nullptr ? path_ : PathOf(key),
            .value = entry == nullptr ? nullptr : &entry->value});
}

void SectionReader::ReportAt(std::span<const Step> path, const std::optional<TextPlace>& inside,
                             DiagnosticCode code, std::string message) {
  const ConfigNode* node = node_;
  Origin origin = anchor_;
  std::string name = path_;
  for (const Step& step : path) {
    if (node == nullptr) break;
    if (const auto* key = std::get_if<std::string>(&step)) {
      const ConfigNode::Entry* entry = node->FindEntry(*key);
      if (entry == nullptr) break;
      node = &entry->value;
      origin = node->kind == ConfigNode::Kind::kScalar ? node->origin : entry->key_origin;
      name += fmt::format("{}{}", name.empty() ? "" : ".", *key);
    } else {
      const size_t index = std::get<size_t>(step);
      if (index >= node->items.size()) break;
      node = &node->items[index];
      origin = node->origin;
      name += fmt::format("[{}]", index);
    }
  }
  if (inside.has_value() && node != nullptr && node->kind == ConfigNode::Kind::kScalar) {
    if (const auto place = PlaceInScalar(*node, inside->offset, log_.sources())) {
      origin = *place;
    } else {
      message =
          fmt::format("line {}, column {} of this text: {}", inside->line, inside->column, message);
    }
  }
  log_.Add({.code = code,
            .origin = origin,
            .message = std::move(message),
            .path = std::move(name),
            .value = node == node_ ? nullptr : node,
            .length = inside.has_value() ? size_t{1} : size_t{0}});
}

void SectionReader::Finish() {
  if (node_ == nullptr) return;
  for (const ConfigNode::Entry& entry : node_->entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
    const std::string place = path_.empty() ? "at the top level" : fmt::format("in `{}`", path_);
    std::string hint = DidYouMean(entry.key, known_);
    log_.Add({.code = DiagnosticCode::kUnknownKey,
              .origin = entry.key_origin,
              .message = fmt::format("unknown key `{}` {}", entry.key, place),
              .hint = std::move(hint),
              .path = path_,
              .value = &entry.value});
  }
}

}  // namespace flameway
