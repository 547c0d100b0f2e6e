// SPDX-License-Identifier: Apache-2.0
// What samples, ids and attributes of resources may say: V30 to V46.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "proto/otlp/fields.h"
#include "tests/processor/request/neighbours.h"

namespace flameway {
namespace {

using Request = schema::ExportProfilesServiceRequest;

void Unchanged(Request&) {}

TEST(ValueRulesTest, V30_EmptySamplesAreDroppedFromProfilesThatHaveOthers) {
  const auto one_more = [](Request& r) {
    schema::Sample empty = SuspectSample(r);
    empty.clear_values();
    *Suspect(r).add_samples() = empty;
  };
  ExpectRepaired(one_more, Reason::kSampleEmpty, Unchanged);
  Request request = Neighbours();
  one_more(request);
  const DecodeReport report = Decode(Serialize(request));
  EXPECT_EQ(report.samples_received, 3u);
  EXPECT_EQ(report.samples_repaired_away, 1u);
  EXPECT_EQ(report.samples_accepted(), 2u);
}

TEST(ValueRulesTest, V30_AProfileOfEmptySamplesIsRefused) {
  ExpectSuspectRefused([](Request& r) { SuspectSample(r).clear_values(); }, Reason::kSampleEmpty);
}

TEST(ValueRulesTest, V31_AsManyValuesAsTimestamps) {
  ExpectSuspectRefused(
      [](Request& r) {
        SuspectSample(r).add_timestamps_unix_nano(1);
        SuspectSample(r).add_timestamps_unix_nano(2);
      },
      Reason::kSampleLengthMismatch);
  ExpectSuspectRefused(
      [](Request& r) {
        SuspectSample(r).add_values(5);
        SuspectSample(r).add_values(6);
        SuspectSample(r).add_timestamps_unix_nano(1);
      },
      Reason::kSampleLengthMismatch);
}

TEST(ValueRulesTest, V32_SeveralValuesWithoutTimestampsPass) {
  ExpectPassed([](Request& r) {
    SuspectSample(r).add_values(-5);
    SuspectSample(r).add_values(std::numeric_limits<int64_t>::min());
  });
}

TEST(ValueRulesTest, V33_MixedShapesPass) {
  ExpectPassed([](Request& r) {
    schema::Sample events = SuspectSample(r);
    events.clear_values();
    events.add_timestamps_unix_nano(5);
    *Suspect(r).add_samples() = events;
    schema::Sample timed = SuspectSample(r);
    timed.add_timestamps_unix_nano(6);
    *Suspect(r).add_samples() = timed;
    schema::Sample list = SuspectSample(r);
    list.add_values(9);
    *Suspect(r).add_samples() = list;
  });
}

TEST(ValueRulesTest, V34_TimestampsOutsideTheWindowPassAndTimesDoNotWrap) {
  ExpectPassed([](Request& r) {
    SuspectSample(r).add_timestamps_unix_nano(std::numeric_limits<uint64_t>::max());
    Suspect(r).set_time_unix_nano(std::numeric_limits<uint64_t>::max() - 1);
    Suspect(r).set_duration_nano(std::numeric_limits<uint64_t>::max());
  });
}

TEST(ValueRulesTest, V37_OddLocationsPass) {
  ExpectPassed([](Request& r) {
    SuspectMapping(r).set_memory_start(0x9000);
    SuspectMapping(r).set_memory_limit(0x1000);
    SuspectLocation(r).set_address(std::numeric_limits<uint64_t>::max());
    SuspectLocation(r).mutable_lines(0)->set_line(-1);
    SuspectLocation(r).mutable_lines(0)->set_column(-7);
    SuspectFunction(r).set_start_line(-3);
    SuspectFunction(r).clear_name_strindex();
    SuspectFunction(r).clear_system_name_strindex();
  });
}

TEST(ValueRulesTest, V38_LinksOfOtherLengthsLinkToNothing) {
  const auto no_link = [](Request& r) { SuspectSample(r).set_link_index(0); };
  ExpectRepaired([](Request& r) { SuspectLink(r).set_trace_id("short"); }, Reason::kBadLinkId,
                 no_link);
  ExpectRepaired([](Request& r) { SuspectLink(r).set_span_id("far too long"); }, Reason::kBadLinkId,
                 no_link);
  ExpectRepaired([](Request& r) { SuspectLink(r).clear_span_id(); }, Reason::kBadLinkId, no_link);
}

TEST(ValueRulesTest, V39_ProfileIdsOfOtherLengthsAreCleared) {
  for (const std::string& id : {std::string("x"), std::string(16, '\0'), std::string(17, 'x')}) {
    ExpectRepaired([&](Request& r) { Suspect(r).set_profile_id(id); }, Reason::kBadProfileId,
                   Unchanged);
  }
  ExpectPassed([](Request& r) { Suspect(r).set_profile_id("0123456789abcdef"); });
}

TEST(ValueRulesTest, V40_PayloadsPassUpToTheirLimit) {
  ExpectPassed([](Request& r) { Suspect(r).set_original_payload("pprof bytes"); });
  ExpectPassed([](Request& r) { Suspect(r).set_original_payload_format("pprof"); });
  RequestOptions options;
  options.limits.max_payload_bytes = 100;
  ExpectSuspectRefused([](Request& r) { Suspect(r).set_original_payload(std::string(101, 'x')); },
                       Reason::kPayloadTooLarge, options);
}

TEST(ValueRulesTest, V41_KeyAndReferenceMustAgree) {
  const auto both = [](Request& r, const std::string& key) {
    schema::KeyValue& host = *OnlyResource(r).add_attributes();
    host.set_key(key);
    host.set_key_strindex(7);  // "thread.name"
    host.mutable_value()->set_string_value("x");
  };
  ExpectRepaired([&](Request& r) { both(r, "thread.name"); }, Reason::kKeyConflict,
                 [](Request& r) {
                   schema::KeyValue& host = *OnlyResource(r).add_attributes();
                   host.set_key("thread.name");
                   host.mutable_value()->set_string_value("x");
                 });
  Request request = Neighbours();
  both(request, "tenant");
  const Passage passage = Pass(Serialize(request));
  EXPECT_EQ(passage.report.profiles_rejected, 2u);
  EXPECT_EQ(passage.report.reason, Reason::kKeyConflict);
}

TEST(ValueRulesTest, V42_InlineKeysAndReferencesMeanTheSame) {
  const auto inline_form = [](Request& r) {
    schema::KeyValue& host = *OnlyResource(r).add_attributes();
    host.set_key("thread.name");
    host.mutable_value()->set_string_value("worker");
  };
  ExpectPassed(inline_form);
  ExpectPassed([](Request& r) {
    schema::KeyValue& host = *OnlyResource(r).add_attributes();
    host.set_key_strindex(7);
    host.mutable_value()->set_string_value_strindex(8);
  });
  ExpectPassed([](Request& r) {
    schema::KeyValue& host = *OnlyResource(r).add_attributes();
    host.set_key("empty but there");
    host.mutable_value()->set_string_value_strindex(0);
  });
}

TEST(ValueRulesTest, V43_EmptyKeysAreDroppedAndTheFirstOfEqualKeysIsKept) {
  ExpectRepaired(
      [](Request& r) { OnlyResource(r).add_attributes()->mutable_value()->set_int_value(1); },
      Reason::kEmptyKey, Unchanged);
  ExpectRepaired(
      [](Request& r) {
        schema::KeyValue& again = *OnlyResource(r).add_attributes();
        again.set_key("service.name");
        again.mutable_value()->set_string_value("other");
      },
      Reason::kDuplicateResourceKey, Unchanged);
}

TEST(ValueRulesTest, V43_KeysAreComparedHoweverManyThereAre) {
  const auto many = [](Request& r) {
    for (int i = 0; i < 200; ++i) {
      schema::KeyValue& pair = *OnlyResource(r).add_attributes();
      pair.set_key("key" + std::to_string(i));
      pair.mutable_value()->set_int_value(i);
    }
  };
  ExpectPassed(many);
  ExpectRepaired(
      [&](Request& r) {
        many(r);
        for (const char* key : {"service.name", "key0", "key31", "key32", "key199"}) {
          OnlyResource(r).add_attributes()->set_key(key);
        }
      },
      Reason::kDuplicateResourceKey, many);
}

TEST(ValueRulesTest, V44_ValuesOfEveryTypePass) {
  ExpectPassed([](Request& r) { SuspectAttribute(r).clear_value(); });
  ExpectPassed([](Request& r) { SuspectAttribute(r).mutable_value()->clear_value(); });
  ExpectPassed([](Request& r) {
    auto* list = SuspectAttribute(r).mutable_value()->mutable_array_value();
    list->add_values()->set_double_value(std::nan(""));
    list->add_values()->set_double_value(-0.0);
    list->add_values()->set_double_value(0.0);
    list->add_values()->set_bytes_value(std::string("\0\xFF", 2));
    list->add_values()->set_bytes_value("");
    list->add_values()->set_string_value("");
    list->add_values()->set_bool_value(false);
    list->add_values()->set_bool_value(true);
    list->add_values()->set_int_value(0);
    list->add_values()->set_int_value(-1);
    list->add_values()->mutable_array_value();
    list->add_values()->mutable_kvlist_value();
    list->add_values();
  });
}

TEST(ValueRulesTest, V44_ValuesThatDifferInTypeOnlyStayApart) {
  Request request = Neighbours();
  auto* dictionary = request.mutable_dictionary();
  const auto add = [&](const auto& fill) {
    schema::KeyValueAndUnit& row = *dictionary->add_attribute_table();
    row.set_key_strindex(7);
    fill(*row.mutable_value());
    schema::Sample sample = SuspectSample(request);
    sample.set_attribute_indices(0, dictionary->attribute_table_size() - 1);
    *Suspect(request).add_samples() = sample;
  };
  add([](auto& v) { v.set_int_value(1); });
  add([](auto& v) { v.set_double_value(1); });
  add([](auto& v) { v.set_bool_value(true); });
  add([](auto& v) { v.set_string_value("1"); });
  add([](auto& v) { v.set_bytes_value("1"); });
  add([](auto& v) { v.set_string_value(""); });
  add([](auto&) {});
  const Passage passage = Pass(Serialize(request));
  EXPECT_EQ(Expand({passage.merged}), Expand({Serialize(request)}));
  EXPECT_EQ(Parse(passage.merged).resource_profiles(0).scope_profiles(0).profiles(1).samples_size(),
            8);
}

TEST(ValueRulesTest, V45_MissingOriginsPassAndEmptyOnesAreLeftOut) {
  ExpectPassed([](Request& r) {
    r.mutable_resource_profiles(0)->clear_resource();
    r.mutable_resource_profiles(0)->mutable_scope_profiles(0)->clear_scope();
  });
  ExpectPassed([](Request& r) {
    r.add_resource_profiles()->mutable_resource()->add_attributes()->set_key("nothing below");
    r.mutable_resource_profiles(0)->add_scope_profiles()->mutable_scope()->set_name("nothing");
  });
  Request request = Neighbours();
  request.add_resource_profiles();
  EXPECT_EQ(Parse(Pass(Serialize(request)).merged).resource_profiles_size(), 1);
}

TEST(ValueRulesTest, V46_NoPeriodPasses) {
  ExpectPassed([](Request& r) {
    Suspect(r).clear_period_type();
    Suspect(r).clear_period();
  });
  ExpectPassed([](Request& r) {
    Suspect(r).set_period(-1);
    Suspect(r).clear_sample_type();
  });
}

}  // namespace
}  // namespace flameway
