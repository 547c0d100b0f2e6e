// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "processor/processor.h"
#include "tests/support/expanded_profiles.h"
#include "tests/support/schema.h"

namespace flameway {

// Verbs for tests of the core: decode, merge and compare by meaning.

[[nodiscard]] std::string Serialize(const schema::ExportProfilesServiceRequest& request);
[[nodiscard]] schema::ExportProfilesServiceRequest Parse(std::string_view bytes);

// A request with one profile of one sample, every table filled and every field set, in 1.10.
[[nodiscard]] schema::ExportProfilesServiceRequest SmallRequest();

// ValueType.aggregation_temporality as 1.8 had it: 1 delta, 2 cumulative.
void SetTemporality(schema::ValueType* type, uint64_t temporality);

// Decodes with default limits.
[[nodiscard]] DecodeReport Decode(std::string_view bytes);

// Merges the requests into one message and encodes it; refuses nothing by limits.
[[nodiscard]] std::string Merge(const std::vector<std::string>& requests,
                                Coalesce coalesce = Coalesce::kLossless,
                                const EncodeOptions& options = {});

[[nodiscard]] ExpandedProfiles Expand(const std::vector<std::string>& requests);

}  // namespace flameway
