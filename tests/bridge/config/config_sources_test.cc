// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/config_sources.h"

#include "bridge/config/core_schema.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "tests/bridge/config/config_fixture.h"

namespace flameway {
namespace {

class ConfigSourcesTest : public ConfigTest {
 protected:
  // Text of the scalar at a path of keys, "<kind>" for other nodes, "-" for nothing.
  std::string At(const LoadResult& result, const std::vector<std::string>& path) {
    const ConfigNode* node = &result.tree;
    for (const std::string& key : path) {
      node = node->Find(key);
      if (node == nullptr) return "-";
    }
    switch (node->kind) {
      case ConfigNode::Kind::kNull:
        return "<null>";
      case ConfigNode::Kind::kMap:
        return "<map>";
      case ConfigNode::Kind::kList: {
        std::string list;
        for (const ConfigNode& item : node->items) list += "[" + item.text + "]";
        return list;
      }
      case ConfigNode::Kind::kScalar:
        break;
    }
    return node->text;
  }
  std::string Value(const std::string& yaml) {
    return At(LoadText(fmt::format("flameway: {}", yaml)), {"flameway"});
  }
};

TEST_F(ConfigSourcesTest, MergesMapsKeyByKeyAndReplacesLists) {
  files["a.yaml"] = "flameway: {x: {one: 1, two: 2}, list: [a, b], s: a, n: {k: 1}}";
  files["b.yaml"] = "flameway: {x: {two: 3}, list: [c], s: {t: 1}, n: }";
  const LoadResult result = Load({"a.yaml", "file:b.yaml"});
  EXPECT_EQ(At(result, {"flameway", "x", "one"}), "1");
  EXPECT_EQ(At(result, {"flameway", "x", "two"}), "3");
  EXPECT_EQ(At(result, {"flameway", "list"}), "[c]");
  EXPECT_EQ(At(result, {"flameway", "s", "t"}), "1");
  EXPECT_EQ(At(result, {"flameway", "n"}), "<null>");
}

TEST_F(ConfigSourcesTest, LaterSourcesWinAndSetWinsOverAll) {
  files["a.yaml"] = "flameway: {shards: 1}";
  variables["MORE"] = "flameway: {shards: 2}";
  EXPECT_EQ(At(Load({"a.yaml", "env:MORE"}), {"flameway", "shards"}), "2");
  EXPECT_EQ(At(Load({"env:MORE", "a.yaml"}), {"flameway", "shards"}), "1");
  EXPECT_EQ(At(Load({"a.yaml", "yaml:flameway::shards: 3"}), {"flameway", "shards"}), "3");
  EXPECT_EQ(At(Load({"a.yaml", "env:MORE"}, {"flameway.shards=4", "flameway::shards=5"}),
               {"flameway", "shards"}),
            "5");
}

TEST_F(ConfigSourcesTest, SetTakesYamlAndNamesWithDots) {
  files["a.yaml"] = "{}";
  const LoadResult result =
      Load({"a.yaml"}, {"exporters::otlp_grpc/eu.west::endpoint=eu:1",
                        "service.pipelines.profiles.exporters=[a, b]", "flameway.limits="});
  EXPECT_EQ(At(result, {"exporters", "otlp_grpc/eu.west", "endpoint"}), "eu:1");
  EXPECT_EQ(At(result, {"service", "pipelines", "profiles", "exporters"}), "[a][b]");
  EXPECT_EQ(At(result, {"flameway", "limits"}), "<null>");
}

TEST_F(ConfigSourcesTest, EachValueKeepsWhereItWasWrittenAndWhatItReplaced) {
  files["base.yaml"] = "flameway:\n  shards: 1\n  coalesce: never\n";
  files["prod.yaml"] = "# first line\nflameway:\n    shards: lots\n";
  const LoadResult result = Load({"base.yaml", "prod.yaml"});
  const std::string shown = Shown(result);
  EXPECT_THAT(shown, testing::HasSubstr("--> prod.yaml:3:13   (overrides base.yaml:2:11)"));
  EXPECT_THAT(shown, testing::HasSubstr("3 |     shards: lots\n"));
}

TEST_F(ConfigSourcesTest, AnErrorInASetNamesTheSet) {
  const LoadResult result = LoadText(Minimal(), {"flameway.shards=lots"});
  EXPECT_THAT(Shown(result), testing::HasSubstr("--> --set flameway.shards:1:1"));
}

TEST_F(ConfigSourcesTest, SubstitutesEnvironmentAndFiles) {
  variables["NAME"] = "value";
  variables["EMPTY"] = "";
  files["/secret"] = "line one\nline two\n\n";
  EXPECT_EQ(Value("${env:NAME}"), "value");
  EXPECT_EQ(Value("${NAME}"), "value");
  EXPECT_EQ(Value("a-${env:NAME}-b"), "a-value-b");
  EXPECT_EQ(Value("${env:NONE:-fall:-back}"), "fall:-back");
  EXPECT_EQ(Value("${env:NONE:-${env:NAME}!}"), "value!");
  EXPECT_EQ(Value("\"${env:EMPTY:-default}\""), "<null>");
  EXPECT_EQ(Value("\"${file:/secret}\""), "line one\nline two");
}

TEST_F(ConfigSourcesTest, DollarsAreEscapedByDoublingAndOtherwiseStay) {
  variables["NAME"] = "value";
  EXPECT_EQ(Value("$${env:NAME}"), "${env:NAME}");
  EXPECT_EQ(Value("$$$${NAME}"), "$${NAME}");
  EXPECT_EQ(Value("$$${NAME}"), "$value");
  EXPECT_EQ(Value("a$b $NAME $"), "a$b $NAME $");
}

TEST_F(ConfigSourcesTest, WhatComesInIsTextAndNeverStructure) {
  variables["MAP"] = "{shards: 5}";
  variables["NESTED"] = "${env:OTHER}";
  variables["OTHER"] = "no";
  EXPECT_EQ(Value("${env:MAP}"), "{shards: 5}");
  EXPECT_EQ(Value("${env:NESTED}"), "${env:OTHER}");
}

TEST_F(ConfigSourcesTest, KeysAreNotSubstituted) {
  variables["K"] = "shards";
  EXPECT_EQ(At(LoadText("flameway: {\"${env:K}\": 1}"), {"flameway", "${env:K}"}), "1");
}

TEST_F(ConfigSourcesTest, WholeReferencesAreTypedByWhatComesIn) {
  variables["N"] = "7";
  variables["NO"] = "no";
  LoadResult result = LoadText(Minimal(), {"flameway.shards=\"${env:N}\""});
  ASSERT_TRUE(result.config.has_value()) << Shown(result);
  EXPECT_EQ(result.config->shards, 7);
  result = LoadText(Minimal("", "tls: {insecure: \"${env:NO}\"}"));
  EXPECT_THAT(Shown(result), testing::HasSubstr("takes true or false"));
}

TEST_F(ConfigSourcesTest, NoIsText) {
  const LoadResult result = LoadText(Minimal("", "authority: no, user_agent: 1.10"));
  ASSERT_TRUE(result.config.has_value()) << Shown(result);
  const auto& grpc = std::get<OtlpGrpcExporterOptions>(result.config->exporters[0].options);
  EXPECT_EQ(grpc.authority, "no");
  EXPECT_EQ(grpc.user_agent, "1.10");
}

TEST_F(ConfigSourcesTest, ASubstitutedValueIsNotShown) {
  variables["SECRET"] = "hunter2";
  const LoadResult result = LoadText(Minimal("", "timeout: \"${env:SECRET}\""));
  EXPECT_FALSE(result.config.has_value());
  EXPECT_THAT(Shown(result), testing::Not(testing::HasSubstr("hunter2")));
}

TEST_F(ConfigSourcesTest, UnreadableSourcesAreAllReportedAndNothingElse) {
  const LoadResult result = Load({"none.yaml", "env:NONE", "https://x/y.yaml"}, {"nonsense", "=1"});
  EXPECT_EQ(Places(result), "E0001 0:0\nE0001 0:0\nE0106 0:0\nE0005 0:0\nE0005 0:0");
  EXPECT_FALSE(result.config.has_value());
}

TEST_F(ConfigSourcesTest, WithoutASourceTheBuiltInOneIsLoaded) {
  const LoadResult result = Load({}, {"processors.batch.timeout=7s"});
  ASSERT_TRUE(result.config.has_value()) << Shown(result);
  EXPECT_TRUE(result.diagnostics.empty()) << Shown(result);
  ASSERT_EQ(result.config->pipelines.size(), 1U);
  EXPECT_EQ(result.config->pipelines[0].batch->timeout, std::chrono::seconds(7));
  EXPECT_EQ(result.config->exporters.size(), 2U);
  EXPECT_TRUE(result.config->health_check.has_value());
  EXPECT_EQ(result.config->telemetry.metrics->port, 8888);
}

}  // namespace
}  // namespace flameway
