// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/processor/core_fixture.h"
#include "tests/support/well_formed.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;
using testing::IsEmpty;

schema::Resource& ResourceOf(ExportProfilesServiceRequest& request) {
  return *request.mutable_resource_profiles(0)->mutable_resource();
}

// The merged request, by references, checked to mean the same as inline.
ExportProfilesServiceRequest ByReference(const ExportProfilesServiceRequest& request) {
  const std::string bytes = Serialize(request);
  const std::string merged = Merge({bytes}, Coalesce::kLossless, {.attribute_references = true});
  const ExpandedProfiles expected = Expand({bytes});
  const ExpandedProfiles actual = Expand({merged});
  EXPECT_EQ(expected, actual) << expected.DiffText(actual, 30);
  EXPECT_THAT(CheckWellFormed(Parse(merged)), IsEmpty());
  // And on its way back in.
  EXPECT_EQ(Merge({merged}), Merge({bytes}));
  return Parse(merged);
}

// No text is left inline anywhere in the value.
void ExpectNoText(const schema::AnyValue& value) {
  EXPECT_NE(value.value_case(), schema::AnyValue::kStringValue) << value.ShortDebugString();
  for (const auto& element : value.array_value().values()) ExpectNoText(element);
  for (const auto& pair : value.kvlist_value().values()) {
    EXPECT_EQ(pair.key(), "");
    ExpectNoText(pair.value());
  }
}

TEST(ReferencesTest, KeysAndStringsOfResourcesAndScopesRefer) {
  ExportProfilesServiceRequest request = SmallRequest();
  auto* scope = request.mutable_resource_profiles(0)->mutable_scope_profiles(0)->mutable_scope();
  scope->add_attributes()->set_key("service.name");
  const ExportProfilesServiceRequest merged = ByReference(request);
  const auto& tables = merged.dictionary();
  const auto& attribute = merged.resource_profiles(0).resource().attributes(0);
  EXPECT_EQ(attribute.key(), "");
  EXPECT_EQ(tables.string_table(attribute.key_strindex()), "service.name");
  EXPECT_EQ(tables.string_table(attribute.value().string_value_strindex()), "checkout");
  const auto& in_scope = merged.resource_profiles(0).scope_profiles(0).scope().attributes(0);
  EXPECT_EQ(in_scope.key_strindex(), attribute.key_strindex()) << "one row for one text";
}

TEST(ReferencesTest, StringsTheTableHasAreNotAddedAgain) {
  ExportProfilesServiceRequest request = SmallRequest();
  schema::KeyValue& attribute = *ResourceOf(request).mutable_attributes(0);
  attribute.set_key("main");  // also a function's name
  attribute.mutable_value()->set_string_value("cpu");
  const std::string inline_form = Merge({Serialize(request)});
  EXPECT_EQ(ByReference(request).dictionary().string_table_size(),
            Parse(inline_form).dictionary().string_table_size());
}

TEST(ReferencesTest, NestedValuesReferAtAnyDepth) {
  ExportProfilesServiceRequest request = SmallRequest();
  schema::AnyValue* value = ResourceOf(request).mutable_attributes(0)->mutable_value();
  for (int i = 0; i < 15; ++i) {
    auto* list = value->mutable_array_value();
    list->add_values()->set_string_value("element " + std::to_string(i));
    list->add_values()->set_double_value(i);
    auto* pairs = list->add_values()->mutable_kvlist_value();
    pairs->add_values()->set_key("key " + std::to_string(i));
    auto* next = pairs->add_values();
    next->set_key("next");
    value = next->mutable_value();
  }
  value->set_bytes_value("bytes stay");
  const ExportProfilesServiceRequest merged = ByReference(request);
  ExpectNoText(merged.resource_profiles(0).resource().attributes(0).value());
}

TEST(ReferencesTest, AnExplicitlyEmptyStringStaysAString) {
  ExportProfilesServiceRequest request = SmallRequest();
  ResourceOf(request).mutable_attributes(0)->mutable_value()->set_string_value("");
  schema::KeyValue& unset = *ResourceOf(request).add_attributes();
  unset.set_key("unset");
  const ExportProfilesServiceRequest merged = ByReference(request);
  const auto& attributes = merged.resource_profiles(0).resource().attributes();
  EXPECT_EQ(attributes.Get(0).value().value_case(), schema::AnyValue::kStringValueStrindex);
  EXPECT_EQ(attributes.Get(0).value().string_value_strindex(), 0);
  EXPECT_EQ(attributes.Get(1).value().value_case(), schema::AnyValue::VALUE_NOT_SET);
}

TEST(ReferencesTest, WhatIsNoStringStaysAsItIs) {
  ExportProfilesServiceRequest request = SmallRequest();
  schema::Resource& resource = ResourceOf(request);
  resource.set_dropped_attributes_count(5);
  auto* entity = resource.add_entity_refs();
  entity->set_type("service");
  entity->add_id_keys("service.name");
  const ExportProfilesServiceRequest merged = ByReference(request);
  EXPECT_EQ(merged.resource_profiles(0).resource().dropped_attributes_count(), 5u);
  EXPECT_EQ(merged.resource_profiles(0).resource().entity_refs(0).id_keys(0), "service.name");
}

}  // namespace
}  // namespace flameway
