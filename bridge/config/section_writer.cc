// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/section_writer.h"

#include <cmath>
#include <type_traits>
#include <utility>

#include "bridge/config/core_schema.h"
#include "fmt/format.h"

namespace flameway {
namespace {

ConfigNode PlainNode(std::string text) {
  return ConfigNode::Scalar(std::move(text), ConfigNode::Style::kPlain);
}

// Reading turns `$$` into `$`.
std::string EscapeDollars(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '$') out += c;
  }
  return out;
}

}  // namespace

SectionWriter::SectionWriter(ConfigNode& node, Secrets secrets) : node_(node), secrets_(secrets) {
  node_.kind = ConfigNode::Kind::kMap;
}

ConfigNode SectionWriter::TextNode(const std::string& text, Secrecy secrecy) const {
  const bool hide = secrecy == Secrecy::kSecret && secrets_ == Secrets::kRedacted && !text.empty();
  return ConfigNode::Scalar(hide ? "[REDACTED]" : EscapeDollars(text), ConfigNode::Style::kText);
}

void SectionWriter::Bool(std::string_view key, bool& value) {
  node_.At(key) = PlainNode(value ? "true" : "false");
}

void SectionWriter::IntegerValue(std::string_view key, int64_t& value, int64_t, int64_t) {
  node_.At(key) = PlainNode(fmt::format("{}", value));
}

void SectionWriter::BytesValue(std::string_view key, uint64_t& value, uint64_t) {
  node_.At(key) = PlainNode(FormatByteSize(value));
}

void SectionWriter::Number(std::string_view key, double& value, double, double) {
  node_.At(key) = PlainNode(fmt::format("{}", value));
}

void SectionWriter::Text(std::string_view key, std::string& value, Secrecy secrecy) {
  node_.At(key) = TextNode(value, secrecy);
}

void SectionWriter::Duration(std::string_view key, std::chrono::milliseconds& value) {
  node_.At(key) = PlainNode(FormatDuration(value));
}

void SectionWriter::FineDuration(std::string_view key, std::chrono::nanoseconds& value) {
  node_.At(key) = PlainNode(FormatFineDuration(value));
}

void SectionWriter::Plain(std::string_view key, PlainValue& value) {
  std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::string>) {
          node_.At(key) = TextNode(v, Secrecy::kPublic);
        } else if constexpr (std::is_same_v<T, double>) {
          // What reads as a whole number would become one.
          std::string text = fmt::format("{}", v);
          if (std::isinf(v)) text = v < 0 ? "-.inf" : ".inf";
          if (std::isnan(v)) text = ".nan";
          const bool whole = ClassifyPlain(text) == CoreType::kInt;
          node_.At(key) = PlainNode(whole ? text + ".0" : text);
        } else if constexpr (!std::is_same_v<T, std::monostate>) {
          node_.At(key) = PlainNode(fmt::format("{}", v));
        }
      },
      value);
}

void SectionWriter::ChoiceValue(std::string_view key, size_t& index,
                                std::span<const std::string> names) {
  node_.At(key) = ConfigNode::Scalar(names[index], ConfigNode::Style::kText);
}

void SectionWriter::TextList(std::string_view key, std::vector<std::string>& value) {
  ConfigNode& list = node_.At(key);
  list.kind = ConfigNode::Kind::kList;
  for (const std::string& text : value) list.items.push_back(TextNode(text, Secrecy::kPublic));
}

void SectionWriter::Headers(std::string_view key, TextPairs& value) {
  ConfigNode& list = node_.At(key);
  // A list keeps repeated names; a map is what people write.
  list.kind = ConfigNode::Kind::kMap;
  for (const auto& [name, text] : value) {
    if (list.FindEntry(name) != nullptr || name.find("::") != std::string::npos || name == "<<") {
      list.kind = ConfigNode::Kind::kList;
      break;
    }
    list.At(name) = TextNode(text, Secrecy::kSecret);
  }
  if (list.is_map()) return;
  list.entries.clear();
  for (const auto& [name, text] : value) {
    ConfigNode pair;
    pair.At("name") = TextNode(name, Secrecy::kPublic);
    pair.At("value") = TextNode(text, Secrecy::kSecret);
    list.items.push_back(std::move(pair));
  }
}

void SectionWriter::Child(std::string_view key, Presence presence, Describe describe) {
  if (presence == Presence::kAbsent) return;
  SectionWriter child(node_.At(key), secrets_);
  describe(child);
}

size_t SectionWriter::ChildList(std::string_view key, size_t count, DescribeItem describe) {
  ConfigNode& list = node_.At(key);
  list.kind = ConfigNode::Kind::kList;
  list.items.resize(count);
  for (size_t i = 0; i < count; ++i) {
    SectionWriter child(list.items[i], secrets_);
    describe(child, i);
  }
  return count;
}

}  // namespace flameway
