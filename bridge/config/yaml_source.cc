// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/yaml_source.h"

#include <exception>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/parser.h"

namespace flameway {
namespace {

size_t CountNodes(const ConfigNode& node) {
  size_t count = 1;
  for (const ConfigNode& item : node.items) count += CountNodes(item);
  for (const ConfigNode::Entry& entry : node.entries) count += CountNodes(entry.value);
  return count;
}

size_t DepthOf(const ConfigNode& node) {
  size_t depth = 0;
  for (const ConfigNode& item : node.items) depth = std::max(depth, DepthOf(item));
  for (const ConfigNode::Entry& entry : node.entries) {
    depth = std::max(depth, DepthOf(entry.value));
  }
  return depth + 1;
}

// Builds the tree from yaml-cpp's events rather than its nodes: only the events show duplicate
// keys. After the first broken bound all further events are ignored, because stopping the parser
// would take an exception.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(int source, DiagnosticLog& log) : source_(source), log_(log) {}

  void OnDocumentStart(const YAML::Mark& mark) override { start_ = OriginOf(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    ConfigNode node;
    node.origin = OriginOf(mark);
    Close(std::move(node), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // "?" marks plain scalars, "!" quoted and block ones.
    const bool plain = tag == "?" || tag.empty();
    ConfigNode node =
        ConfigNode::Scalar(value, plain ? ConfigNode::Style::kPlain : ConfigNode::Style::kText);
    if (tag.ends_with(":int") || tag.ends_with(":bool") || tag.ends_with(":float")) {
      node.style = ConfigNode::Style::kPlain;
    }
    node.origin = OriginOf(mark);
    Close(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      Report(DiagnosticCode::kYamlSyntax, OriginOf(mark), "an alias inside its own anchor");
      ConfigNode node;
      node.origin = OriginOf(mark);
      Close(std::move(node), 0);
      return;
    }
    nodes_ += found->second.nodes;
    if (nodes_ > kMaxConfigNodes || open_.size() + found->second.depth > kMaxConfigDepth) {
      Overflow(OriginOf(mark));
      return;
    }
    Close(found->second.node, 0);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(ConfigNode::Kind::kList, mark, anchor);
  }
  void OnSequenceEnd() override { CloseOpen(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(ConfigNode::Kind::kMap, mark, anchor);
  }
  void OnMapEnd() override { CloseOpen(); }

  [[nodiscard]] Origin start() const { return start_; }
  [[nodiscard]] bool overflowed() const { return overflowed_; }
  [[nodiscard]] ConfigNode Take() { return overflowed_ ? ConfigNode() : std::move(root_); }

 private:
  struct OpenNode {
    ConfigNode node;
    YAML::anchor_t anchor = 0;
    bool awaits_value = false;  // in a map: the key is known
    bool drop_value = false;    // the key was bad or a duplicate
    ConfigNode key;
    std::vector<ConfigNode> merges;  // values of `<<`
  };
  struct Anchored {
    ConfigNode node;
    size_t nodes;
    size_t depth;
  };

  [[nodiscard]] Origin OriginOf(const YAML::Mark& mark) const {
    return {source_, mark.line + 1, mark.column + 1};
  }
  void Report(DiagnosticCode code, Origin origin, std::string message, std::string hint = {}) {
    log_.Add(
        {.code = code, .origin = origin, .message = std::move(message), .hint = std::move(hint)});
  }
  void Overflow(Origin origin) {
    if (!overflowed_) {
      Report(DiagnosticCode::kTooLarge, origin,
             fmt::format("more than {} levels or {} values", kMaxConfigDepth, kMaxConfigNodes));
    }
    overflowed_ = true;
    open_.clear();
    anchors_.clear();
  }
  void Open(ConfigNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (overflowed_) return;
    if (open_.size() >= kMaxConfigDepth) return Overflow(OriginOf(mark));
    OpenNode open;
    open.node.kind = kind;
    open.node.origin = OriginOf(mark);
    open.anchor = anchor;
    open_.push_back(std::move(open));
  }
  void CloseOpen() {
    if (overflowed_ || open_.empty()) return;
    OpenNode open = std::move(open_.back());
    open_.pop_back();
    for (ConfigNode& merge : open.merges) ApplyMergeKey(std::move(merge), open.node);
    Close(std::move(open.node), open.anchor);
  }
  // What stands in the map itself wins over what `<<` brings; earlier merges win over later ones.
  static void ApplyMergeKey(ConfigNode merge, ConfigNode& target) {
    if (merge.kind == ConfigNode::Kind::kList) {
      for (ConfigNode& item : merge.items) ApplyMergeKey(std::move(item), target);
      return;
    }
    for (ConfigNode::Entry& entry : merge.entries) {
      if (target.FindEntry(entry.key) == nullptr) target.entries.push_back(std::move(entry));
    }
  }
  void Close(ConfigNode node, YAML::anchor_t anchor) {
    if (overflowed_) return;
    if (++nodes_ > kMaxConfigNodes) return Overflow(node.origin);
    if (anchor != 0) {
      const size_t nodes = CountNodes(node);
      anchored_nodes_ += nodes;
      if (anchored_nodes_ > kMaxConfigNodes) return Overflow(node.origin);
      anchors_[anchor] = {node, nodes, DepthOf(node)};
    }
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    OpenNode& parent = open_.back();
    if (parent.node.kind == ConfigNode::Kind::kList) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.awaits_value) {
      TakeKey(std::move(node), parent);
    } else {
      parent.awaits_value = false;
      if (!parent.drop_value) Insert(std::move(node), parent);
    }
  }
  void TakeKey(ConfigNode key, OpenNode& parent) {
    parent.awaits_value = true;
    parent.drop_value = false;
    if (key.kind == ConfigNode::Kind::kList || key.kind == ConfigNode::Kind::kMap) {
      Report(DiagnosticCode::kYamlSyntax, key.origin, "a key must be text");
      parent.drop_value = true;
    }
    parent.key = std::move(key);
  }
  void Insert(ConfigNode value, OpenNode& parent) {
    const ConfigNode& key = parent.key;
    if (key.text == "<<" && key.style == ConfigNode::Style::kPlain) {
      parent.merges.push_back(std::move(value));
      return;
    }
    InsertAt(key.text, key, std::move(value), parent.node);
  }
  // Unfolds "a::b::c".
  void InsertAt(std::string_view path, const ConfigNode& key, ConfigNode value, ConfigNode& map) {
    if (map.entries.size() >= kMaxMapEntries) return Overflow(key.origin);
    const size_t split = path.find("::");
    const std::string_view head = path.substr(0, split);
    ConfigNode::Entry* present = map.FindEntry(head);
    if (split == std::string_view::npos) {
      if (present != nullptr) return ReportDuplicate(key, *present);
      map.entries.push_back({std::string(head), key.origin, std::move(value)});
      return;
    }
    if (++nodes_ > kMaxConfigNodes) return Overflow(key.origin);
    if (present == nullptr) {
      ConfigNode inner;
      inner.kind = ConfigNode::Kind::kMap;
      inner.origin = key.origin;
      map.entries.push_back({std::string(head), key.origin, std::move(inner)});
      present = &map.entries.back();
    } else if (!present->value.is_map()) {
      return ReportDuplicate(key, *present);
    }
    if (++unfold_depth_ > kMaxConfigDepth) {
      Overflow(key.origin);
    } else {
      InsertAt(path.substr(split + 2), key, std::move(value), present->value);
    }
    --unfold_depth_;
  }
  void ReportDuplicate(const ConfigNode& key, const ConfigNode::Entry& present) {
    Report(DiagnosticCode::kDuplicateKey, key.origin, fmt::format("duplicate key `{}`", key.text),
           fmt::format("first stands at line {}, column {}", present.key_origin.line,
                       present.key_origin.column));
  }

  // Lookup in a map is a scan; this bounds its quadratic cost.
  static constexpr size_t kMaxMapEntries = 2'000;

  int source_;
  DiagnosticLog& log_;
  Origin start_;
  ConfigNode root_;
  std::vector<OpenNode> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  size_t nodes_ = 0;
  size_t anchored_nodes_ = 0;
  size_t unfold_depth_ = 0;
  bool overflowed_ = false;
};

// yaml-cpp's own words for it depend on the place.
bool IsIndentedByTab(const std::string& text, int position) {
  if (position < 0 || static_cast<size_t>(position) >= text.size()) return false;
  const size_t begin = text.rfind('\n', static_cast<size_t>(position)) + 1;  // npos + 1 is 0
  const size_t end = text.find_first_not_of(" \t", begin);
  return text.substr(begin, end - begin).find('\t') != std::string::npos;
}

}  // namespace

ConfigNode ParseYamlSource(int source, DiagnosticLog& log) {
  const std::string& text = log.sources()[static_cast<size_t>(source)].text;
  if (text.size() > kMaxConfigBytes) {
    log.Add({.code = DiagnosticCode::kTooLarge,
             .origin = {source, 0, 0},
             .message = fmt::format("larger than {} bytes", kMaxConfigBytes)});
    return {};
  }
  TreeBuilder builder(source, log);
  // yaml-cpp reports by exception; this is the edge where they end.
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    ConfigNode root = builder.Take();
    TreeBuilder rest(source, log);
    if (!builder.overflowed() && parser.HandleNextDocument(rest)) {
      log.Add({.code = DiagnosticCode::kYamlSyntax,
               .origin = rest.start(),
               .message = "more than one YAML document; give each its own --config"});
    }
    return root;
  } catch (const YAML::Exception& e) {
    const Origin origin = e.mark.is_null() ? Origin{source, 0, 0}
                                           : Origin{source, e.mark.line + 1, e.mark.column + 1};
    log.Add({.code = DiagnosticCode::kYamlSyntax,
             .origin = origin,
             .message = e.msg,
             .hint = IsIndentedByTab(text, e.mark.pos) ? "indent with spaces, not tabs" : "",
             .length = 1});
  } catch (const std::exception& e) {
    log.Add({.code = DiagnosticCode::kYamlSyntax,
             .origin = {source, 0, 0},
             .message = fmt::format("cannot be parsed: {}", e.what())});
  }
  return {};
}

}  // namespace flameway
