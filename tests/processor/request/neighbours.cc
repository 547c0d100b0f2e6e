// SPDX-License-Identifier: Apache-2.0
#include "tests/processor/request/neighbours.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/otlp/fields.h"
#include "tests/support/well_formed.h"
#include "tests/support/wire_bytes.h"

namespace flameway {

using schema::ExportProfilesServiceRequest;
using testing::IsEmpty;

ExportProfilesServiceRequest Neighbours() {
  ExportProfilesServiceRequest request = SmallRequest();
  schema::ProfilesDictionary* tables = request.mutable_dictionary();
  const int first = tables->string_table_size();
  for (const char* text : {"heap", "bytes", "alloc", "_Zalloc", "alloc.cc", "libc.so", "color"}) {
    tables->add_string_table(text);
  }
  schema::KeyValueAndUnit* attribute = tables->add_attribute_table();  // 3
  attribute->set_key_strindex(first + 6);
  attribute->mutable_value()->set_string_value("red");
  attribute->set_unit_strindex(first + 1);
  schema::Function* function = tables->add_function_table();  // 2
  function->set_name_strindex(first + 2);
  function->set_system_name_strindex(first + 3);
  function->set_filename_strindex(first + 4);
  schema::Mapping* mapping = tables->add_mapping_table();  // 2
  mapping->set_memory_limit(0x9000);
  mapping->set_filename_strindex(first + 5);
  mapping->add_attribute_indices(3);
  schema::Location* location = tables->add_location_table();  // 2
  location->set_mapping_index(2);
  location->set_address(0x8888);
  location->add_attribute_indices(3);
  location->add_lines()->set_function_index(2);
  tables->add_stack_table()->add_location_indices(2);  // 2
  schema::Link* link = tables->add_link_table();       // 2
  link->set_trace_id("fedcba9876543210");
  link->set_span_id("76543210");

  schema::Profile* suspect =
      request.mutable_resource_profiles(0)->mutable_scope_profiles(0)->add_profiles();
  suspect->mutable_sample_type()->set_type_strindex(first);
  suspect->mutable_sample_type()->set_unit_strindex(first + 1);
  suspect->mutable_period_type()->set_type_strindex(first);
  suspect->mutable_period_type()->set_unit_strindex(first + 1);
  suspect->set_period(512);
  suspect->set_time_unix_nano(1'700'000'000'000'000'000);
  suspect->set_duration_nano(60'000'000'000);
  suspect->add_attribute_indices(3);
  schema::Sample* sample = suspect->add_samples();
  sample->set_stack_index(2);
  sample->add_attribute_indices(3);
  sample->set_link_index(2);
  sample->add_values(4096);
  return request;
}

schema::Profile& Suspect(ExportProfilesServiceRequest& request) {
  return *request.mutable_resource_profiles(0)->mutable_scope_profiles(0)->mutable_profiles(1);
}
schema::Sample& SuspectSample(ExportProfilesServiceRequest& request) {
  return *Suspect(request).mutable_samples(0);
}
schema::KeyValueAndUnit& SuspectAttribute(ExportProfilesServiceRequest& request) {
  return *request.mutable_dictionary()->mutable_attribute_table(3);
}
schema::Function& SuspectFunction(ExportProfilesServiceRequest& request) {
  return *request.mutable_dictionary()->mutable_function_table(2);
}
schema::Mapping& SuspectMapping(ExportProfilesServiceRequest& request) {
  return *request.mutable_dictionary()->mutable_mapping_table(2);
}
schema::Location& SuspectLocation(ExportProfilesServiceRequest& request) {
  return *request.mutable_dictionary()->mutable_location_table(2);
}
schema::Stack& SuspectStack(ExportProfilesServiceRequest& request) {
  return *request.mutable_dictionary()->mutable_stack_table(2);
}
schema::Link& SuspectLink(ExportProfilesServiceRequest& request) {
  return *request.mutable_dictionary()->mutable_link_table(2);
}
schema::Resource& OnlyResource(ExportProfilesServiceRequest& request) {
  return *request.mutable_resource_profiles(0)->mutable_resource();
}

Passage Pass(std::string_view bytes, const RequestOptions& options, const DecodeContext& context) {
  Request request(options);
  Passage passage{.report = request.Decode(bytes, context), .merged = {}};
  Batch batch({});
  batch.Merge(request);
  const EncodeResult result = Encode(batch.Seal(), {});
  for (const EncodedMessage& message : result.messages) passage.merged += message.bytes;
  EXPECT_THAT(CheckWellFormed(Parse(passage.merged)), IsEmpty());
  return passage;
}

namespace {

ExpandedProfiles Meaning(const ExportProfilesServiceRequest& request) {
  ExpandedProfiles expanded;
  expanded.Add(request);
  return expanded;
}

void ExpectMeans(const std::string& merged, const ExportProfilesServiceRequest& meant) {
  const ExpandedProfiles expected = Meaning(meant);
  const ExpandedProfiles actual = Expand({merged});
  EXPECT_EQ(expected, actual) << expected.DiffText(actual, 30);
}

}  // namespace

void ExpectSuspectRefused(const Edit& edit, Reason reason, const RequestOptions& options) {
  ExportProfilesServiceRequest request = Neighbours();
  edit(request);
  const Passage passage = Pass(Serialize(request), options);
  const DecodeReport& report = passage.report;
  EXPECT_EQ(report.outcome, DecodeReport::Outcome::kAccepted) << report.Message();
  EXPECT_EQ(report.profiles_received, 2u);
  EXPECT_EQ(report.profiles_rejected, 1u) << report.Message();
  EXPECT_EQ(report.rejected_by_reason[static_cast<size_t>(reason)], 1u) << report.Message();
  ASSERT_EQ(report.examples.size(), 1u);
  EXPECT_EQ(ReasonWord(report.examples[0].reason), ReasonWord(reason));
  EXPECT_EQ(report.examples[0].FieldPath(), "resource_profiles[0].scope_profiles[0].profiles[1]");
  EXPECT_THAT(report.Message(), testing::HasSubstr(std::string(ReasonWord(reason))));
  ExportProfilesServiceRequest meant = Neighbours();
  meant.mutable_resource_profiles(0)->mutable_scope_profiles(0)->mutable_profiles()->RemoveLast();
  ExpectMeans(passage.merged, meant);
}

void ExpectRepaired(const Edit& edit, Reason reason, const Edit& meant) {
  ExportProfilesServiceRequest request = Neighbours();
  edit(request);
  const Passage passage = Pass(Serialize(request));
  EXPECT_EQ(passage.report.outcome, DecodeReport::Outcome::kAccepted);
  EXPECT_EQ(passage.report.profiles_rejected, 0u) << passage.report.Message();
  EXPECT_GE(RepairsOf(passage.report, reason), 1u) << ReasonWord(reason);
  ExportProfilesServiceRequest expected = Neighbours();
  meant(expected);
  ExpectMeans(passage.merged, expected);
}

void ExpectPassed(const Edit& edit) {
  ExportProfilesServiceRequest request = Neighbours();
  edit(request);
  const Passage passage = Pass(Serialize(request));
  EXPECT_EQ(passage.report.outcome, DecodeReport::Outcome::kAccepted) << passage.report.Message();
  EXPECT_EQ(passage.report.profiles_rejected, 0u) << passage.report.Message();
  EXPECT_THAT(passage.report.repaired_by_reason, testing::Each(0u));
  ExpectMeans(passage.merged, request);
}

void ExpectRequestRefused(std::string_view bytes, Reason reason) {
  const Passage passage = Pass(bytes);
  EXPECT_EQ(passage.report.outcome, DecodeReport::Outcome::kInvalid);
  EXPECT_EQ(ReasonWord(passage.report.reason), ReasonWord(reason));
  EXPECT_LE(passage.report.offset, bytes.size());
  EXPECT_EQ(passage.report.profiles_received, 0u);
  EXPECT_EQ(passage.report.samples_received, 0u);
  EXPECT_THAT(passage.report.Message(), testing::HasSubstr(std::string(ReasonWord(reason))));
  EXPECT_EQ(passage.merged, "");
}

uint64_t RepairsOf(const DecodeReport& report, Reason reason) {
  return report.repaired_by_reason[static_cast<size_t>(reason)];
}

std::string BytesField(uint32_t number, std::string_view bytes) {
  std::string out;
  AppendTag(number, 2, &out);
  AppendVarint(bytes.size(), &out);
  return out.append(bytes);
}

std::string VarintField(uint32_t number, uint64_t value) {
  std::string out;
  AppendTag(number, 0, &out);
  AppendVarint(value, &out);
  return out;
}

std::string WithRaw(std::string_view top_level) {
  return Serialize(Neighbours()).append(top_level);
}

std::string WithRawRow(uint32_t field, std::string_view row) {
  return WithRaw(
      BytesField(otlp::ExportProfilesServiceRequest::dictionary, BytesField(field, row)));
}

std::string WithRawProfile(std::string_view profile) {
  const std::string scope = BytesField(otlp::ScopeProfiles::profiles, profile);
  const std::string resource = BytesField(otlp::ResourceProfiles::scope_profiles, scope);
  return WithRaw(BytesField(otlp::ExportProfilesServiceRequest::resource_profiles, resource));
}

std::string WithRawSample(std::string_view sample) {
  return WithRawProfile(BytesField(otlp::Profile::samples, sample));
}

}  // namespace flameway
