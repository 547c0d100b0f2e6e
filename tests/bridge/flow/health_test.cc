// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/health.h"

#include <chrono>

#include "gtest/gtest.h"

namespace flameway {
namespace {

using std::chrono::milliseconds;

TEST(HealthTest, IsUnavailableUntilServingAndAgainFromStoppingOn) {
  Health health;
  const Health::WallTime start{std::chrono::seconds(1'700'000'000)};
  EXPECT_EQ(health.ReportAt(start).http_status, 503U);
  health.SetServing(start);
  EXPECT_EQ(health.ReportAt(start).http_status, 200U);
  health.SetNotServing();
  EXPECT_EQ(health.ReportAt(start).http_status, 503U);
}

TEST(HealthTest, WordsItsReportLikeTheCollector) {
  Health health;
  const Health::WallTime start{std::chrono::seconds(1'700'000'000)};
  EXPECT_EQ(health.ReportAt(start).json,
            R"({"status":"Server not available","upSince":"0001-01-01T00:00:00Z","uptime":""})");
  health.SetServing(start);
  EXPECT_EQ(health.ReportAt(start + milliseconds(1'500)).json,
            R"({"status":"Server available","upSince":"2023-11-14T22:13:20Z","uptime":"1.500s"})");
}

}  // namespace
}  // namespace flameway
