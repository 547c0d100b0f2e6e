// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/validate_environment.h"

#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "tests/bridge/config/config_fixture.h"

namespace flameway {
namespace {

class ValidateEnvironmentTest : public ConfigTest {
 protected:
  void SetUp() override {
    folder_ =
        testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string File(const std::string& name) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path) << "text";
    return path;
  }
  std::string Check(const std::string& text) {
    const LoadResult loaded = LoadText(text);
    EXPECT_TRUE(loaded.config.has_value()) << Shown(loaded);
    if (!loaded.config) return "";
    return FormatDiagnostics(ValidateEnvironment(*loaded.config), ColorMode::kPlain);
  }
  std::string folder_;
};

TEST_F(ValidateEnvironmentTest, IsContentWithReadableFiles) {
  const std::string file = File("x.pem");
  EXPECT_EQ(Check(Minimal("tls: {cert_file: " + file + ", key_file: " + file + "}",
                          "tls: {ca_file: " + file + "}")),
            "");
}

TEST_F(ValidateEnvironmentTest, NamesEveryMissingFile) {
  const std::string shown = Check(
      Minimal("tls: {cert_file: /no/cert, key_file: /no/key, client_ca_file: " + folder_ + "}",
              "tls: {ca_file: /no/ca}"));
  EXPECT_THAT(shown,
              testing::HasSubstr("error[E0301]: receivers.otlp.protocols.grpc.tls.cert_file: "
                                 "cannot read /no/cert: No such file"));
  EXPECT_THAT(shown, testing::HasSubstr("/no/key"));
  EXPECT_THAT(shown, testing::HasSubstr("is a folder"));
  EXPECT_THAT(shown, testing::HasSubstr("exporters.otlp_grpc.tls.ca_file"));
}

TEST_F(ValidateEnvironmentTest, OutputFoldersMayBeMissingButNotImpossible) {
  const auto exporter = [](const std::string& path, const std::string& layout) {
    return "receivers: {otlp: {protocols: {grpc: }}}\n"
           "exporters: {file: {format: proto, layout: " +
           layout + ", path: " + path +
           "}}\n"
           "service: {pipelines: {profiles: {receivers: [otlp], exporters: [file]}}}\n";
  };
  const std::string file = File("plain");
  EXPECT_EQ(Check(exporter(folder_ + "/a/b/out", "length_prefixed")), "");
  EXPECT_EQ(Check(exporter(folder_ + "/a", "one_request_per_file")), "");
  EXPECT_EQ(Check(exporter(folder_ + "/a/b", "one_request_per_file")), "");
  EXPECT_EQ(Check(exporter("\"-\"", "length_prefixed")), "");
  EXPECT_THAT(Check(exporter(file + "/a/b", "one_request_per_file")),
              testing::HasSubstr("/plain is no folder"));
  std::filesystem::create_symlink(folder_ + "/nowhere", folder_ + "/dangling");
  EXPECT_THAT(Check(exporter(folder_ + "/dangling/out", "length_prefixed")),
              testing::HasSubstr("/dangling is no folder"));
  EXPECT_THAT(Check(exporter(file + "/out", "length_prefixed")), testing::HasSubstr("E0303"));
  EXPECT_THAT(Check(exporter(folder_, "length_prefixed")), testing::HasSubstr("is a folder"));
}

TEST_F(ValidateEnvironmentTest, AddressesMustBeOnes) {
  EXPECT_THAT(Check(Minimal("endpoint: \"300.0.0.1:4317\"")), testing::HasSubstr("E0302"));
  EXPECT_THAT(Check(Minimal("transport: unix, endpoint: /" + std::string(120, 'x'))),
              testing::HasSubstr("at most 107 bytes"));
  EXPECT_EQ(Check(Minimal("transport: unix, endpoint: " + folder_ + "/s")), "");
}

}  // namespace
}  // namespace flameway
