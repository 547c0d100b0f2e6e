// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "bridge/config/component_catalog.h"
#include "bridge/config/config_node.h"
#include "bridge/config/diagnostic.h"

namespace flameway {

// The components a configuration defines and which of them are referred to. Lives for one load.
class ComponentTable {
 public:
  struct Component {
    ComponentKind kind;
    std::string id;    // "otlp/eu"
    std::string type;  // "otlp"
    ComponentStanding standing;
    const ConfigNode::Entry* entry;  // in the tree of the load
    bool used = false;
  };

  // Takes all blocks of `kind` from `root`, reporting bad ids, unknown types and old names.
  void Define(ComponentKind kind, const ConfigNode& root, DiagnosticLog& log);

  // The component `item` of a list refers to, marked as used. nullptr after reporting that it is
  // undefined, not text, or a type we do not have. `path` is the list's.
  const Component* Refer(ComponentKind kind, const ConfigNode& item, const std::string& path,
                         DiagnosticLog& log);
  // Marks without judging; for lists in pipelines that are refused as a whole.
  void MarkUsed(ComponentKind kind, std::string_view id);

  // Calls `read` for each component of `kind` we support, in the order of writing.
  void ForEachSupported(ComponentKind kind, absl::FunctionRef<void(const Component&)> read) const;
  [[nodiscard]] bool IsUsed(ComponentKind kind, std::string_view id) const;
  void ReportUnused(DiagnosticLog& log) const;

 private:
  Component* Find(ComponentKind kind, std::string_view id);
  [[nodiscard]] std::vector<std::string> Ids(ComponentKind kind) const;

  std::vector<Component> components_;
};

// Whether `id` is "type" or "type/name" with a type of letters, digits and underscores.
[[nodiscard]] bool IsComponentId(std::string_view id);
[[nodiscard]] std::string_view TypeOfId(std::string_view id);

}  // namespace flameway
