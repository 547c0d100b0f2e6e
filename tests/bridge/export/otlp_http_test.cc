// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/otlp_http.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "bridge/compress/compressor.h"
#include "bridge/tls/tls_context.h"
#include "tests/bridge/export/rpc_messages.h"
#include "tests/bridge/export/scripted_http_server.h"
#include "tests/bridge/tls/test_certificates.h"

namespace flameway {
namespace {

using namespace std::chrono_literals;
using Outcome = Delivery::Outcome;
using Request = ScriptedHttpServer::Request;

constexpr const char* kProtobuf = "Content-Type: application/x-protobuf\r\n";

// 2026-11-23 12:00:00 UTC, a Monday.
std::chrono::system_clock::time_point Noon() {
  return absl::ToChronoTime(
      absl::FromCivil(absl::CivilSecond(2026, 11, 23, 12, 0, 0), absl::UTCTimeZone()));
}

OtlpHttpExporterOptions OptionsFor(const std::string& scheme, const std::string& host,
                                   const ScriptedHttpServer& server) {
  OtlpHttpExporterOptions options;
  options.profiles_endpoint =
      scheme + "://" + host + ":" + std::to_string(server.port()) + "/v1development/profiles";
  options.timeout = 20s;
  return options;
}
OtlpHttpExporterOptions OptionsFor(const ScriptedHttpServer& server) {
  return OptionsFor("http", "127.0.0.1", server);
}

Frame FrameOf(const std::string& message, Codec codec = Codec::kNone) {
  Frame frame;
  frame.id = {0xfe};
  frame.codec = codec;
  EXPECT_TRUE(Compressor().Compress(codec, 0, message, &frame.payload).ok());
  frame.uncompressed_bytes = message.size();
  return frame;
}

class Sender {
 public:
  explicit Sender(const OtlpHttpExporterOptions& options) {
    auto exporter = CreateOtlpHttpExporter(options, Noon);
    EXPECT_TRUE(exporter.ok()) << exporter.status();
    exporter_ = *std::move(exporter);
    const absl::Status started = exporter_->Start();
    EXPECT_TRUE(started.ok()) << started;
    lane_ = exporter_->OpenLane();
  }
  Delivery Deliver(const Frame& frame) { return lane_->Deliver(frame); }

