// SPDX-License-Identifier: Apache-2.0
#include "tests/support/expanded_profiles.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/corpus.h"
#include "tests/support/request_generator.h"
#include "tests/support/story.h"
#include "tests/support/wire_emitter.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;
using R = ExportProfilesServiceRequest;

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
  const double other_nan = std::bit_cast<double>(std::bit_cast<uint64_t>(nan) + 1);
  ExpectDifferent(with(nan), with(other_nan));  // both print as "nan"
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
