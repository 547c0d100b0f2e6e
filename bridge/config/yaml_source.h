// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/config/config_node.h"
#include "bridge/config/diagnostic.h"

namespace flameway {

// Reads the text of sources()[source] of `log` as one YAML document. Reports what is wrong,
// duplicate keys included, and returns what could be read: null after a syntax error or beyond the
// bounds of config_node.h.
//
// Understood beyond plain YAML: aliases (copied, against the node budget), merge keys `<<`, and
// keys joined by "::"
// ("processors::batch::timeout: 2s"), which the Collector unfolds into nested maps.
[[nodiscard]] ConfigNode ParseYamlSource(int source, DiagnosticLog& log);

}  // namespace flameway
