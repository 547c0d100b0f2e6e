// SPDX-License-Identifier: Apache-2.0
// One edit per test: what ExpandedProfiles must notice, and what it must not.
#include <gtest/gtest.h>

#include "tests/support/expanded_profiles.h"
#include "tests/support/story.h"

namespace flameway {
namespace {

using R = schema::ExportProfilesServiceRequest;

struct NamedEdit {
  const char* name;
  Edit edit;
};

class ChangeTest : public testing::TestWithParam<NamedEdit> {};

TEST_P(ChangeTest, IsNoticed) { ExpectDifferent(Unchanged, GetParam().edit); }

INSTANTIATE_TEST_SUITE_P(
    OneThing, ChangeTest,
    testing::Values(
        NamedEdit{"FunctionName", [](R* r) { *Rows(r)->mutable_string_table(1) = "Main"; }},
        NamedEdit{"SystemName", [](R* r) { *Rows(r)->mutable_string_table(2) = "_Z"; }},
        NamedEdit{"FunctionFile", [](R* r) { *Rows(r)->mutable_string_table(3) = "b.cc"; }},
        NamedEdit{"StartLine", [](R* r) { Rows(r)->mutable_function_table(1)->set_start_line(0); }},
        NamedEdit{"LineNumber",
                  [](R* r) { Rows(r)->mutable_location_table(1)->mutable_lines(0)->set_line(13); }},
        NamedEdit{
            "Column",
            [](R* r) { Rows(r)->mutable_location_table(1)->mutable_lines(0)->set_column(4); }},
        NamedEdit{
            "LineOrder",
            [](R* r) { Rows(r)->mutable_location_table(1)->mutable_lines()->SwapElements(0, 1); }},
        NamedEdit{"EmptyLineRemoved",
                  [](R* r) { Rows(r)->mutable_location_table(1)->mutable_lines()->RemoveLast(); }},
        NamedEdit{"Address", [](R* r) { Rows(r)->mutable_location_table(1)->set_address(0); }},
        NamedEdit{"LocationAttributes",
                  [](R* r) { Rows(r)->mutable_location_table(1)->clear_attribute_indices(); }},
        NamedEdit{"MappingUnset",
                  [](R* r) { Rows(r)->mutable_location_table(1)->set_mapping_index(0); }},
        NamedEdit{"MappingStart",
                  [](R* r) { Rows(r)->mutable_mapping_table(1)->set_memory_start(1); }},
        NamedEdit{"MappingLimit",
                  [](R* r) { Rows(r)->mutable_mapping_table(1)->set_memory_limit(1); }},
        NamedEdit{"MappingOffset",
                  [](R* r) { Rows(r)->mutable_mapping_table(1)->set_file_offset(1); }},
        NamedEdit{"MappingFile",
                  [](R* r) { Rows(r)->mutable_mapping_table(1)->set_filename_strindex(3); }},
        NamedEdit{"MappingAttributes",
                  [](R* r) { Rows(r)->mutable_mapping_table(1)->set_attribute_indices(0, 2); }},
        NamedEdit{"FrameOrder",
                  [](R* r) {
                    Rows(r)->mutable_stack_table(1)->mutable_location_indices()->SwapElements(0, 1);
                  }},
        NamedEdit{"UnknownFrameRemoved",
                  [](R* r) {
                    Rows(r)->mutable_stack_table(1)->mutable_location_indices()->RemoveLast();
                  }},
        NamedEdit{"TraceId",
                  [](R* r) { Rows(r)->mutable_link_table(1)->set_trace_id("0123456789abcdeF"); }},
        NamedEdit{"SpanId", [](R* r) { Rows(r)->mutable_link_table(1)->set_span_id("0123456x"); }},
        NamedEdit{"LinkRemoved", [](R* r) { FirstSample(r)->set_link_index(0); }},
        NamedEdit{"AttributeKey",
                  [](R* r) { Rows(r)->mutable_attribute_table(1)->set_key_strindex(3); }},
        NamedEdit{"AttributeUnit",
                  [](R* r) { Rows(r)->mutable_attribute_table(1)->set_unit_strindex(0); }},
        NamedEdit{"IntegerForDouble",
                  [](R* r) {
                    Rows(r)->mutable_attribute_table(1)->mutable_value()->set_double_value(1.0);
                  }},
        NamedEdit{"IntegerForBool",
                  [](R* r) {
                    Rows(r)->mutable_attribute_table(1)->mutable_value()->set_bool_value(true);
                  }},
        NamedEdit{"StringForBytes",
                  [](R* r) {
                    Rows(r)->mutable_attribute_table(2)->mutable_value()->set_bytes_value("x");
                  }},
        NamedEdit{"EmptyStringForText",
                  [](R* r) {
                    Rows(r)->mutable_attribute_table(2)->mutable_value()->set_string_value("");
                  }},
        NamedEdit{"SampleAttributeRemoved",
                  [](R* r) { FirstSample(r)->mutable_attribute_indices()->RemoveLast(); }},
        NamedEdit{"StackRemoved", [](R* r) { FirstSample(r)->set_stack_index(0); }},
        NamedEdit{"TimestampLost",
                  [](R* r) {
                    FirstSample(r)->mutable_timestamps_unix_nano()->RemoveLast();
                    FirstSample(r)->mutable_values()->RemoveLast();
                  }},
        NamedEdit{"TimestampMoved",
                  [](R* r) { FirstSample(r)->set_timestamps_unix_nano(0, 1003); }},
        NamedEdit{"ValuesSwapped",
                  [](R* r) { FirstSample(r)->mutable_values()->SwapElements(0, 1); }},
        NamedEdit{"ValuesDropped", [](R* r) { FirstSample(r)->clear_values(); }},
        NamedEdit{"TimestampsDropped", [](R* r) { FirstSample(r)->clear_timestamps_unix_nano(); }},
        NamedEdit{"SampleDoubled",
                  [](R* r) { *FirstProfile(r)->add_samples() = FirstProfile(r)->samples(0); }},
        NamedEdit{"SampleType",
                  [](R* r) { FirstProfile(r)->mutable_sample_type()->set_type_strindex(1); }},
        NamedEdit{"SampleUnit",
                  [](R* r) { FirstProfile(r)->mutable_sample_type()->set_unit_strindex(0); }},
        NamedEdit{"PeriodType",
                  [](R* r) { FirstProfile(r)->mutable_period_type()->set_type_strindex(1); }},
        NamedEdit{"Period", [](R* r) { FirstProfile(r)->set_period(51); }},
        NamedEdit{"ProfileAttributes", [](R* r) { FirstProfile(r)->clear_attribute_indices(); }},
        NamedEdit{"ProfileDropped", [](R* r) { FirstProfile(r)->set_dropped_attributes_count(3); }},
        NamedEdit{"ProfileId", [](R* r) { FirstProfile(r)->clear_profile_id(); }},
        NamedEdit{"Payload",
                  [](R* r) {
                    FirstProfile(r)->set_original_payload_format("jfr");
                    FirstProfile(r)->set_original_payload("FLR");
                  }},
        NamedEdit{"ScopeName", [](R* r) { ScopeGroup(r)->mutable_scope()->set_name(""); }},
        NamedEdit{"ScopeVersion", [](R* r) { ScopeGroup(r)->mutable_scope()->set_version("2"); }},
        NamedEdit{"ScopeSchema", [](R* r) { ScopeGroup(r)->clear_schema_url(); }},
        NamedEdit{"ScopeAttributes",
                  [](R* r) { ScopeGroup(r)->mutable_scope()->add_attributes()->set_key("k"); }},
        NamedEdit{"ScopeDropped",
                  [](R* r) { ScopeGroup(r)->mutable_scope()->set_dropped_attributes_count(1); }},
        NamedEdit{"ResourceSchema", [](R* r) { ResourceGroup(r)->clear_schema_url(); }},
        NamedEdit{"ResourceValue",
                  [](R* r) {
                    ResourceGroup(r)
                        ->mutable_resource()
                        ->mutable_attributes(0)
                        ->mutable_value()
                        ->set_string_value("beta");
                  }},
        NamedEdit{
            "ResourceKey",
            [](R* r) { ResourceGroup(r)->mutable_resource()->mutable_attributes(0)->clear_key(); }},
        NamedEdit{
            "ResourceDropped",
            [](R* r) { ResourceGroup(r)->mutable_resource()->clear_dropped_attributes_count(); }},
        NamedEdit{"EntityRemoved",
                  [](R* r) { ResourceGroup(r)->mutable_resource()->clear_entity_refs(); }},
        NamedEdit{"EntityKey",
                  [](R* r) {
                    ResourceGroup(r)->mutable_resource()->mutable_entity_refs(0)->set_id_keys(
                        0, "pid");
                  }},
        NamedEdit{"EverythingGone", [](R* r) { r->clear_resource_profiles(); }}),
    [](const auto& instance) { return instance.param.name; });

class SameTest : public testing::TestWithParam<NamedEdit> {};

TEST_P(SameTest, SaysTheSame) { ExpectSame(Unchanged, GetParam().edit); }

INSTANTIATE_TEST_SUITE_P(
    AnotherForm, SameTest,
    testing::Values(
        NamedEdit{"SampleAttributeOrder",
                  [](R* r) { FirstSample(r)->mutable_attribute_indices()->SwapElements(0, 1); }},
        NamedEdit{"NullAttribute", [](R* r) { FirstSample(r)->add_attribute_indices(0); }},
        NamedEdit{"ZeroAttributeRow",
                  [](R* r) {
                    Rows(r)->add_attribute_table()->mutable_value();
                    FirstSample(r)->add_attribute_indices(3);
                  }},
        NamedEdit{"ResourceAttributeOrder",
                  [](R* r) {
                    ResourceGroup(r)->mutable_resource()->mutable_attributes()->SwapElements(0, 1);
                  }},
        NamedEdit{"ReferenceKeyAndValue",
                  [](R* r) {
                    auto* host = ResourceGroup(r)->mutable_resource()->mutable_attributes(0);
                    Rows(r)->add_string_table("host");
                    Rows(r)->add_string_table("alpha");
                    host->clear_key();
                    host->set_key_strindex(8);
                    host->mutable_value()->set_string_value_strindex(9);
                  }},
        NamedEdit{"ReferenceInTable",
                  [](R* r) {
                    Rows(r)->add_string_table("x");
                    Rows(r)->mutable_attribute_table(2)->mutable_value()->set_string_value_strindex(
                        8);
                  }},
        NamedEdit{"SampleSplit",
                  [](R* r) {
                    *FirstProfile(r)->add_samples() = FirstProfile(r)->samples(0);
                    for (int i : {0, 1}) {
                      auto* half = FirstProfile(r)->mutable_samples(i);
                      half->mutable_values()->SwapElements(0, i);
                      half->mutable_values()->RemoveLast();
                      half->mutable_timestamps_unix_nano()->SwapElements(0, i);
                      half->mutable_timestamps_unix_nano()->RemoveLast();
                    }
                  }},
        NamedEdit{"EmptyProfileBeside", [](R* r) { ScopeGroup(r)->add_profiles(); }},
        NamedEdit{"WindowOfTimestamps", [](R* r) { FirstProfile(r)->set_duration_nano(1000); }},
        NamedEdit{"UnusedRows",
                  [](R* r) {
                    Rows(r)->add_string_table("unused");
                    Rows(r)->add_stack_table()->add_location_indices(1);
                  }},
        NamedEdit{"DuplicateRow",
                  [](R* r) {
                    *Rows(r)->add_function_table() = Rows(r)->function_table(1);
                    Rows(r)->mutable_location_table(1)->mutable_lines(0)->set_function_index(2);
                  }},
        NamedEdit{"ZeroRowForIndexZero",
                  [](R* r) {
                    Rows(r)->add_location_table();
                    Rows(r)->mutable_stack_table(1)->set_location_indices(1, 2);
                    Rows(r)->add_function_table();
                    Rows(r)->mutable_location_table(1)->mutable_lines(1)->set_function_index(2);
                  }}),
    [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace flameway
