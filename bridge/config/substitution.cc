// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/substitution.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bridge/config/core_schema.h"
#include "fmt/format.h"

namespace flameway {
namespace {

constexpr int kMaxNesting = 8;  // of ${...} in defaults
constexpr size_t kMaxExpandedBytes = size_t{1} << 20;

bool IsVariableName(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!letter && c != '_' && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

// Position of the brace that closes the one before `begin`.
size_t ClosingBrace(std::string_view text, size_t begin) {
  int depth = 1;
  for (size_t i = begin; i < text.size(); ++i) {
    if (text[i] == '{' && text[i - 1] == '$') ++depth;
    if (text[i] == '}' && --depth == 0) return i;
  }
  return std::string_view::npos;
}

class Substitution {
 public:
  Substitution(const ConfigNode& node, const Environment& environment, DiagnosticLog& log)
      : node_(node), environment_(environment), log_(log) {}

  std::string Expand(std::string_view text, int nesting) {
    std::string out;
    size_t i = 0;
    while (i < text.size() && out.size() <= kMaxExpandedBytes) {
      if (text[i] != '$' || i + 1 == text.size()) {
        out += text[i++];
      } else if (text[i + 1] == '$') {
        out += '$';
        i += 2;
      } else if (text[i + 1] == '{') {
        const size_t end = ClosingBrace(text, i + 2);
        if (end == std::string_view::npos) {
          Fail("`${` without its `}`", "write `$$` for a dollar sign");
          return out;
        }
        out += Resolve(text.substr(i + 2, end - i - 2), nesting);
        i = end + 1;
      } else {
        out += text[i++];
      }
    }
    if (out.size() > kMaxExpandedBytes) Fail("the text grows beyond 1 MiB", "");
    return out;
  }
  [[nodiscard]] bool resolved() const { return resolved_; }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::string Resolve(std::string_view reference, int nesting) {
    resolved_ = true;
    if (nesting >= kMaxNesting) {
      Fail("`${...}` nested too deeply", "");
      return {};
    }
    const size_t colon = reference.find(':');
    const std::string_view scheme = reference.substr(0, colon);
    if (colon == std::string_view::npos) return Variable(reference, std::nullopt, nesting);
    const std::string_view rest = reference.substr(colon + 1);
    if (scheme == "env") {
      const size_t mark = rest.find(":-");
      if (mark == std::string_view::npos) return Variable(rest, std::nullopt, nesting);
      return Variable(rest.substr(0, mark), rest.substr(mark + 2), nesting);
    }
    if (scheme == "file") return File(std::string(rest));
    if (rest.starts_with('-') && IsVariableName(scheme)) {
      Fail(fmt::format("`${{{}}}` has a default but no scheme", reference),
           fmt::format("write `${{env:{}}}`", std::string(scheme) + ":" + std::string(rest)));
      return {};
    }
    Fail(fmt::format("`${{{}:...}}` is not known here", scheme), "known are env: and file:");
    return {};
  }
  std::string Variable(std::string_view name, std::optional<std::string_view> fallback,
                       int nesting) {
    if (!IsVariableName(name)) {
      Fail(fmt::format("`{}` is no name of an environment variable", name),
           "letters, digits and _; write `$$` for a dollar sign");
      return {};
    }
    const std::optional<std::string> value = environment_.variable(std::string(name));
    // Like the Collector and unlike a shell, `:-` serves unset variables only.
    if (value) return *value;
    if (fallback) return Expand(*fallback, nesting + 1);
    log_.Add(
        {.code = DiagnosticCode::kUnsetVariable,
         .origin = node_.origin,
         .message = fmt::format("environment variable {} is not set; its value is empty", name),
         .hint = fmt::format("give a default: ${{env:{}:-...}}", name)});
    return {};
  }
  std::string File(const std::string& path) {
    absl::StatusOr<std::string> text = environment_.read_file(path);
    if (!text.ok()) {
      Fail(fmt::format("cannot read {}: {}", path, std::string(text.status().message())), "");
      return {};
    }
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
    return *std::move(text);
  }
  void Fail(std::string message, std::string hint) {
    failed_ = true;
    log_.Add({.code = DiagnosticCode::kBadSubstitution,
              .origin = node_.origin,
              .message = std::move(message),
              .hint = std::move(hint)});
  }

  const ConfigNode& node_;
  const Environment& environment_;
  DiagnosticLog& log_;
  bool resolved_ = false;
  bool failed_ = false;
};

bool IsOneReference(std::string_view text) {
  return text.starts_with("${") && ClosingBrace(text, 2) == text.size() - 1;
}

void SubstituteScalar(ConfigNode& node, const Environment& environment, DiagnosticLog& log) {
  if (node.text.find('$') == std::string::npos) return;
  Substitution substitution(node, environment, log);
  const bool whole = IsOneReference(node.text);
  node.text = substitution.Expand(node.text, 0);
  node.substituted = substitution.resolved() || substitution.failed();
  if (whole) node.style = ConfigNode::Style::kPlain;
  const bool null = whole && ClassifyPlain(node.text) == CoreType::kNull;
  // After a failure there is no value to judge: one finding is enough.
  if (!null && !substitution.failed()) return;
  node.kind = ConfigNode::Kind::kNull;
  node.text.clear();
}

}  // namespace

void SubstituteValues(ConfigNode& node, const Environment& environment, DiagnosticLog& log) {
  if (node.kind == ConfigNode::Kind::kScalar) SubstituteScalar(node, environment, log);
  for (ConfigNode& item : node.items) SubstituteValues(item, environment, log);
  for (ConfigNode::Entry& entry : node.entries) SubstituteValues(entry.value, environment, log);
}

}  // namespace flameway
