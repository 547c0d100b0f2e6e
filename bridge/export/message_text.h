// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "bridge/export/debug_options.h"

namespace flameway {

// An uncompressed ExportProfilesServiceRequest (or ProfilesData) of OTLP 1.10 and later as text for
// people.
//
//   kBasic     one line: how many of everything
//   kNormal    and a line for each resource, scope and profile
//   kDetailed  and every sample with its stack, all references followed
//
// The message may be anything: damage and dangling references are named in the text. The result is
// cut at about 16 MiB, and so is the work (a row may be referred to any number of times); memory
// beyond it is 16 bytes for each row of the dictionary.
[[nodiscard]] std::string DescribeRequest(std::string_view message,
                                          DebugExporterOptions::Verbosity verbosity);

}  // namespace flameway
