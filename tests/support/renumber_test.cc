// SPDX-License-Identifier: Apache-2.0
#include "tests/support/renumber.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/corpus.h"
#include "tests/support/expanded_profiles.h"
#include "tests/support/request_generator.h"
#include "tests/support/wire_bytes.h"
#include "tests/support/wire_emitter.h"

namespace flameway {
namespace {

// The payload of the first field with this number.
std::string_view Inside(std::string_view message, uint32_t number) {
  while (const auto field = TakeField(&message)) {
    if (field->number == number) return field->payload;
  }
  return {};
}

std::string_view ProfileOf(std::string_view request) {
  return Inside(Inside(Inside(request, 1), 2), 2);
}

std::string Numbers(std::string_view message) {
  std::string numbers;
  while (const auto field = TakeField(&message)) numbers += std::to_string(field->number) + " ";
  return numbers;
}

schema::ExportProfilesServiceRequest Request() {
  schema::ExportProfilesServiceRequest request;
  auto* profile = request.add_resource_profiles()->add_scope_profiles()->add_profiles();
  profile->set_profile_id("0123456789abcdef");
  profile->set_dropped_attributes_count(1);
  profile->set_original_payload_format("jfr");
  profile->set_original_payload("FLR");
  profile->add_attribute_indices(1);
  auto* sample = profile->add_samples();
  sample->set_stack_index(1);
  sample->add_attribute_indices(2);
  sample->set_link_index(3);
  sample->add_values(4);
  sample->add_timestamps_unix_nano(5);
  return request;
}

TEST(RenumberTest, SamplesAndProfilesTakeTheNumbersOfTheDialect) {
  const std::string bytes = Request().SerializeAsString();
  EXPECT_EQ(Numbers(ProfileOf(bytes)), "2 7 8 9 10 11 ");
  const auto v1_9 = Renumber(bytes, Dialect::kV1_10, Dialect::kV1_9);
  ASSERT_TRUE(v1_9.ok()) << v1_9.status();
  EXPECT_EQ(Numbers(ProfileOf(*v1_9)), "2 7 8 9 10 11 ");
  EXPECT_EQ(Numbers(Inside(ProfileOf(*v1_9), 2)), "1 3 4 2 5 ");
  const auto v1_8 = Renumber(bytes, Dialect::kV1_10, Dialect::kV1_8);
  ASSERT_TRUE(v1_8.ok()) << v1_8.status();
  EXPECT_EQ(Numbers(ProfileOf(*v1_8)), "2 8 9 10 11 12 ");
  EXPECT_EQ(Numbers(Inside(ProfileOf(*v1_8), 2)), "1 3 4 2 5 ");
}

TEST(RenumberTest, ThereAndBackIsTheSameContent) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    RequestGeneratorOptions options = RequestGeneratorOptions::ForSeed(seed);
    options.reference_share = 0;
    const auto request = RequestGenerator(options).Next();
    WireStyle style = WireStyle::Anything();
    style.unknown_field_share = 0;  // groups are not walked
    const std::string bytes = WireEmitter(style, seed).Emit(request);
    ExpandedProfiles sent;
    sent.Add(request);
    for (Dialect old : {Dialect::kV1_8, Dialect::kV1_9}) {
      const auto there = Renumber(bytes, Dialect::kV1_10, old);
      ASSERT_TRUE(there.ok()) << there.status();
      const auto back = ParseRequest(*there, old);
      ASSERT_TRUE(back.ok()) << back.status();
      ExpandedProfiles received;
      received.Add(*back);
      EXPECT_EQ(sent, received) << sent.DiffText(received, 20);
    }
  }
}

TEST(RenumberTest, WhatOnlyOldDialectsHaveIsDropped) {
  std::string type;
  AppendTag(1, 0, &type);
  AppendVarint(4, &type);
  AppendTag(3, 0, &type);  // aggregation_temporality
  AppendVarint(2, &type);
  const auto wrap = [](uint32_t number, const std::string& payload) {
    std::string out;
    AppendTag(number, 2, &out);
    AppendVarint(payload.size(), &out);
    return out + payload;
  };
  const std::string profile = wrap(1, type) + wrap(7, "\x01");  // comment_strindices
  const auto current =
      Renumber(wrap(1, wrap(2, wrap(2, profile))), Dialect::kV1_8, Dialect::kV1_10);
  ASSERT_TRUE(current.ok());
  EXPECT_EQ(Numbers(ProfileOf(*current)), "1 ");
  EXPECT_EQ(Numbers(Inside(ProfileOf(*current), 1)), "1 ");
}

TEST(RenumberTest, DamageIsAnError) {
  const std::string bytes = Request().SerializeAsString();
  EXPECT_FALSE(Renumber(bytes.substr(0, bytes.size() - 1), Dialect::kV1_10, Dialect::kV1_9).ok());
}

}  // namespace
}  // namespace flameway
