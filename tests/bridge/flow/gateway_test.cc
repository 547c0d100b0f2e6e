// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/gateway.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

#include "bridge/export/otlp_grpc.h"
#include "bridge/export/otlp_http.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spdlog/sinks/ostream_sink.h"
#include "tests/bridge/flow/request_bytes.h"
#include "tests/bridge/flow/scripted_exporter.h"

namespace flameway {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// One HTTP/1.1 exchange on a connection of its own; empty when nobody listens.
std::string Exchange(uint16_t port, const std::string& request) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string response;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    ssize_t got = 0;
    while ((got = recv(fd, buffer, sizeof buffer, 0)) > 0) {
      response.append(buffer, static_cast<size_t>(got));
    }
  }
  close(fd);
  return response;
}

std::string Get(uint16_t port, const std::string& path) {
  return Exchange(port, "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}

std::string Post(uint16_t port, const std::string& path, const std::string& body) {
  return Exchange(port, "POST " + path +
                            " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                            "Content-Type: application/x-protobuf\r\nContent-Length: " +
                            std::to_string(body.size()) + "\r\n\r\n" + body);
}

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() {
    options_.shards = 1;
    ReceiverSpec receiver;
    receiver.grpc.emplace().endpoint = "127.0.0.1:0";
    receiver.http.emplace().endpoint = "127.0.0.1:0";
    options_.receivers.push_back(std::move(receiver));
    options_.exporters.push_back(
        {.name = "memory", .create = [this] { return destination_.MakeExporter(); }});
    options_.pipelines.push_back({.receivers = {0}, .exporters = {0}});
    options_.health = {.endpoint = "127.0.0.1:0", .path = "/"};
    options_.metrics = {.endpoint = "127.0.0.1:0", .path = "/metrics"};
  }
  void Start() {
    auto gateway = Gateway::Create(options_, log_);
    ASSERT_TRUE(gateway.ok()) << gateway.status();
    gateway_ = *std::move(gateway);
    ASSERT_TRUE(gateway_->Start().ok());
  }

  std::ostringstream out_;
  Log log_{
      {.level = LogLevel::kError, .sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out_)}};
  Destination destination_;
  GatewayOptions options_;
  std::unique_ptr<Gateway> gateway_;
};

TEST_F(GatewayTest, ARequestOverHttpReachesTheDestination) {
  Start();
  EXPECT_NE(gateway_->grpc_port(0), 0);
  EXPECT_THAT(
      Post(gateway_->http_port(0), "/v1development/profiles", RequestBytes({.profiles = 2})),
      StartsWith("HTTP/1.1 200"));
  gateway_->Stop();
  EXPECT_EQ(destination_.delivered_counts().profiles, 2U);
  EXPECT_EQ(destination_.stops(), 1);
  EXPECT_EQ(Get(gateway_->http_port(0), "/"), "");
}

TEST_F(GatewayTest, ServesHealthAndMetrics) {
  Start();
  EXPECT_THAT(Get(gateway_->health_port(), "/"), HasSubstr(R"({"status":"Server available",)"));
  const std::string metrics = Get(gateway_->metrics_port(), "/metrics");
  EXPECT_THAT(metrics, HasSubstr("Content-Type: text/plain; version=0.0.4"));
  EXPECT_THAT(metrics, HasSubstr("\notelcol_process_uptime "));
  EXPECT_THAT(Get(gateway_->metrics_port(), "/other"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(Post(gateway_->metrics_port(), "/metrics", ""), StartsWith("HTTP/1.1 405"));
}

TEST_F(GatewayTest, IsUnhealthyWhileDraining) {
  destination_.ShutGate();
  Start();
  Post(gateway_->http_port(0), "/v1development/profiles", RequestBytes({}));
  destination_.AwaitAttempts(1);
  const uint16_t health_port = gateway_->health_port();
  std::thread stopper([this] { gateway_->Stop(); });
  std::string health;
  while (!(health = Get(health_port, "/")).starts_with("HTTP/1.1 503")) std::this_thread::yield();
  destination_.OpenGate();
  stopper.join();
  EXPECT_EQ(destination_.delivered_counts().profiles, 1U);
}

// Takes connections, as the kernel does for a process that hangs, and never says a word.
class SilentPeer {
 public:
  SilentPeer() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd_, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(fd_, 16), 0);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    endpoint_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~SilentPeer() { close(fd_); }
  SilentPeer(const SilentPeer&) = delete;
  SilentPeer& operator=(const SilentPeer&) = delete;
  const std::string& endpoint() const { return endpoint_; }

 private:
  const int fd_;
  std::string endpoint_;
};

TEST_F(GatewayTest, DestinationsThatHangDoNotHoldUpTheEnd) {
  const SilentPeer peer;
  options_.exporters.clear();
  options_.exporters.push_back({.name = "grpc", .create = [&peer] {
                                  OtlpGrpcExporterOptions options{.endpoint = peer.endpoint()};
                                  options.timeout = std::chrono::hours(1);
                                  options.tls.insecure = true;
                                  return CreateOtlpGrpcExporter(options);
                                }});
  options_.exporters.push_back({.name = "http", .create = [&peer] {
                                  OtlpHttpExporterOptions options;
                                  options.profiles_endpoint = "http://" + peer.endpoint() + "/";
                                  options.timeout = std::chrono::hours(1);
                                  return CreateOtlpHttpExporter(options);
                                }});
  options_.pipelines[0].exporters = {0, 1};
  options_.drain_deadline = std::chrono::milliseconds(100);
  Start();
  for (uint64_t i = 0; i < 3; ++i) {
    EXPECT_THAT(Post(gateway_->http_port(0), "/v1development/profiles",
                     RequestBytes({.profiles = 2, .seed = i})),
                StartsWith("HTTP/1.1 200"));
  }
  gateway_->Stop();
  const std::string metrics = gateway_->PrometheusText();
  for (const std::string name : {"grpc", "http"}) {
    EXPECT_THAT(metrics, HasSubstr("flameway_exporter_profiles_dropped{exporter=\"" + name +
                                   "\",pipeline=\"profiles\",reason=\"shutdown\"} 6\n"));
  }
}

TEST_F(GatewayTest, APortInUseIsAnErrorThatNamesTheReceiver) {
  Start();
  GatewayOptions second = options_;
  second.receivers[0].grpc.reset();
  second.receivers[0].http->endpoint = "127.0.0.1:" + std::to_string(gateway_->http_port(0));
  auto other = Gateway::Create(second, log_);
  ASSERT_TRUE(other.ok());
  EXPECT_THAT(std::string((*other)->Start().message()), HasSubstr("receiver otlp http"));
}

TEST_F(GatewayTest, AnExporterThatCannotStartIsAnErrorThatNamesIt) {
  destination_.set_start_status(absl::FailedPreconditionError("no such folder"));
  auto gateway = Gateway::Create(options_, log_);
  ASSERT_TRUE(gateway.ok());
  EXPECT_EQ((*gateway)->Start().message(), "exporter memory: no such folder");
}

}  // namespace
}  // namespace flameway
