// SPDX-License-Identifier: Apache-2.0
// What losing times saves on real captures, and that it loses nothing else.
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bridge/compress/compressor.h"
#include "gtest/gtest.h"
#include "tests/bridge/transform/transform_case.h"
#include "tests/support/corpus.h"

namespace flameway {
namespace {

// By sample type and stack: frames as functions, files, addresses and mappings name them.
using Totals = std::map<std::string, int64_t>;

class Stacks {
 public:
  explicit Stacks(const schema::ProfilesDictionary& tables) : tables_(tables) {}

  std::string Text(const schema::Sample& sample) const {
    std::string text;
    for (const int location_index : tables_.stack_table(sample.stack_index()).location_indices()) {
      const schema::Location& location = tables_.location_table(location_index);
      text += String(tables_.mapping_table(location.mapping_index()).filename_strindex());
      text += "+" + std::to_string(location.address());
      for (const schema::Line& line : location.lines()) {
        const schema::Function& function = tables_.function_table(line.function_index());
        text += " " + String(function.name_strindex()) + "@" +
                String(function.filename_strindex()) + ":" + std::to_string(line.line());
      }
      text += ";";
    }
    return text;
  }
  const std::string& String(int index) const { return tables_.string_table(index); }

 private:
  const schema::ProfilesDictionary& tables_;
};

// A sample without values counts one for each of its times.
void AddTotals(const std::string& message, Totals& totals) {
  const auto request = ParseBytes(message);
  const Stacks stacks(request.dictionary());
  for (const auto& resource : request.resource_profiles()) {
    for (const auto& scope : resource.scope_profiles()) {
      for (const auto& profile : scope.profiles()) {
        const std::string type = stacks.String(profile.sample_type().type_strindex());
        for (const auto& sample : profile.samples()) {
          int64_t& total = totals[type + ": " + stacks.Text(sample)];
          if (sample.values().empty()) total += sample.timestamps_unix_nano_size();
          for (const int64_t value : sample.values()) total += value;
        }
      }
    }
  }
}

class ReduceCapturesTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name :
         {"idle-20hz", "goapp-97hz", "gobuild-20hz", "trace-97hz", "native-97hz", "python-97hz"}) {
      const auto file = FindSharedFile(std::string("ebpf/") + name + ".otlp");
      if (!file) GTEST_SKIP() << kNoSharedFile;
      auto read = ReadRequests(*file);
      ASSERT_TRUE(read.ok()) << read.status();
      for (std::string& request : *read) requests_.push_back(std::move(request));
    }
    for (const std::string& request : requests_) AddTotals(request, totals_);
    lossless_ = Zstd3(Merged("keep"));
  }

  std::string Merged(const std::string& timestamps) {
    return MergeBytes(PlanOf("processors: {reduce: {timestamps: " + timestamps +
                             "}}\nservice: {pipelines: {profiles: {processors: [reduce]}}}\n"),
                      requests_);
  }
  static double Zstd3(const std::string& message) {
    std::string out;
    EXPECT_TRUE(Compressor().Compress(Codec::kZstd, 3, message, &out).ok());
    return static_cast<double>(out.size());
  }
  void ExpectSameTotals(const std::string& message) {
    Totals totals;
    AddTotals(message, totals);
    EXPECT_EQ(totals.size(), totals_.size());
    EXPECT_TRUE(totals == totals_);
  }

  std::vector<std::string> requests_;
  Totals totals_;
  double lossless_ = 0;
};

TEST_F(ReduceCapturesTest, NothingIsLostWhereTimesAreKept) { ExpectSameTotals(Merged("keep")); }

TEST_F(ReduceCapturesTest, TimesRoundedToAMillisecondSaveATenth) {
  const std::string message = Merged("{round: 1ms}");
  ExpectSameTotals(message);
  EXPECT_LE(Zstd3(message), 0.91 * lossless_);
}

TEST_F(ReduceCapturesTest, TimesDroppedSaveAFifth) {
  const std::string message = Merged("drop");
  ExpectSameTotals(message);
  EXPECT_LE(Zstd3(message), 0.80 * lossless_);
}

}  // namespace
}  // namespace flameway
