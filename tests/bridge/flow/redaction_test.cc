// SPDX-License-Identifier: Apache-2.0
// Text that is to be redacted is nowhere in what leaves the gateway: not in any table of the
// messages, whose bytes are searched as they are, nor in its log or metrics.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "processor/transform/plan.h"
#include "tests/bridge/flow/engine_fixture.h"
#include "tests/bridge/flow/scripted_exporter.h"
#include "tests/support/schema.h"

namespace flameway {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecret = "hunter2";
constexpr const char* kVariable = "process.environment_variable.TOKEN";

// The secret as a value below a blocked key and, of other keys, within longer texts, lists and
// maps.
void AddSecrets(google::protobuf::RepeatedPtrField<schema::KeyValue>* attributes) {
  const auto add = [attributes](const std::string& key) {
    attributes->Add()->set_key(key);
    return attributes->Mutable(attributes->size() - 1)->mutable_value();
  };
  add(kVariable)->set_string_value(kSecret);
  add("args")->set_string_value(std::string("run --password=") + kSecret + " --fast");
  auto& list = *add("list")->mutable_array_value();
  list.add_values()->set_string_value(kSecret);
  auto& pair = *list.add_values()->mutable_kvlist_value()->add_values();
  pair.set_key("inner");
  pair.mutable_value()->set_string_value(std::string("a") + kSecret + "b");
  add("bytes")->set_bytes_value(std::string("\xff\x00", 2) + kSecret);
  add("plain")->set_string_value("stays");
}

// Everywhere an attribute can stand.
// `payload` is what the profile says it was made from.
std::string RequestFullOfSecrets(const std::string& payload) {
  schema::ExportProfilesServiceRequest request;
  auto& tables = *request.mutable_dictionary();
  tables.add_mapping_table();
  tables.add_location_table();
  tables.add_function_table();
  tables.add_link_table();
  tables.add_attribute_table();
  tables.add_stack_table();
  const auto text = [&tables](const std::string& s) {
    tables.add_string_table(s);
    return tables.string_table_size() - 1;
  };
  text("");
  auto& resource = *request.add_resource_profiles();
  AddSecrets(resource.mutable_resource()->mutable_attributes());
  auto& scope = *resource.add_scope_profiles();
  AddSecrets(scope.mutable_scope()->mutable_attributes());
  std::vector<int> rows;
  for (const auto& attribute : resource.resource().attributes()) {
    auto& row = *tables.add_attribute_table();
    row.set_key_strindex(text(attribute.key()));
    *row.mutable_value() = attribute.value();
    rows.push_back(tables.attribute_table_size() - 1);
  }
  const auto refer = [&rows](google::protobuf::RepeatedField<int32_t>* indices) {
    indices->Add(rows.begin(), rows.end());
  };
  auto& mapping = *tables.add_mapping_table();
  mapping.set_filename_strindex(text("/bin/app"));
  refer(mapping.mutable_attribute_indices());
  tables.add_function_table()->set_name_strindex(text("main"));
  auto& location = *tables.add_location_table();
  location.set_mapping_index(1);
  location.add_lines()->set_function_index(1);
  refer(location.mutable_attribute_indices());
  tables.add_stack_table()->add_location_indices(1);
  auto& profile = *scope.add_profiles();
  profile.mutable_sample_type()->set_type_strindex(text("samples"));
  refer(profile.mutable_attribute_indices());
  if (!payload.empty()) profile.set_original_payload_format("jfr");
  profile.set_original_payload(payload);
  auto& sample = *profile.add_samples();
  sample.set_stack_index(1);
  sample.add_values(1);
  refer(sample.mutable_attribute_indices());
  return request.SerializeAsString();
}

class FlowRedactionTest : public EngineTest {
 protected:
  void Run(std::vector<TransformOptions> processors, const std::string& payload = {}) {
    std::vector<std::shared_ptr<const TransformRecipe>> recipes;
    for (const TransformOptions& options : processors) {
      auto made = TransformRecipe::Create(options);
      recipes.push_back(std::get<std::shared_ptr<const TransformRecipe>>(std::move(made)));
    }
    Destination& inline_form = AddExporter("inline");
    Destination& references = AddExporter("references", {}, {.attribute_references = true});
    AddPipeline("profiles", {0, 1});
    options_.pipelines.back().transforms = TransformPlan(std::move(recipes));
    auto engine = Engine::Create(options_, {clock_, verbose_log_, registry_});
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    intake_ = engine_->IntakeOf(0, Transport::kGrpc);
    ASSERT_TRUE(engine_->Start().ok());
    SendBody(RequestFullOfSecrets(payload));
    Stop();
    for (const Destination* destination : {&inline_form, &references}) {
      ASSERT_EQ(destination->delivered().size(), 1U);
      for (const Frame& frame : destination->delivered()) output_ += frame.payload;
    }
  }

