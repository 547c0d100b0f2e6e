// SPDX-License-Identifier: Apache-2.0
#include "tests/support/expanded_profiles.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/corpus.h"
#include "tests/support/request_generator.h"
#include "tests/support/wire_emitter.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;
using Edit = std::function<void(ExportProfilesServiceRequest*)>;

// One request in which everything that can differ is there once. Row 1 of each table is in use.
ExportProfilesServiceRequest Story() {
  ExportProfilesServiceRequest request;
  auto* rows = request.mutable_dictionary();
  for (const char* text : {"", "main", "_Z4main", "main.cc", "app", "thread", "ms", "cpu"}) {
    rows->add_string_table(text);
  }
  rows->add_attribute_table();
  auto* attribute = rows->add_attribute_table();
  attribute->set_key_strindex(5);
  attribute->mutable_value()->set_int_value(1);
  attribute->set_unit_strindex(6);
  auto* other = rows->add_attribute_table();
  other->set_key_strindex(4);
  other->mutable_value()->set_string_value("x");
  rows->add_function_table();
  auto* function = rows->add_function_table();
  function->set_name_strindex(1);
  function->set_system_name_strindex(2);
  function->set_filename_strindex(3);
  function->set_start_line(10);
  rows->add_mapping_table();
  auto* mapping = rows->add_mapping_table();
  mapping->set_memory_start(0x1000);
  mapping->set_memory_limit(0x2000);
  mapping->set_file_offset(0x10);
  mapping->set_filename_strindex(4);
  mapping->add_attribute_indices(1);
  rows->add_location_table();
  auto* location = rows->add_location_table();
  location->set_mapping_index(1);
  location->set_address(0x1234);
  location->add_attribute_indices(1);
  auto* line = location->add_lines();
  line->set_function_index(1);
  line->set_line(12);
  line->set_column(3);
  location->add_lines();
  rows->add_stack_table();
  auto* stack = rows->add_stack_table();
  stack->add_location_indices(1);
  stack->add_location_indices(0);
  rows->add_link_table();
  auto* link = rows->add_link_table();
  link->set_trace_id("0123456789abcdef");
  link->set_span_id("01234567");

  auto* resource_group = request.add_resource_profiles();
  resource_group->set_schema_url("r");
  auto* resource = resource_group->mutable_resource();
  auto* host = resource->add_attributes();
  host->set_key("host");
  host->mutable_value()->set_string_value("alpha");
  auto* pid = resource->add_attributes();
  pid->set_key("pid");
  pid->mutable_value()->set_int_value(7);
  resource->set_dropped_attributes_count(1);
  auto* entity = resource->add_entity_refs();
  entity->set_type("host");
  entity->add_id_keys("host");
  auto* scope_group = resource_group->add_scope_profiles();
  scope_group->set_schema_url("s");
  scope_group->mutable_scope()->set_name("profiler");
  scope_group->mutable_scope()->set_version("1");
  auto* profile = scope_group->add_profiles();
  profile->mutable_sample_type()->set_type_strindex(7);
  profile->mutable_sample_type()->set_unit_strindex(6);
  profile->mutable_period_type()->set_type_strindex(7);
  profile->set_period(50);
  profile->set_time_unix_nano(1000);
  profile->set_duration_nano(100);
  profile->set_profile_id("fedcba9876543210");
  profile->add_attribute_indices(2);
  profile->set_dropped_attributes_count(2);
  auto* sample = profile->add_samples();
  sample->set_stack_index(1);
  sample->set_link_index(1);
  sample->add_attribute_indices(1);
  sample->add_attribute_indices(2);
  sample->add_values(5);
  sample->add_values(6);
  sample->add_timestamps_unix_nano(1001);
  sample->add_timestamps_unix_nano(1002);
  return request;
}

schema::ProfilesDictionary* Rows(ExportProfilesServiceRequest* r) {
  return r->mutable_dictionary();
}
schema::ResourceProfiles* ResourceGroup(ExportProfilesServiceRequest* r) {
  return r->mutable_resource_profiles(0);
}
schema::ScopeProfiles* ScopeGroup(ExportProfilesServiceRequest* r) {
  return ResourceGroup(r)->mutable_scope_profiles(0);
}
schema::Profile* FirstProfile(ExportProfilesServiceRequest* r) {
  return ScopeGroup(r)->mutable_profiles(0);
}
schema::Sample* FirstSample(ExportProfilesServiceRequest* r) {
  return FirstProfile(r)->mutable_samples(0);
}

ExpandedProfiles Expand(const std::vector<ExportProfilesServiceRequest>& requests) {
  ExpandedProfiles expanded;
  for (const auto& request : requests) expanded.Add(request);
  return expanded;
}

// Both are edits of the same story, expected to say the same or not.
void ExpectSame(const Edit& a, const Edit& b) {
  ExportProfilesServiceRequest left = Story();
  ExportProfilesServiceRequest right = Story();
  a(&left);
  b(&right);
  const ExpandedProfiles expanded = Expand({left});
  EXPECT_EQ(expanded, Expand({right})) << expanded.DiffText(Expand({right}), 50);
  EXPECT_EQ(expanded.DiffText(Expand({right}), 50), "");
}

