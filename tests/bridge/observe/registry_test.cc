// SPDX-License-Identifier: Apache-2.0
#include "bridge/observe/registry.h"

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "bridge/observe/process_readings.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace flameway {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(CountersDefTest, NamesAreUniqueAndWellFormed) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kMetricCount; ++i) {
    const MetricDescription& metric = Describe(static_cast<Metric>(i));
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
    EXPECT_TRUE(metric.name.starts_with("otelcol_") || metric.name.starts_with("flameway_"));
    EXPECT_EQ(metric.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
    EXPECT_TRUE(metric.meaning.ends_with('.')) << metric.name;
  }
}

TEST(CountersDefTest, EveryLossComesWithAdvice) {
  for (size_t i = 0; i < kMetricCount; ++i) {
    const MetricDescription& metric = Describe(static_cast<Metric>(i));
    if (metric.severity == MetricDescription::Severity::kLoss) {
      EXPECT_FALSE(metric.advice.empty()) << metric.name;
    }
  }
}

TEST(RegistryTest, WritesHelpTypeLabelsAndValue) {
  Registry registry;
  Counter counter;
  counter.Add(41);
  counter.Add();
  registry.Add(Metric::kSchemaConflict, {{"receiver", "otlp"}, {"transport", "grpc"}}, counter);
  EXPECT_EQ(registry.PrometheusText(),
            "# HELP flameway_receiver_schema_conflict Accepted requests that mix encodings of "
            "several OTLP "
            "versions. Find the relay that joins messages of different versions.\n"
            "# TYPE flameway_receiver_schema_conflict counter\n"
            "flameway_receiver_schema_conflict{receiver=\"otlp\",transport=\"grpc\"} 42\n");
}

TEST(RegistryTest, SeriesOfOneMetricStandUnderOneHead) {
  Registry registry;
  Gauge first;
  Gauge second;
  Counter between;
  first.Set(-3);
  second.Add(7);
  second.Subtract(2);
  registry.Add(Metric::kInboxRequests, {{"shard", "0"}}, first);
  registry.Add(Metric::kLogSuppressed, {}, between);
  registry.Add(Metric::kInboxRequests, {{"shard", "1"}}, second);
  EXPECT_THAT(registry.PrometheusText(),
              HasSubstr("# TYPE flameway_shard_inbox_requests gauge\n"
                        "flameway_shard_inbox_requests{shard=\"0\"} -3\n"
                        "flameway_shard_inbox_requests{shard=\"1\"} 5\n"));
}

TEST(RegistryTest, EscapesLabelValues) {
  Registry registry;
  Counter counter;
  registry.Add(Metric::kSentSamples, {{"exporter", "a\"b\\c\nd"}}, counter);
  EXPECT_THAT(registry.PrometheusText(), HasSubstr("{exporter=\"a\\\"b\\\\c\\nd\"} 0\n"));
}

TEST(RegistryTest, SeriesShownOnceCountedAreLeftOutWhileZero) {
  Registry registry;
  Counter counter;
  registry.Add(Metric::kExporterDropped,
               {{"exporter", "e"}, {"pipeline", "p"}, {"reason", "shutdown"}}, counter,
               Registry::Show::kOnceCounted);
  EXPECT_EQ(registry.PrometheusText(), "");
  counter.Add(2);
  EXPECT_THAT(registry.PrometheusText(), HasSubstr("reason=\"shutdown\"} 2\n"));
}

TEST(RegistryTest, LargeCountersKeepTheirLastDigit) {
  Registry registry;
  Counter counter;
  counter.Add((uint64_t{1} << 60) + 1);
  registry.Add(Metric::kSentSamples, {{"exporter", "e"}}, counter);
  EXPECT_THAT(registry.PrometheusText(), HasSubstr(" 1152921504606846977\n"));
}

TEST(RegistryTest, ReadingsAreTakenAtEachScrape) {
  Registry registry;
  int scrapes = 0;
  registry.Add(Metric::kMemoryUsed, {}, [&scrapes] { return ++scrapes + 0.5; });
  EXPECT_THAT(registry.PrometheusText(), HasSubstr("flameway_memory_used_bytes 1.5\n"));
  EXPECT_THAT(registry.PrometheusText(), HasSubstr("flameway_memory_used_bytes 2.5\n"));
}

TEST(ProcessReadingsTest, ReportsMemoryAndCpuOfThisProcess) {
  Registry registry;
  RegisterProcessReadings(registry);
  EXPECT_THAT(registry.PrometheusText(), AllOf(HasSubstr("\notelcol_process_uptime "),
                                               HasSubstr("\notelcol_process_cpu_seconds "),
                                               HasSubstr("\notelcol_process_memory_rss "),
                                               Not(HasSubstr("otelcol_process_memory_rss 0\n"))));
}

}  // namespace
}  // namespace flameway
