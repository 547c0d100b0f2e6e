// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/node_text.h"

#include <algorithm>
#include <string_view>

#include "bridge/config/core_schema.h"
#include "fmt/format.h"

namespace flameway {
namespace {

// Double-quoted in the form that JSON and YAML share. Bytes of UTF-8 stay.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
  return out;
}

// Text that reads as the same text without quotes, in block and flow context.
bool IsSafePlain(std::string_view text) {
  if (ClassifyPlain(text) != CoreType::kText) return false;
  constexpr std::string_view kSafe =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@+-";
  if (text.find_first_not_of(kSafe) != std::string_view::npos) return false;
  const char first = text[0];
  return first != '-' && first != ':' && first != '@' && first != '.' && first != '+' &&
         text.back() != ':';
}

std::string ScalarText(const ConfigNode& node) {
  if (node.style == ConfigNode::Style::kPlain || IsSafePlain(node.text)) return node.text;
  return Quoted(node.text);
}

std::string KeyText(const std::string& key) { return IsSafePlain(key) ? key : Quoted(key); }

bool IsFlat(const ConfigNode& node) {
  return node.items.empty() ||
         std::none_of(node.items.begin(), node.items.end(), [](const ConfigNode& item) {
           return item.kind != ConfigNode::Kind::kScalar;
         });
}

class YamlWriter {
 public:
  explicit YamlWriter(absl::FunctionRef<std::string(const NodePath&)> comment)
      : comment_(comment) {}

  void Map(const ConfigNode& node, size_t indent) {
    for (const ConfigNode::Entry& entry : node.entries) {
      // The first key of a list item stands behind its dash.
      if (!after_dash_) out_.append(indent, ' ');
      after_dash_ = false;
      out_ += KeyText(entry.key);
      out_ += ':';
      path_.push_back(entry.key);
      Value(entry.value, indent);
      path_.pop_back();
    }
  }
  std::string Take() { return std::move(out_); }

 private:
  void Value(const ConfigNode& node, size_t indent) {
    switch (node.kind) {
      case ConfigNode::Kind::kNull:
        return EndLine("");
      case ConfigNode::Kind::kScalar:
        return EndLine(fmt::format(" {}", ScalarText(node)));
      case ConfigNode::Kind::kMap:
        if (node.entries.empty()) return EndLine(" {}");
        out_ += '\n';
        return Map(node, indent + 2);
      case ConfigNode::Kind::kList:
        break;
    }
    if (!IsFlat(node)) {
      out_ += '\n';
      for (const ConfigNode& item : node.items) {
        out_.append(indent + 2, ' ');
        out_ += "- ";
        after_dash_ = true;
        Map(item, indent + 4);
      }
      return;
    }
    std::string list;
    for (const ConfigNode& item : node.items) {
      list += fmt::format("{}{}", list.empty() ? "" : ", ", ScalarText(item));
    }
    EndLine(fmt::format(" [{}]", list));
  }
  void EndLine(const std::string& value) {
    out_ += value;
    const std::string comment = comment_(path_);
    if (!comment.empty()) out_ += fmt::format("  # {}", comment);
    out_ += '\n';
  }

  absl::FunctionRef<std::string(const NodePath&)> comment_;
  std::string out_;
  NodePath path_;
  bool after_dash_ = false;
};

void AppendJson(const ConfigNode& node, size_t indent, std::string& out) {
  const std::string pad(indent + 2, ' ');
  const auto separate = [&, first = true]() mutable {
    out += first ? "\n" : ",\n";
    first = false;
    out += pad;
  };
  switch (node.kind) {
    case ConfigNode::Kind::kNull:
      out += "null";
      return;
    case ConfigNode::Kind::kScalar: {
      const CoreType type =
          node.style == ConfigNode::Style::kText ? CoreType::kText : ClassifyPlain(node.text);
      out += type == CoreType::kText ? Quoted(node.text) : node.text;
      return;
    }
    case ConfigNode::Kind::kMap: {
      out += '{';
      auto next = separate;
      for (const ConfigNode::Entry& entry : node.entries) {
        next();
        out += Quoted(entry.key);
        out += ": ";
        AppendJson(entry.value, indent + 2, out);
      }
      if (!node.entries.empty()) out.append(1, '\n').append(indent, ' ');
      out += '}';
      return;
    }
    case ConfigNode::Kind::kList: {
      out += '[';
      auto next = separate;
      for (const ConfigNode& item : node.items) {
        next();
        AppendJson(item, indent + 2, out);
      }
      if (!node.items.empty()) out.append(1, '\n').append(indent, ' ');
      out += ']';
      return;
    }
  }
}

}  // namespace

std::string NodeToYaml(const ConfigNode& node,
                       absl::FunctionRef<std::string(const NodePath&)> comment) {
  YamlWriter writer(comment);
  writer.Map(node, 0);
  return writer.Take();
}

std::string NodeToJson(const ConfigNode& node) {
  std::string out;
  AppendJson(node, 0, out);
  out += '\n';
  return out;
}

}  // namespace flameway
