// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/config/config_node.h"
#include "bridge/config/diagnostic.h"
#include "bridge/config/environment.h"

namespace flameway {

// Replaces in every scalar value below `node`, keys excepted:
//
//   ${env:NAME}            the environment variable, "" with a notice when unset
//   ${env:NAME:-default}   the same with a default, which may hold ${...} itself
//   ${NAME}                short for ${env:NAME}
//   ${file:PATH}           the file's text without trailing line ends
//   $$                     one dollar sign
//
// A `$` before anything else stays. What comes in is text: it is not scanned for ${...} again and
// never becomes a map or list. A plain or quoted scalar that is nothing but one ${...} is typed
// afterwards by what came in.
void SubstituteValues(ConfigNode& node, const Environment& environment, DiagnosticLog& log);

}  // namespace flameway
