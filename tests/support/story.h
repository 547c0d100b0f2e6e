// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "tests/support/expanded_profiles.h"
#include "tests/support/schema.h"

// What the tests of ExpandedProfiles start from.
namespace flameway {

using Edit = std::function<void(schema::ExportProfilesServiceRequest*)>;

// One request in which everything that can differ is there once. Row 1 of each table is in use.
[[nodiscard]] schema::ExportProfilesServiceRequest Story();
[[nodiscard]] schema::ExportProfilesServiceRequest Edited(const Edit& edit);

// Its dictionary, and its only resource, scope, profile and sample.
[[nodiscard]] schema::ProfilesDictionary* Rows(schema::ExportProfilesServiceRequest* story);
[[nodiscard]] schema::ResourceProfiles* ResourceGroup(schema::ExportProfilesServiceRequest* story);
[[nodiscard]] schema::ScopeProfiles* ScopeGroup(schema::ExportProfilesServiceRequest* story);
[[nodiscard]] schema::Profile* FirstProfile(schema::ExportProfilesServiceRequest* story);
[[nodiscard]] schema::Sample* FirstSample(schema::ExportProfilesServiceRequest* story);

[[nodiscard]] ExpandedProfiles Expand(
    const std::vector<schema::ExportProfilesServiceRequest>& requests);

// Both are edits of the story, expected to say the same or not.
void ExpectSame(const Edit& a, const Edit& b);
void ExpectDifferent(const Edit& a, const Edit& b);
inline void Unchanged(schema::ExportProfilesServiceRequest*) {}

}  // namespace flameway