 private:
  std::unique_ptr<Exporter> exporter_;
  std::unique_ptr<ExportLane> lane_;
};

// One delivery to a server that answers thus.
Delivery DeliverTo(const std::string& answer) {
  ScriptedHttpServer server([&answer](const Request&) { return answer; });
  return Sender(OptionsFor(server)).Deliver(FrameOf("x"));
}

TEST(OtlpHttpTest, TheServerGetsTheFrameAsItIsWithTheHeadersOfTheProtocol) {
  ScriptedHttpServer server(
      [](const Request&) { return ScriptedHttpServer::Answer(200, kProtobuf, ""); });
  OtlpHttpExporterOptions options = OptionsFor(server);
  options.headers = {{"X-Scope-OrgID", "tenant"}, {"X-Empty", ""}};
  Sender sender(options);
  for (const Codec codec : {Codec::kNone, Codec::kGzip, Codec::kZstd}) {
    const Frame frame = FrameOf(std::string("a\0message", 9), codec);
    EXPECT_EQ(sender.Deliver(frame).outcome, Outcome::kDelivered);
    const Request request = server.requests().back();
    EXPECT_EQ(request.head.rfind("POST /v1development/profiles HTTP/1.1\r\n", 0), 0U);
    EXPECT_EQ(request.body, frame.payload);
    EXPECT_EQ(request.Header("content-type"), "application/x-protobuf");
    EXPECT_EQ(request.Header("content-encoding"),
              codec == Codec::kNone ? "" : std::string(CodecName(codec)));
    EXPECT_EQ(request.Header("x-profile-batch-id"), "fe000000000000000000000000000000");
    EXPECT_EQ(request.Header("x-scope-orgid"), "tenant");
    EXPECT_NE(request.head.find("X-Empty:\r\n"), std::string::npos) << request.head;
    EXPECT_EQ(request.Header("user-agent").rfind("flameway/", 0), 0U);
    EXPECT_EQ(request.Header("expect"), "");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(OtlpHttpTest, LargeFramesArriveWhole) {
  ScriptedHttpServer server([](const Request&) { return ScriptedHttpServer::Answer(200, "", ""); });
  const std::string message(20'000'000, 'm');
  EXPECT_EQ(Sender(OptionsFor(server)).Deliver(FrameOf(message)).outcome, Outcome::kDelivered);
  EXPECT_TRUE(server.requests().back().body == message);
}

TEST(OtlpHttpTest, EverySuccessStatusIsSuccess) {
  for (const int status : {200, 201, 202, 204}) {
    const Delivery delivery = DeliverTo(ScriptedHttpServer::Answer(status, "", ""));
    EXPECT_EQ(delivery.outcome, Outcome::kDelivered) << status;
    EXPECT_EQ(delivery.code, "");
    EXPECT_EQ(delivery.message, "");
  }
}

TEST(OtlpHttpTest, PartialSuccessIsDeliveredWithItsCountAndText) {
  const Delivery delivery =
      DeliverTo(ScriptedHttpServer::Answer(200, kProtobuf, ExportResponseMessage(2, "too old")));
  EXPECT_EQ(delivery.outcome, Outcome::kDelivered);
  EXPECT_EQ(delivery.rejected_profiles, 2);
  EXPECT_EQ(delivery.message, "too old");
}

TEST(OtlpHttpTest, AnAnswerThatCannotBeReadIsStillSuccess) {
  for (const std::string& answer : {ScriptedHttpServer::Answer(200, kProtobuf, "garbage"),
                                    ScriptedHttpServer::Answer(200, "", "<html>")}) {
    const Delivery delivery = DeliverTo(answer);
    EXPECT_EQ(delivery.outcome, Outcome::kDelivered);
    EXPECT_EQ(delivery.message, "accepted; the response could not be read");
  }
}

TEST(OtlpHttpTest, OnlyTheFourStatusesOfTheProtocolAreRetried) {
  for (const int status :
       {300, 400, 401, 403, 404, 405, 408, 413, 415, 429, 500, 501, 502, 503, 504}) {
    const Delivery delivery = DeliverTo(ScriptedHttpServer::Answer(status, "", "some text"));
    const bool retried = status == 429 || status == 502 || status == 503 || status == 504;
    EXPECT_EQ(delivery.outcome, retried ? Outcome::kRetry : Outcome::kPermanent) << status;
    EXPECT_EQ(delivery.code, std::to_string(status));
    EXPECT_EQ(delivery.message, "some text");
  }
}

TEST(OtlpHttpTest, TheMessageOfAnErrorBodyIsShown) {
  Delivery delivery =
      DeliverTo(ScriptedHttpServer::Answer(400, kProtobuf, RpcStatusMessage("no such tenant")));
  EXPECT_EQ(delivery.message, "no such tenant");
  delivery = DeliverTo(ScriptedHttpServer::Answer(400, kProtobuf, "garbage"));
  EXPECT_EQ(delivery.message, "HTTP status 400");
}

TEST(OtlpHttpTest, RedirectsAreNotFollowed) {
  ScriptedHttpServer elsewhere(
      [](const Request&) { return ScriptedHttpServer::Answer(200, "", ""); });
  for (const int status : {301, 302, 307, 308}) {
    const Delivery delivery = DeliverTo(ScriptedHttpServer::Answer(
        status, "Location: http://127.0.0.1:" + std::to_string(elsewhere.port()) + "/\r\n", ""));
    EXPECT_EQ(delivery.outcome, Outcome::kPermanent) << status;
  }
  EXPECT_EQ(elsewhere.connections(), 0);
}

TEST(OtlpHttpTest, RetryAfterIsTakenFromTheHeader) {
  const std::vector<std::pair<std::string, std::optional<std::chrono::milliseconds>>> cases = {
      {"30", 30s},
      {"Mon, 23 Nov 2026 12:00:10 GMT", 10s},
      {"Mon, 23 Nov 2026 11:00:00 GMT", std::nullopt},
      {"soon", std::nullopt},
      {"1000000000", 1h}};
  for (const auto& [value, expected] : cases) {
    const Delivery delivery =
        DeliverTo(ScriptedHttpServer::Answer(503, "Retry-After: " + value + "\r\n", ""));
    EXPECT_EQ(delivery.outcome, Outcome::kRetry);
    EXPECT_EQ(delivery.retry_after, expected) << value;
  }
}

TEST(OtlpHttpTest, RetryInfoInTheBodyCountsWithoutTheHeader) {
  const std::string body = RpcStatusMessage("busy", 7, 0);
  EXPECT_EQ(DeliverTo(ScriptedHttpServer::Answer(503, kProtobuf, body)).retry_after, 7s);
  EXPECT_EQ(DeliverTo(ScriptedHttpServer::Answer(503, std::string(kProtobuf) + "Retry-After: 3\r\n",
                                                 body))
                .retry_after,
            3s);
}

TEST(OtlpHttpTest, AnOversizeAnswerIsPermanent) {
  const Delivery delivery =
      DeliverTo(ScriptedHttpServer::Answer(200, "", std::string((4U << 20U) + 1, 'x')));
  EXPECT_EQ(delivery.outcome, Outcome::kPermanent);
  EXPECT_EQ(delivery.code, "response_too_large");
}

TEST(OtlpHttpTest, AConnectionClosedWithoutAnAnswerIsRetried) {
  const Delivery delivery = DeliverTo("");
  EXPECT_EQ(delivery.outcome, Outcome::kRetry);
  EXPECT_EQ(delivery.code, "closed");
  EXPECT_NE(delivery.message, "");
}

TEST(OtlpHttpTest, APeerThatDoesNotSpeakHttpIsRetried) {
  const Delivery delivery = DeliverTo("SSH-2.0-OpenSSH\r\n\r\n");
  EXPECT_EQ(delivery.outcome, Outcome::kRetry);
  EXPECT_EQ(delivery.code, "protocol");
}

TEST(OtlpHttpTest, NobodyThereIsRetried) {
  OtlpHttpExporterOptions options;
  {
    ScriptedHttpServer server([](const Request&) { return std::string(); });
    options = OptionsFor(server);
  }
  const Delivery delivery = Sender(options).Deliver(FrameOf("x"));
  EXPECT_EQ(delivery.outcome, Outcome::kRetry);
  EXPECT_EQ(delivery.code, "connect");
}

TEST(OtlpHttpTest, TheTimeoutEndsAnAttempt) {
  // Announces more than it sends.
  ScriptedHttpServer server(
      [](const Request&) { return std::string("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx"); });
  OtlpHttpExporterOptions options = OptionsFor(server);
  options.timeout = 100ms;
  const Delivery delivery = Sender(options).Deliver(FrameOf("x"));
  EXPECT_EQ(delivery.outcome, Outcome::kRetry);
  EXPECT_EQ(delivery.code, "timeout");
}

TEST(OtlpHttpTest, AnAttemptThatHangsCanBeCancelled) {
  absl::Notification asked;
  absl::Notification ended;
  ScriptedHttpServer server([&](const Request&) {
    asked.Notify();
    ended.WaitForNotification();
    return std::string();
  });
  OtlpHttpExporterOptions options = OptionsFor(server);
  options.timeout = 0s;  // none
  auto exporter = *CreateOtlpHttpExporter(options);
  const auto lane = exporter->OpenLane();
  std::thread canceller([&] {
    asked.WaitForNotification();
    exporter->Cancel();
  });
  const Delivery delivery = lane->Deliver(FrameOf("x"));
  canceller.join();
  EXPECT_EQ(delivery.outcome, Outcome::kRetry);
  EXPECT_EQ(delivery.code, "cancelled");
  EXPECT_EQ(lane->Deliver(FrameOf("x")).code, "cancelled") << "it stays cancelled";
  ended.Notify();
}

TEST(OtlpHttpTest, OversizeFramesAreNotSent) {
  ScriptedHttpServer server([](const Request&) { return ScriptedHttpServer::Answer(200, "", ""); });
  OtlpHttpExporterOptions options = OptionsFor(server);
  options.wire_form.max_request_bytes = 10;
  EXPECT_EQ(Sender(options).Deliver(FrameOf("eleven byte")).code, "request_too_large");
  EXPECT_EQ(server.connections(), 0);
}

TEST(OtlpHttpTest, WrongOptionsAreRefusedAtCreation) {
  for (const std::string url : {"", "host:4318", "ftp://host/", "http://", "unix:///x"}) {
    OtlpHttpExporterOptions options;
    options.profiles_endpoint = url;
    EXPECT_FALSE(CreateOtlpHttpExporter(options).ok()) << url;
  }
  OtlpHttpExporterOptions options;
  options.profiles_endpoint = "http://host/";
  options.headers = {{"a", "b\r\nc: d"}};
  EXPECT_FALSE(CreateOtlpHttpExporter(options).ok());
}

class OtlpHttpTlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (std::string("otlp_http_") +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    files_ = WriteTestCertificates(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<ScriptedHttpServer> Serve(const std::string& client_ca_file) const {
    TlsServerOptions options;
    options.cert_file = files_.server_cert_file;
    options.key_file = files_.server_key_file;
    options.client_ca_file = client_ca_file;
    auto context = CreateTlsServerContext(options);
    EXPECT_TRUE(context.ok()) << context.status();
    return std::make_unique<ScriptedHttpServer>(
        [](const Request&) { return ScriptedHttpServer::Answer(200, "", ""); },
        *std::move(context));
  }
  OtlpHttpExporterOptions TlsOptionsFor(const ScriptedHttpServer& server) const {
    OtlpHttpExporterOptions options = OptionsFor("https", "127.0.0.1", server);
    options.tls.ca_file = files_.ca_file;
    return options;
  }

  std::filesystem::path folder_;
  TestCertificates files_;
};

TEST_F(OtlpHttpTlsTest, DeliversOverTlsAndKeepsTheConnection) {
  const auto server = Serve("");
  Sender sender(TlsOptionsFor(*server));
  for (int i = 0; i < 3; ++i) {
    const Delivery delivery = sender.Deliver(FrameOf("x"));
    EXPECT_EQ(delivery.outcome, Outcome::kDelivered) << delivery.code << " " << delivery.message;
  }
  EXPECT_EQ(server->connections(), 1);
}

TEST_F(OtlpHttpTlsTest, AServerOfAnUnknownAuthorityGetsNothing) {
  const auto server = Serve("");
  OtlpHttpExporterOptions options = TlsOptionsFor(*server);
  options.tls.ca_file = files_.stranger_ca_file;
  const Delivery delivery = Sender(options).Deliver(FrameOf("x"));
  EXPECT_EQ(delivery.outcome, Outcome::kRetry);
  EXPECT_EQ(delivery.code, "tls") << delivery.message;
  EXPECT_TRUE(server->requests().empty());
  options.tls.insecure_skip_verify = true;
  EXPECT_EQ(Sender(options).Deliver(FrameOf("x")).outcome, Outcome::kDelivered);
}

TEST_F(OtlpHttpTlsTest, TheNameOfTheServerIsVerifiedAndMayBeOverridden) {
  const auto server = Serve("");
  OtlpHttpExporterOptions options = TlsOptionsFor(*server);
  options.tls.server_name_override = "elsewhere.test";
  EXPECT_EQ(Sender(options).Deliver(FrameOf("x")).code, "tls");
  options.tls.server_name_override = "localhost";
  const Delivery delivery = Sender(options).Deliver(FrameOf("x"));
  EXPECT_EQ(delivery.outcome, Outcome::kDelivered) << delivery.message;
  // The Host header still names the endpoint.
  EXPECT_EQ(server->requests().back().Header("host"),
            "127.0.0.1:" + std::to_string(server->port()));
}

TEST_F(OtlpHttpTlsTest, AServerThatAsksForACertificateGetsOurs) {
  const auto server = Serve(files_.ca_file);
  OtlpHttpExporterOptions options = TlsOptionsFor(*server);
  EXPECT_EQ(Sender(options).Deliver(FrameOf("x")).outcome, Outcome::kRetry);
  options.tls.cert_file = files_.client_cert_file;
  options.tls.key_file = files_.client_key_file;
  const Delivery delivery = Sender(options).Deliver(FrameOf("x"));
  EXPECT_EQ(delivery.outcome, Outcome::kDelivered) << delivery.code << " " << delivery.message;
}

TEST_F(OtlpHttpTlsTest, ALeastVersionAboveThePeersIsKept) {
  TlsServerOptions old;
  old.cert_file = files_.server_cert_file;
  old.key_file = files_.server_key_file;
  old.max_version = "1.2";
  ScriptedHttpServer server([](const Request&) { return ScriptedHttpServer::Answer(200, "", ""); },
                            *CreateTlsServerContext(old));
  OtlpHttpExporterOptions options = TlsOptionsFor(server);
  EXPECT_EQ(Sender(options).Deliver(FrameOf("x")).outcome, Outcome::kDelivered);
  options.tls.min_version = "1.3";
  EXPECT_EQ(Sender(options).Deliver(FrameOf("x")).code, "tls");
}

}  // namespace
}  // namespace flameway