void ExpectDifferent(const Edit& a, const Edit& b) {
  ExportProfilesServiceRequest left = Story();
  ExportProfilesServiceRequest right = Story();
  a(&left);
  b(&right);
  EXPECT_FALSE(Expand({left}) == Expand({right})) << Expand({left}).FullText();
  EXPECT_NE(Expand({left}).DiffText(Expand({right}), 50), "");
}

void Unchanged(ExportProfilesServiceRequest*) {}

struct NamedEdit {
  const char* name;
  Edit edit;
};

class ChangeTest : public testing::TestWithParam<NamedEdit> {};

TEST_P(ChangeTest, IsNoticed) { ExpectDifferent(Unchanged, GetParam().edit); }

using R = ExportProfilesServiceRequest;
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

TEST(ExpandedProfilesTest, DoublesDifferByBits) {
  const auto with = [](double value) {
    return [value](R* r) {
      Rows(r)->mutable_attribute_table(1)->mutable_value()->set_double_value(value);
    };
  };
  ExpectDifferent(with(0.0), with(-0.0));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  ExpectSame(with(nan), with(nan));
  ExpectDifferent(with(nan), with(std::copysign(nan, -1.0)));
}

TEST(ExpandedProfilesTest, AnExplicitEmptyStringIsAValue) {
  const auto value = [](R* r) { return Rows(r)->mutable_attribute_table(2)->mutable_value(); };
  const auto inlined = [&](R* r) { value(r)->set_string_value(""); };
  const auto referenced = [&](R* r) { value(r)->set_string_value_strindex(0); };
  ExpectSame(inlined, referenced);
  ExpectDifferent(inlined, [&](R* r) { value(r)->Clear(); });
  ExpectDifferent(inlined, [&](R* r) { value(r)->set_bytes_value(""); });
  ExpectDifferent([&](R* r) { value(r)->mutable_array_value(); },
                  [&](R* r) { value(r)->mutable_kvlist_value(); });
}

TEST(ExpandedProfilesTest, ReferencesResolveAtAnyDepth) {
  const auto nested = [](R* r) {
    return Rows(r)
        ->mutable_attribute_table(2)
        ->mutable_value()
        ->mutable_array_value()
        ->add_values()
        ->mutable_kvlist_value()
        ->add_values();
  };
  const auto inlined = [&](R* r) {
    auto* pair = nested(r);
    pair->set_key("thread");
    pair->mutable_value()->set_string_value("main");
  };
  ExpectSame(inlined, [&](R* r) {
    auto* pair = nested(r);
    pair->set_key_strindex(5);
    pair->mutable_value()->set_string_value_strindex(1);
  });
  ExpectDifferent(inlined, [&](R* r) {
    auto* pair = nested(r);
    pair->set_key_strindex(5);
    pair->mutable_value()->set_string_value_strindex(2);
  });
}

TEST(ExpandedProfilesTest, AllFormsOfNoLinkAreOne) {
  const auto none = [](R* r) { FirstSample(r)->set_link_index(0); };
  ExpectSame(none, [](R* r) { Rows(r)->mutable_link_table(1)->Clear(); });
  ExpectSame(none, [](R* r) {
    Rows(r)->mutable_link_table(1)->set_trace_id(std::string(16, '\0'));
    Rows(r)->mutable_link_table(1)->set_span_id(std::string(8, '\0'));
  });
  ExpectDifferent(
      none, [](R* r) { Rows(r)->mutable_link_table(1)->set_trace_id(std::string(16, '\0')); });
}

TEST(ExpandedProfilesTest, OnlyAValidProfileIdIsOne) {
  ExpectSame([](R* r) { FirstProfile(r)->clear_profile_id(); },
             [](R* r) { FirstProfile(r)->set_profile_id(std::string(16, '\0')); });
}

// Sets the measurements of the only sample.
Edit Measured(std::vector<int64_t> values, std::vector<uint64_t> timestamps, uint64_t time = 1000) {
  return [=](R* r) {
    FirstProfile(r)->set_time_unix_nano(time);
    FirstSample(r)->mutable_values()->Assign(values.begin(), values.end());
    FirstSample(r)->mutable_timestamps_unix_nano()->Assign(timestamps.begin(), timestamps.end());
  };
}

ExportProfilesServiceRequest Edited(const Edit& edit) {
  ExportProfilesServiceRequest request = Story();
  edit(&request);
  return request;
}

TEST(ExpandedProfilesTest, PlainValuesAddUpInsideOneWindowOnly) {
  const auto five = Edited(Measured({5}, {}));
  const auto seven = Edited(Measured({7}, {}));
  const auto twelve = Edited(Measured({12}, {}));
  EXPECT_EQ(Expand({five, seven}), Expand({twelve}));
  EXPECT_FALSE(Expand({five}) == Expand({seven}));
  const auto seven_later = Edited(Measured({7}, {}, 2000));
  EXPECT_FALSE(Expand({five, seven_later}) == Expand({twelve}));
  EXPECT_FALSE(Expand({seven_later}) == Expand({seven}));
}

