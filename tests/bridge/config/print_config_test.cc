// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/print_config.h"

#include <sstream>

#include "bridge/config/default_config.h"
#include "bridge/config/yaml_source.h"
#include "gmock/gmock.h"
#include "tests/bridge/config/config_fixture.h"

namespace flameway {
namespace {

using testing::HasSubstr;
using testing::Not;

class PrintConfigTest : public ConfigTest {
 protected:
  LoadResult WithSecrets() {
    variables["TOKEN"] = "hunter2";
    return LoadText(
        Minimal("tls: {cert_pem: CERTIFICATE, key_pem: PRIVATE}",
                "headers: {authorization: \"Bearer ${env:TOKEN}\"}, tls: {ca_pem: AUTHORITY}"));
  }
};

TEST_F(PrintConfigTest, HidesSecretsUnlessAskedFor) {
  const LoadResult loaded = WithSecrets();
  ASSERT_TRUE(loaded.config.has_value()) << Shown(loaded);
  for (const PrintOptions::Format format :
       {PrintOptions::Format::kYaml, PrintOptions::Format::kJson}) {
    const std::string redacted = PrintConfig(loaded, {.format = format});
    const std::string shown =
        PrintConfig(loaded, {.format = format, .secrets = SectionWriter::Secrets::kShown});
    for (const char* secret : {"hunter2", "CERTIFICATE", "PRIVATE", "AUTHORITY"}) {
      EXPECT_THAT(redacted, Not(HasSubstr(secret)));
      EXPECT_THAT(shown, HasSubstr(secret));
    }
    EXPECT_THAT(redacted, HasSubstr("authorization"));
  }
}

TEST_F(PrintConfigTest, ShowsWhereValuesComeFrom) {
  files["base.yaml"] = Minimal();
  files["over.yaml"] = "exporters:\n  otlp_grpc:\n    timeout: 9s\n";
  const LoadResult loaded = Load({"base.yaml", "over.yaml"}, {"flameway.shards=2"});
  ASSERT_TRUE(loaded.config.has_value()) << Shown(loaded);
  const std::string text = PrintConfig(loaded, {.origins = PrintOptions::Origins::kShown});
  EXPECT_THAT(text, HasSubstr("    timeout: 9s  # from over.yaml:3:14\n"));
  EXPECT_THAT(text, HasSubstr("  shards: 2  # from --set flameway.shards:1:1\n"));
  EXPECT_THAT(text, HasSubstr("    endpoint: backend:4317  # from base.yaml:2:35\n"));
  EXPECT_THAT(text, HasSubstr("  coalesce: lossless\n"));
}

TEST_F(PrintConfigTest, KeepsAwkwardTextThroughARoundTrip) {
  files["/text"] = "a: b # c\n\"q\" \\ $x ${env:NO} \x01 \xc3\xa9";
  LoadResult loaded = LoadText(Minimal("", "authority: \"${file:/text}\""));
  ASSERT_TRUE(loaded.config.has_value()) << Shown(loaded);
  const std::string text = PrintConfig(loaded, {});
  const LoadResult again = LoadText(text);
  ASSERT_TRUE(again.config.has_value()) << Shown(again) << text;
  EXPECT_EQ(std::get<OtlpGrpcExporterOptions>(again.config->exporters[0].options).authority,
            files["/text"]);
}

TEST_F(PrintConfigTest, TheBuiltInConfigurationPrintsAndLoads) {
  const LoadResult loaded = Load({});
  ASSERT_TRUE(loaded.config.has_value()) << Shown(loaded);
  const std::string text = PrintConfig(loaded, {});
  const LoadResult again = LoadText(text);
  ASSERT_TRUE(again.config.has_value()) << Shown(again);
  EXPECT_EQ(PrintConfig(again, {}), text);
}

// Every line "key: value" of a fully written configuration must be a key the documentation names.
TEST_F(PrintConfigTest, EveryPrintedKeyIsDocumented) {
  variables["TOKEN"] = "t";
  const std::string docs = ReadTestFile("docs/configuration.md");
  for (const char* file : {"every_key.yaml", "transforms.yaml"}) {
    const LoadResult loaded = LoadText(ReadTestFile(std::string("testdata/config/good/") + file));
    ASSERT_TRUE(loaded.config.has_value()) << Shown(loaded);
    std::istringstream lines(PrintConfig(loaded, {}));
    for (std::string line; std::getline(lines, line);) {
      const size_t begin = line.find_first_not_of(" -");
      const std::string key = line.substr(begin, line.find(':', begin) - begin);
      if (key.find('/') != std::string::npos || key.starts_with("x-")) continue;  // ids, headers
      EXPECT_THAT(docs, HasSubstr("`" + key + "`"));
    }
  }
}

}  // namespace
}  // namespace flameway
