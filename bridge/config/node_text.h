// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/functional/function_ref.h"
#include "bridge/config/config_node.h"

namespace flameway {

// A tree as block YAML; scalars of style kText are quoted where they would not read as text.
// `comment` gives what stands behind a scalar or a list of scalars, "" for nothing; its argument is
// the path of keys to it.
using NodePath = std::vector<std::string>;
[[nodiscard]] std::string NodeToYaml(const ConfigNode& node,
                                     absl::FunctionRef<std::string(const NodePath&)> comment);

// A tree as JSON, indented by two. Plain scalars that JSON has no literal for become strings.
[[nodiscard]] std::string NodeToJson(const ConfigNode& node);

}  // namespace flameway