TEST(ExpandedProfilesTest, SumsDoNotWrap) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const auto max = Edited(Measured({kMax}, {}));
  const auto wrapped = Edited(Measured({-2}, {}));
  EXPECT_FALSE(Expand({max, max}) == Expand({wrapped}));
  EXPECT_NE(Expand({max, max}).FullText().find("=18446744073709551614"), std::string::npos);
}

TEST(ExpandedProfilesTest, ZeroIsNotNothing) {
  ExpectDifferent(Measured({0}, {}), [](R* r) { FirstProfile(r)->clear_samples(); });
}

TEST(ExpandedProfilesTest, EventsAreAMultiset) {
  ExpectSame(Measured({}, {1, 2, 2}), Measured({}, {2, 1, 2}));
  ExpectDifferent(Measured({}, {1, 2, 2}), Measured({}, {1, 2}));
  ExpectSame(Measured({}, {1}, 0), Measured({}, {1}, 1));  // windows are not compared
}

TEST(ExpandedProfilesTest, ShapesDoNotMix) {
  ExpectDifferent(Measured({}, {1}), Measured({1}, {1}));
  ExpectDifferent(Measured({1}, {}), Measured({1}, {1}));
  ExpectDifferent(Measured({1, 2}, {}), Measured({3}, {}));
}

TEST(ExpandedProfilesTest, ValueListsStayLists) {
  const auto both = Edited(Measured({1, 2, 3}, {}));
  EXPECT_FALSE(Expand({both, both}) == Expand({both}));
  EXPECT_FALSE(Expand({Edited(Measured({1, 2}, {}))}) == Expand({Edited(Measured({2, 1}, {}))}));
}

TEST(ExpandedProfilesTest, EmptySamplesAreCountedNotCompared) {
  const ExpandedProfiles empty = Expand({Edited(Measured({}, {}))});
  EXPECT_EQ(empty.empty_samples(), 1u);
  EXPECT_EQ(empty, Expand({}));
}

TEST(ExpandedProfilesTest, AProfileWithPayloadNeedsNoSamples) {
  auto payload = Edited([](R* r) {
    FirstProfile(r)->clear_samples();
    FirstProfile(r)->set_original_payload_format("jfr");
    FirstProfile(r)->set_original_payload("FLR");
  });
  EXPECT_FALSE(Expand({payload}) == Expand({}));
  EXPECT_FALSE(Expand({payload, payload}) == Expand({payload}));
}

TEST(ExpandedProfilesTest, WildIndicesAreTextNotCrashes) {
  const auto wild = Edited([](R* r) {
    FirstSample(r)->set_stack_index(-1);
    FirstSample(r)->set_link_index(99);
    FirstSample(r)->add_attribute_indices(1 << 30);
    Rows(r)->mutable_function_table(1)->set_name_strindex(-7);
    r->mutable_dictionary()->clear_mapping_table();
  });
  EXPECT_NE(Expand({wild}).FullText().find("!stack -1"), std::string::npos);
  auto no_dictionary = wild;
  no_dictionary.clear_dictionary();
  EXPECT_FALSE(Expand({no_dictionary}) == Expand({wild}));
}

TEST(ExpandedProfilesTest, TheDiffNamesWhatChanged) {
  const ExpandedProfiles expected = Expand({Story()});
  const ExpandedProfiles actual =
      Expand({Edited([](R* r) { *Rows(r)->mutable_string_table(1) = "renamed"; })});
  const std::string diff = expected.DiffText(actual, 100);
  EXPECT_NE(diff.find("stack only actual: 1"), std::string::npos) << diff;
  EXPECT_NE(diff.find("\"renamed\""), std::string::npos) << diff;
  EXPECT_NE(diff.find("sample lost"), std::string::npos) << diff;
  EXPECT_NE(expected.DiffText(actual, 3).find("more lines"), std::string::npos);
}

class GeneratedTest : public testing::TestWithParam<uint64_t> {};

TEST_P(GeneratedTest, OrderOfRequestsAndLayoutOnTheWireDoNotMatter) {
  RequestGenerator generator(RequestGeneratorOptions::ForSeed(GetParam()));
  const auto requests = generator.Take(8);
  WireEmitter emitter(WireStyle::Anything(), GetParam());
  ExpandedProfiles forward;
  ExpandedProfiles backward;
  for (const auto& request : requests) forward.Add(request);
  for (auto request = requests.rbegin(); request != requests.rend(); ++request) {
    const auto parsed = ParseRequest(emitter.Emit(*request));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    backward.Add(*parsed);
  }
  EXPECT_EQ(forward, backward) << forward.DiffText(backward, 40);
  EXPECT_EQ(forward.FullText(), backward.FullText());
}

INSTANTIATE_TEST_SUITE_P(Seeds, GeneratedTest, testing::Range<uint64_t>(0, 40));

}  // namespace
}  // namespace flameway
