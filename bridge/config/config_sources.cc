// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/config_sources.h"

#include <optional>
#include <string_view>
#include <utility>

#include "bridge/config/default_config.h"
#include "bridge/config/substitution.h"
#include "bridge/config/yaml_source.h"
#include "fmt/format.h"

namespace flameway {
namespace {

class SourceReader {
 public:
  SourceReader(const Environment& environment, std::vector<SourceText>& sources, DiagnosticLog& log)
      : environment_(environment), sources_(sources), log_(log) {}

  // Puts the text of `uri` at the end of the sources. False after reporting why not.
  bool AddUri(const std::string& uri) {
    const size_t colon = uri.find(':');
    const std::string scheme = uri.substr(0, colon == std::string::npos ? 0 : colon);
    if (scheme == "env") return AddVariable(uri, uri.substr(4));
    if (scheme == "yaml") {
      sources_.push_back({"yaml:", uri.substr(5)});
      return true;
    }
    if (scheme == "http" || scheme == "https") {
      return Fail(uri, DiagnosticCode::kNotSupported,
                  "configuration over http(s) is not supported yet", "fetch it to a file first");
    }
    const std::string path = scheme == "file" ? uri.substr(5) : uri;
    absl::StatusOr<std::string> text = environment_.read_file(path);
    if (!text.ok()) {
      return Fail(path, DiagnosticCode::kUnreadableSource,
                  fmt::format("cannot read configuration {}: {}", path,
                              std::string(text.status().message())),
                  "");
    }
    sources_.push_back({path, *std::move(text)});
    return true;
  }

  void MergeLast(ConfigNode& root) {
    const int source = static_cast<int>(sources_.size()) - 1;
    ConfigNode tree = ParseYamlSource(source, log_);
    if (tree.is_null()) return;  // empty, or reported
    if (!tree.is_map()) {
      log_.Add({.code = DiagnosticCode::kWrongType,
                .origin = tree.origin,
                .message = "a configuration is a map with keys such as `receivers`"});
      return;
    }
    MergeOver(root, std::move(tree));
  }

  void MergeSet(const std::string& set, ConfigNode& root) {
    const size_t equals = set.find('=');
    if (equals == std::string::npos || equals == 0) {
      Fail(fmt::format("--set {}", set), DiagnosticCode::kBadSource,
           fmt::format("--set {} is not of the form key=value", set), "--set a.b.c=value");
      return;
    }
    const std::string path = set.substr(0, equals);
    sources_.push_back({fmt::format("--set {}", path), set.substr(equals + 1)});
    const int source = static_cast<int>(sources_.size()) - 1;
    ConfigNode value = ParseYamlSource(source, log_);
    if (!value.origin.known()) value.origin = {source, 1, 1};
    const std::string separator = path.find("::") != std::string::npos ? "::" : ".";
    std::vector<std::string_view> names;
    for (std::string_view rest = path;;) {
      const size_t end = rest.find(separator);
      names.push_back(rest.substr(0, end));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + separator.size());
    }
    if (names.size() > kMaxConfigDepth) {
      log_.Add({.code = DiagnosticCode::kTooLarge,
                .origin = {source, 1, 1},
                .message = fmt::format("--set with more than {} levels", kMaxConfigDepth)});
      return;
    }
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
      ConfigNode map;
      map.kind = ConfigNode::Kind::kMap;
      map.origin = value.origin;
      map.entries.push_back({std::string(*name), value.origin, std::move(value)});
      value = std::move(map);
    }
    MergeOver(root, std::move(value));
  }

 private:
  bool AddVariable(const std::string& uri, const std::string& name) {
    std::optional<std::string> value = environment_.variable(name);
    if (!value) {
      return Fail(uri, DiagnosticCode::kUnreadableSource,
                  fmt::format("environment variable {} is not set", name), "");
    }
    sources_.push_back({uri, *std::move(value)});
    return true;
  }
  // The source takes its place without text, so that the finding has a name to show.
  bool Fail(const std::string& name, DiagnosticCode code, std::string message, std::string hint) {
    sources_.push_back({name, ""});
    log_.Add({.code = code,
              .origin = {static_cast<int>(sources_.size()) - 1, 0, 0},
              .message = std::move(message),
              .hint = std::move(hint)});
    return false;
  }

  const Environment& environment_;
  std::vector<SourceText>& sources_;
  DiagnosticLog& log_;
};

}  // namespace

ConfigNode ReadConfigSources(const ConfigSources& request, const Environment& environment,
                             std::vector<SourceText>& sources, DiagnosticLog& log) {
  ConfigNode root;
  root.kind = ConfigNode::Kind::kMap;
  SourceReader reader(environment, sources, log);
  if (request.uris.empty()) {
    sources.push_back({"<built-in>", std::string(DefaultConfigYaml())});
    reader.MergeLast(root);
  }
  for (const std::string& uri : request.uris) {
    if (reader.AddUri(uri)) reader.MergeLast(root);
  }
  for (const std::string& set : request.sets) reader.MergeSet(set, root);
  SubstituteValues(root, environment, log);
  return root;
}

}  // namespace flameway
