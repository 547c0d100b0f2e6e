// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flameway {

// One text of configuration: a file, an environment variable, a `yaml:` argument or one --set.
struct SourceText {
  std::string name;  // as shown to the user: "gateway.yaml", "env:OTEL_CONFIG", "--set"
  std::string text;
};

// Where a node was written. `source` indexes the SourceTexts of one load.
struct Origin {
  int source = -1;  // -1: nowhere, a default or a missing thing
  int line = 0;     // 1-based
  int column = 0;   // 1-based, in bytes
  [[nodiscard]] bool known() const { return source >= 0 && line > 0; }
  friend auto operator<=>(const Origin&, const Origin&) = default;
};

// A node of the configuration tree: what yaml-cpp read, merged over sources, each part still
// knowing its origin. Maps keep the order of writing and hold few keys, so lookup is a scan.
// Nesting is bounded by kMaxConfigDepth, therefore copying, walking and destroying may recurse.
struct ConfigNode {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap };
  enum class Style : uint8_t {
    kPlain,  // typed by YAML 1.2 core rules
    kText,   // quoted or block scalar: always text
  };
  struct Entry;

  Kind kind = Kind::kNull;
  Style style = Style::kPlain;
  bool substituted =
      false;  // the text came, in part, from outside the file: never quoted in a message
  Origin origin;
  std::optional<Origin> overrides;  // where the value stood that this one replaced
  std::string text;                 // kScalar
  std::vector<ConfigNode> items;    // kList
  std::vector<Entry> entries;       // kMap

  [[nodiscard]] const ConfigNode* Find(std::string_view key) const;
  [[nodiscard]] const Entry* FindEntry(std::string_view key) const;
  [[nodiscard]] Entry* FindEntry(std::string_view key);
  // The value under `key`, created as null at the end if there is none. Turns the node into a map.
  ConfigNode& At(std::string_view key);
  [[nodiscard]] bool is_map() const { return kind == Kind::kMap; }
  [[nodiscard]] bool is_null() const { return kind == Kind::kNull; }

  static ConfigNode Scalar(std::string text, Style style);
};

struct ConfigNode::Entry {
  std::string key;
  Origin key_origin;
  ConfigNode value;
};

// Bounds of hostile configuration; a thousand times what people write.
inline constexpr size_t kMaxConfigBytes = size_t{1} << 20;  // of one source
inline constexpr size_t kMaxConfigNodes = 100'000;          // of one source, aliases expanded
inline constexpr size_t kMaxConfigDepth = 64;

// Values of `over` win; maps merge key by key, everything else is replaced, lists as a whole.
void MergeOver(ConfigNode& base, ConfigNode over);

}  // namespace flameway
