// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/load_config.h"

#include "gmock/gmock.h"
#include "tests/bridge/config/config_fixture.h"

namespace flameway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class LoadConfigTest : public ConfigTest {
 protected:
  GatewayConfig LoadGood(const std::string& text) {
    LoadResult result = LoadText(text);
    EXPECT_TRUE(result.config.has_value()) << Shown(result);
    return result.config.value_or(GatewayConfig());
  }
  GatewayConfig LoadFile(const std::string& name) {
    variables["TOKEN"] = "s3cr$t";
    return LoadGood(ReadTestFile("testdata/config/good/" + name));
  }
};

TEST_F(LoadConfigTest, TakesACollectorsGatewayOverAsItIs) {
  const GatewayConfig config = LoadFile("collector_gateway.yaml");
  ASSERT_EQ(config.receivers.size(), 1U);
  const OtlpGrpcReceiverOptions& grpc = *config.receivers[0].grpc;
  EXPECT_EQ(grpc.endpoint, "0.0.0.0:4317");
  EXPECT_EQ(grpc.max_request_bytes, size_t{32} << 20);
  EXPECT_EQ(grpc.max_connection_age, seconds(300));
  EXPECT_EQ(grpc.tls->client_ca_file, "/etc/otel/ca.crt");
  EXPECT_EQ(config.receivers[0].http->endpoint, "0.0.0.0:4318");

  ASSERT_EQ(config.pipelines.size(), 1U);
  const PipelineConfig& pipeline = config.pipelines[0];
  EXPECT_EQ(pipeline.memory_limiter->limit_bytes, size_t{750} << 20);
  EXPECT_EQ(pipeline.memory_limiter->spike_limit_bytes, size_t{150} << 20);
  EXPECT_EQ(pipeline.batch->timeout, seconds(1));
  EXPECT_EQ(pipeline.batch->send_batch_samples, 16'384U);
  EXPECT_EQ(pipeline.batch->send_batch_max_samples, 32'768U);

  ASSERT_EQ(config.exporters.size(), 1U);
  const ExporterConfig& exporter = config.exporters[0];
  EXPECT_EQ(exporter.id, "otlp_grpc/backend");
  const auto& options = std::get<OtlpGrpcExporterOptions>(exporter.options);
  EXPECT_EQ(options.wire_form.codec, Codec::kZstd);
  EXPECT_EQ(options.timeout, seconds(10));
  EXPECT_EQ(options.headers[1].second, "Bearer s3cr$t");
  EXPECT_EQ(options.tls.ca_file, "/etc/otel/backend-ca.crt");
  EXPECT_FALSE(options.tls.insecure);
  EXPECT_EQ(exporter.queue.num_consumers, 4);
  EXPECT_EQ(exporter.queue.queue_size, 500U);
  EXPECT_EQ(exporter.retry.initial_interval, seconds(1));
  EXPECT_EQ(exporter.retry.max_elapsed_time, milliseconds(0));
  EXPECT_FALSE(exporter.batch.has_value());

  EXPECT_EQ(config.health_check->endpoint, "0.0.0.0:13133");
  EXPECT_EQ(config.telemetry.log_level, TelemetryOptions::LogLevel::kWarn);
  EXPECT_EQ(config.telemetry.log_encoding, TelemetryOptions::LogEncoding::kJson);
  EXPECT_EQ(config.telemetry.metrics->port, 8889);
  EXPECT_EQ(config.telemetry.metrics->level, MetricsOptions::Level::kDetailed);
}

TEST_F(LoadConfigTest, EveryKeyReachesItsOption) {
  const GatewayConfig config = LoadFile("every_key.yaml");
  const OtlpGrpcReceiverOptions& grpc = *config.receivers[0].grpc;
  EXPECT_EQ(grpc.endpoint, "unix:/run/flameway/otlp.sock");
  EXPECT_EQ(grpc.max_request_bytes, size_t{16} << 20);
  EXPECT_EQ(grpc.max_concurrent_streams, 50);
  EXPECT_EQ(grpc.max_connection_idle, seconds(600));
  EXPECT_EQ(grpc.max_connection_age, seconds(1'200));
  EXPECT_EQ(grpc.max_connection_age_grace, seconds(60));
  EXPECT_EQ(grpc.keepalive_time, seconds(30));
  EXPECT_EQ(grpc.keepalive_timeout, seconds(5));
  EXPECT_EQ(grpc.min_client_ping_interval, seconds(1));
  EXPECT_FALSE(grpc.permit_pings_without_stream);
  EXPECT_THAT(config.receivers[0].schema.accept,
              testing::ElementsAre(Dialect::kV1_9, Dialect::kV1_10));
  EXPECT_EQ(config.receivers[0].schema.assume, Dialect::kV1_9);

  const OtlpHttpReceiverOptions& http = *config.receivers[1].http;
  EXPECT_EQ(http.endpoint, "[::1]:5318");
  EXPECT_THAT(http.paths, testing::ElementsAre("/v1development/profiles"));
  EXPECT_EQ(http.max_request_bytes, size_t{32} << 20);
  EXPECT_EQ(http.max_header_bytes, 8'192U);
  EXPECT_EQ(http.max_connections, 100);
  EXPECT_EQ(http.header_timeout, seconds(5));
  EXPECT_EQ(http.body_timeout, seconds(30));
  EXPECT_EQ(http.idle_timeout, seconds(60));
  EXPECT_EQ(http.tls->cert_pem, "CERT $ONE");
  EXPECT_EQ(http.tls->min_version, "1.3");
  EXPECT_EQ(http.tls->reload_interval, seconds(3'600));

  const PipelineConfig& first = config.pipelines[0];
  EXPECT_EQ(first.memory_limiter->soft_limit_bytes(), size_t{412} << 20);
  EXPECT_EQ(first.memory_limiter->check_interval, seconds(2));
  EXPECT_EQ(*first.batch, (BatchPolicy{.send_batch_samples = 100,
                                       .send_batch_max_samples = 200,
                                       .max_bytes = size_t{2} << 20,
                                       .timeout = seconds(3),
                                       .coalesce = Coalesce::kAll}));
  const PipelineConfig& second = config.pipelines[1];
  EXPECT_EQ(second.batch->timeout, seconds(4));
  EXPECT_EQ(second.batch->send_batch_samples, 7U);
  EXPECT_EQ(second.batch->coalesce, Coalesce::kNever);
  EXPECT_FALSE(second.memory_limiter.has_value());

  const ExporterConfig& exporter = config.exporters[0];
  const auto& client = std::get<OtlpGrpcExporterOptions>(exporter.options);
  EXPECT_EQ(client.wire_form, (WireForm{.codec = Codec::kSnappy,
                                        .level = 3,
                                        .row_order = WireForm::RowOrder::kByUse,
                                        .attribute_references = true,
                                        .max_request_bytes = size_t{4} << 20}));
  EXPECT_EQ(client.headers.size(), 2U);
  EXPECT_EQ(client.authority, "other");
  EXPECT_EQ(client.user_agent, "me/1");
  EXPECT_EQ(client.keepalive_time, seconds(20));
  EXPECT_EQ(client.keepalive_timeout, seconds(4));
  EXPECT_TRUE(client.tls.insecure_skip_verify);
  EXPECT_EQ(client.tls.server_name_override, "name");
  EXPECT_TRUE(client.tls.include_system_ca_certs_pool);
  EXPECT_FALSE(exporter.retry.enabled);
  EXPECT_EQ(exporter.retry.randomization_factor, 0.1);
  EXPECT_EQ(exporter.retry.multiplier, 2.5);
  EXPECT_FALSE(exporter.queue.enabled);
  EXPECT_EQ(exporter.queue.sizer, QueueOptions::Sizer::kItems);
  EXPECT_TRUE(exporter.queue.block_on_overflow);
  EXPECT_EQ(exporter.batch->send_batch_max_samples, 20U);
  EXPECT_EQ(exporter.batch->max_bytes, size_t{1} << 20);

  const auto& web = std::get<OtlpHttpExporterOptions>(config.exporters[1].options);
  EXPECT_EQ(web.profiles_endpoint, "https://http.example.com/otlp/v1development/profiles");
  EXPECT_EQ(web.wire_form.level, 11);
  const auto& file = std::get<FileExporterOptions>(config.exporters[2].options);
  EXPECT_EQ(file.layout, FileExporterOptions::Layout::kOneRequestPerFile);
  EXPECT_EQ(file.rotation_max_bytes, size_t{5} << 20);
  EXPECT_EQ(file.rotation_max_days, 6);
  EXPECT_EQ(file.rotation_max_backups, 7);
  EXPECT_TRUE(file.rotation_localtime);
  EXPECT_EQ(std::get<DebugExporterOptions>(config.exporters[3].options).verbosity,
            DebugExporterOptions::Verbosity::kDetailed);
  EXPECT_TRUE(std::holds_alternative<NopExporterOptions>(config.exporters[4].options));

  EXPECT_EQ(config.health_check->response_body, "it's \"up\"");
  EXPECT_FALSE(config.telemetry.metrics.has_value());
  EXPECT_EQ(config.shards, 3);
  EXPECT_EQ(config.coalesce, Coalesce::kNever);
  EXPECT_EQ(config.request_limits.max_request_bytes, size_t{8} << 20);
  EXPECT_EQ(config.request_limits.max_elements, 1'000U);
  EXPECT_EQ(config.request_limits.max_payload_bytes, 1'005U);
  EXPECT_EQ(config.request_limits.max_any_value_depth, 8U);
  EXPECT_EQ(config.batch_limits.max_encoded_bytes, size_t{16} << 20);
}

TEST_F(LoadConfigTest, NullBodiesMeanDefaults) {
  const GatewayConfig config = LoadFile("null_bodies.yaml");
  EXPECT_EQ(config.receivers[0].grpc->endpoint, "localhost:4317");
  EXPECT_EQ(config.receivers[0].http->endpoint, "localhost:4318");
  EXPECT_EQ(*config.pipelines[0].batch, BatchPolicy());
  EXPECT_EQ(config.health_check->endpoint, "localhost:13133");
}

TEST_F(LoadConfigTest, AnAbsentProtocolIsOff) {
  const GatewayConfig config = LoadGood(Minimal());
  EXPECT_TRUE(config.receivers[0].grpc.has_value());
  EXPECT_FALSE(config.receivers[0].http.has_value());
  EXPECT_FALSE(config.health_check.has_value());
  EXPECT_FALSE(config.pipelines[0].batch.has_value());
}

TEST_F(LoadConfigTest, ZeroKeepsOurBoundsWhereTheCollectorsZeroIsADefault) {
  const GatewayConfig config =
      LoadGood(Minimal("max_recv_msg_size_mib: 0, max_concurrent_streams: 0"));
  EXPECT_EQ(config.receivers[0].grpc->max_request_bytes, size_t{64} << 20);
  EXPECT_EQ(config.receivers[0].grpc->max_concurrent_streams, 100);
}

TEST_F(LoadConfigTest, AnExportersBatchInheritsTheSizerAndTheGatewaysCoalesce) {
  const GatewayConfig config = LoadGood(
      Minimal("", "sending_queue: {sizer: bytes, batch: {min_size: 1000000, max_size: 2000000}}") +
      "flameway: {coalesce: all}\n");
  EXPECT_EQ(
      *config.exporters[0].batch,
      (BatchPolicy{.send_batch_samples = 0, .max_bytes = 1'000'000, .coalesce = Coalesce::kAll}));
  EXPECT_EQ(LoadGood(Minimal("", "sending_queue: {batch: }")).exporters[0].batch, BatchPolicy());
}

TEST_F(LoadConfigTest, KeepaliveOfAClientIsOffUnlessItsBlockIsThere) {
  const auto time = [this](const char* exporter) {
    const GatewayConfig config = LoadGood(Minimal("", exporter));
    return std::get<OtlpGrpcExporterOptions>(config.exporters[0].options).keepalive_time;
  };
  EXPECT_EQ(time(""), milliseconds(0));
  EXPECT_EQ(time("keepalive: "), seconds(10));
  EXPECT_EQ(time("keepalive: {time: 30s}"), seconds(30));
}

TEST_F(LoadConfigTest, PercentagesNeedAKnownMemory) {
  const std::string text =
      "processors: {memory_limiter: {check_interval: 1s, limit_percentage: 50}}\n" + Minimal() + "";
  const std::vector<std::string> use = {"service.pipelines.profiles.processors=[memory_limiter]"};
  LoadResult result = LoadText(text, use);
  ASSERT_TRUE(result.config.has_value()) << Shown(result);
  EXPECT_EQ(result.config->pipelines[0].memory_limiter->limit_bytes, size_t{500} << 20);
  EXPECT_EQ(result.config->pipelines[0].memory_limiter->spike_limit_bytes, size_t{100} << 20);
  total_memory_bytes = 0;
  result = LoadText(text, use);
  EXPECT_THAT(Shown(result), testing::HasSubstr("memory of this machine is not known"));
}

TEST_F(LoadConfigTest, UnusedComponentsAreNotPartOfTheResult) {
  LoadResult result = LoadText(Minimal(), {"exporters.debug=", "processors.batch=",
                                           "receivers.otlp/x="
                                           "{protocols: {http: }}"});
  ASSERT_TRUE(result.config.has_value()) << Shown(result);
  EXPECT_EQ(result.config->exporters.size(), 1U);
  EXPECT_EQ(result.config->receivers.size(), 1U);
  EXPECT_TRUE(result.config->processors.empty());
  EXPECT_EQ(result.diagnostics.size(), 3U);
}

TEST_F(LoadConfigTest, AHostileNumberOfMistakesIsBounded) {
  std::string text = Minimal() + "extensions:\n";
  for (int i = 0; i < 1'500; ++i) text += "  wrong" + std::to_string(i) + ":\n";
  const LoadResult result = LoadText(text);
  EXPECT_FALSE(result.config.has_value());
  EXPECT_LE(result.diagnostics.size(), 400U);
}

}  // namespace
}  // namespace flameway
