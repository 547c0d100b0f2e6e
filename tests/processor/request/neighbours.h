// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tests/processor/core_fixture.h"

// Stories about one bad profile beside a good one, and about single bad bytes.
namespace flameway {

using Edit = std::function<void(schema::ExportProfilesServiceRequest&)>;

// Two profiles in one scope that share no row but row 0: the good one, profiles[0], uses the rows
// of SmallRequest, row 1 of most tables; the suspect, profiles[1], uses the rows after those.
[[nodiscard]] schema::ExportProfilesServiceRequest Neighbours();

[[nodiscard]] schema::Profile& Suspect(schema::ExportProfilesServiceRequest& request);
[[nodiscard]] schema::Sample& SuspectSample(schema::ExportProfilesServiceRequest& request);
// The rows that the suspect alone reaches.
[[nodiscard]] schema::KeyValueAndUnit& SuspectAttribute(schema::ExportProfilesServiceRequest&);
[[nodiscard]] schema::Function& SuspectFunction(schema::ExportProfilesServiceRequest&);
[[nodiscard]] schema::Mapping& SuspectMapping(schema::ExportProfilesServiceRequest&);
[[nodiscard]] schema::Location& SuspectLocation(schema::ExportProfilesServiceRequest&);
[[nodiscard]] schema::Stack& SuspectStack(schema::ExportProfilesServiceRequest&);
[[nodiscard]] schema::Link& SuspectLink(schema::ExportProfilesServiceRequest&);
[[nodiscard]] schema::Resource& OnlyResource(schema::ExportProfilesServiceRequest&);

// Decode and Merge of one request, by the limits given.
struct Passage {
  DecodeReport report;
  std::string merged;  // empty when nothing was taken
};
[[nodiscard]] Passage Pass(std::string_view bytes, const RequestOptions& options = {},
                           const DecodeContext& context = {});

// After `edit` the suspect is refused for `reason` and the good profile goes out as it came.
void ExpectSuspectRefused(const Edit& edit, Reason reason, const RequestOptions& options = {});
// Nothing is refused, `reason` is counted, and what goes out means what `meant` makes of the
// request.
void ExpectRepaired(const Edit& edit, Reason reason, const Edit& meant);
// Nothing is refused or repaired, and what goes out means what came in.
void ExpectPassed(const Edit& edit);
// The whole request is refused as undecodable.
void ExpectRequestRefused(std::string_view bytes, Reason reason);

[[nodiscard]] uint64_t RepairsOf(const DecodeReport& report, Reason reason);

// Bytes of a request that begins like Neighbours and has one more, raw, part.
[[nodiscard]] std::string WithRaw(std::string_view top_level);
// One more row of the dictionary's table `field`; nobody refers to it.
[[nodiscard]] std::string WithRawRow(uint32_t field, std::string_view row);
// One more profile, in a resource and scope of its own.
[[nodiscard]] std::string WithRawProfile(std::string_view profile);
// One more profile with one more sample.
[[nodiscard]] std::string WithRawSample(std::string_view sample);

// A length-delimited field, and a varint field, as short as they can be.
[[nodiscard]] std::string BytesField(uint32_t number, std::string_view bytes);
[[nodiscard]] std::string VarintField(uint32_t number, uint64_t value);

}  // namespace flameway