  std::ostringstream verbose_;
  Log verbose_log_{{.level = LogLevel::kDebug,
                    .sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(verbose_)}};
  std::string output_;
};

attributes::RedactionOptions Redacting() {
  return {.allow_all_keys = true,
          .blocked_key_patterns = {"^process\\.environment_variable\\."},
          .blocked_values = {kSecret},
          .summary = "debug"};
}

TEST_F(FlowRedactionTest, TheTestWouldSeeTheSecret) {
  Run({});
  EXPECT_THAT(output_, HasSubstr(kSecret));
}

TEST_F(FlowRedactionTest, WithoutRedactionAPayloadStays) {
  Run({}, "the payload");
  EXPECT_THAT(output_, HasSubstr("the payload"));
  EXPECT_THAT(output_, HasSubstr("jfr"));
}

TEST_F(FlowRedactionTest, NoByteOfBlockedTextLeaves) {
  // A statement that fails on the secret, before it is redacted: failures are logged.
  StatementsOptions failing;
  failing.groups.push_back(
      {.context = {},
       .error_mode = {},
       .conditions = {},
       .statements = {"set(resource.attributes[\"x\"], Substring(resource.attributes[\"args\"], 0, "
                      "1000))",
                      "set(resource.attributes[\"y\"], 1 + Int(resource.attributes[\"args\"]))"}});
  Run({failing, Redacting()}, std::string("environment: TOKEN=") + kSecret);
  EXPECT_THAT(output_, Not(HasSubstr(kSecret)));
  EXPECT_THAT(verbose_.str(), Not(HasSubstr(kSecret)));
  EXPECT_THAT(verbose_.str(), HasSubstr("a transform failed on a row"));
  EXPECT_THAT(registry_.PrometheusText(), Not(HasSubstr(kSecret)));
  EXPECT_THAT(output_, HasSubstr("stays"));
  EXPECT_THAT(output_, HasSubstr(kVariable));
  EXPECT_THAT(output_, Not(HasSubstr("jfr")));
}

TEST_F(FlowRedactionTest, WhatIsDeletedLeavesNoText) {
  std::vector<TransformOptions> processors;
  for (const AttributeOwner owner :
       {AttributeOwner::kResource, AttributeOwner::kScope, AttributeOwner::kProfile,
        AttributeOwner::kSample, AttributeOwner::kMapping, AttributeOwner::kLocation}) {
    AttributesOptions options{.owner = owner, .include = {}, .exclude = {}, .actions = {}};
    for (const char* key : {kVariable, "args", "list", "bytes"}) {
      options.actions.push_back({.action = "delete", .key = key});
    }
    processors.emplace_back(std::move(options));
  }
  Run(std::move(processors));
  EXPECT_THAT(output_, Not(HasSubstr(kSecret)));
  EXPECT_THAT(output_, Not(HasSubstr(kVariable)));
  EXPECT_THAT(output_, HasSubstr("stays"));
}

}  // namespace
}  // namespace flameway
