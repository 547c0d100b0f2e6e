// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/gateway_plan.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace flameway {
namespace {

using ::testing::ElementsAre;

GatewayConfig TwoPipelines() {
  GatewayConfig config;
  config.receivers.resize(2);
  config.receivers[0].id = "otlp/a";
  config.receivers[0].grpc.emplace();
  config.receivers[1].id = "otlp/b";
  config.receivers[1].http.emplace();
  config.receivers[1].schema.assume = Dialect::kV1_9;
  config.exporters.resize(2);
  config.exporters[0].id = "nop";
  config.exporters[0].options = NopExporterOptions();
  config.exporters[1].id = "file";
  config.exporters[1].options = FileExporterOptions{.path = "out.otlp"};
  config.pipelines.resize(2);
  config.pipelines[0].receivers = {"otlp/b"};
  config.pipelines[0].exporters = {"file", "nop"};
  config.pipelines[1].receivers = {"otlp/a", "otlp/b"};
  config.pipelines[1].exporters = {"nop"};
  return config;
}

TEST(GatewayPlanTest, IdsBecomePositions) {
  const GatewayOptions plan = PlanGateway(TwoPipelines());
  ASSERT_EQ(plan.pipelines.size(), 2u);
  EXPECT_THAT(plan.pipelines[0].receivers, ElementsAre(1));
  EXPECT_THAT(plan.pipelines[0].exporters, ElementsAre(1, 0));
  EXPECT_THAT(plan.pipelines[1].receivers, ElementsAre(0, 1));
  EXPECT_EQ(plan.receivers[1].assumed_dialect, Dialect::kV1_9);
}

TEST(GatewayPlanTest, EachExporterIsMadeByItsFactory) {
  const GatewayOptions plan = PlanGateway(TwoPipelines());
  const auto exporter = plan.exporters[0].create();
  ASSERT_TRUE(exporter.ok());
  EXPECT_NE(*exporter, nullptr);
}

TEST(GatewayPlanTest, TheStrictestMemoryLimiterCounts) {
  GatewayConfig config = TwoPipelines();
  EXPECT_FALSE(PlanGateway(config).memory_limiter.has_value());
  config.pipelines[0].memory_limiter = {.limit_bytes = 300, .spike_limit_bytes = 50};
  config.pipelines[1].memory_limiter = {.limit_bytes = 200, .spike_limit_bytes = 10};
  EXPECT_EQ(PlanGateway(config).memory_limiter->limit_bytes, 200u);
}

TEST(GatewayPlanTest, PagesFollowTheConfiguration) {
  GatewayConfig config = TwoPipelines();
  config.telemetry.metrics = MetricsOptions{.host = "::1", .port = 9};
  EXPECT_EQ(PlanGateway(config).metrics->endpoint, "[::1]:9");
  EXPECT_FALSE(PlanGateway(config).health.has_value());
  config.telemetry.metrics.reset();
  EXPECT_FALSE(PlanGateway(config).metrics.has_value());
}

TEST(GatewayPlanTest, DestinationsAreDescribed) {
  EXPECT_THAT(DescribeDestinations(TwoPipelines()),
              ElementsAre("nop -> nowhere", "file -> out.otlp"));
}

}  // namespace
}  // namespace flameway
