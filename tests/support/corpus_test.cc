// SPDX-License-Identifier: Apache-2.0
#include "tests/support/corpus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/expanded_profiles.h"
#include "tests/support/well_formed.h"

namespace flameway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string Framed(const std::string& request) {
  std::string out(3, '\0');
  out.push_back(static_cast<char>(request.size()));
  return out + request;
}

TEST(SplitRequestsTest, FramesMustFillTheFile) {
  EXPECT_THAT(SplitRequests(""), IsEmpty());
  EXPECT_THAT(SplitRequests(Framed("ab") + Framed("") + Framed("c")), ElementsAre("ab", "", "c"));
  const std::string bare("\x0a\x02\x12\x00", 4);
  EXPECT_THAT(SplitRequests(bare), ElementsAre(bare));
  const std::string cut = Framed("ab") + "x";
  EXPECT_THAT(SplitRequests(cut), ElementsAre(cut));
}

TEST(ReadFileTest, AMissingFileIsAnError) {
  EXPECT_EQ(ReadFile(testing::TempDir() + "/not/there").status().code(),
            absl::StatusCode::kNotFound);
}

TEST(RecordingsTest, CaptureOfTheEbpfProfilerIsWellFormed) {
  const auto file = FindSharedFile("ebpf/idle-20hz.otlp");
  if (!file) GTEST_SKIP() << kNoSharedFile;
  const auto requests = ReadRequests(*file);
  ASSERT_TRUE(requests.ok()) << requests.status();
  ASSERT_THAT(*requests, SizeIs(4));
  for (const std::string& bytes : *requests) {
    const auto request = ParseRequest(bytes);
    ASSERT_TRUE(request.ok()) << request.status();
    EXPECT_THAT(CheckWellFormed(*request), IsEmpty());
  }
}

ExpandedProfiles ExpandFile(const std::string& path, Dialect dialect) {
  ExpandedProfiles expanded;
  const auto requests = ReadRequests(path);
  EXPECT_TRUE(requests.ok()) << requests.status();
  for (const std::string& bytes : *requests) {
    const auto request = ParseRequest(bytes, dialect);
    EXPECT_TRUE(request.ok()) << request.status();
    if (request.ok()) expanded.Add(*request);
  }
  return expanded;
}

TEST(RecordingsTest, AnOldCaptureEqualsItsRenumberedTwin) {
  const auto old = FindSharedFile("captures/k8s.otlp");
  const auto first = FindSharedFile("otlp-1.10-from-jfr/k8s-1.as1.10.otlp");
  const auto second = FindSharedFile("otlp-1.10-from-jfr/k8s-2.as1.10.otlp");
  if (!old || !first || !second) GTEST_SKIP() << kNoSharedFile;
  const ExpandedProfiles expanded = ExpandFile(*old, Dialect::kV1_8);
  EXPECT_GT(expanded.distinct_samples(), 0u);
  EXPECT_EQ(expanded.empty_samples(), 0u);
  ExpandedProfiles twins;
  for (const auto& file : {first, second}) {
    const auto bytes = ReadFile(*file);
    ASSERT_TRUE(bytes.ok());
    for (const std::string& part : SplitRequests(*bytes)) {
      const auto request = ParseRequest(part);
      ASSERT_TRUE(request.ok());
      twins.Add(*request);
    }
  }
  EXPECT_EQ(expanded, twins) << expanded.DiffText(twins, 40);
}

TEST(RecordingsTest, ARelayThatWritesReferencesSaysTheSame) {
  const auto sent = FindSharedFile("ebpf/trace-97hz.otlp");
  const auto relayed = FindSharedFile("ebpf/relay-v0.164-trace-97hz.otlp");
  if (!sent || !relayed) GTEST_SKIP() << kNoSharedFile;
  const ExpandedProfiles expected = ExpandFile(*sent, Dialect::kV1_10);
  const ExpandedProfiles actual = ExpandFile(*relayed, Dialect::kV1_10);
  EXPECT_EQ(expected, actual) << expected.DiffText(actual, 40);
}

}  // namespace
}  // namespace flameway
