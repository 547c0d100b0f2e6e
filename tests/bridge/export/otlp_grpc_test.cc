// SPDX-License-Identifier: Apache-2.0
// Against gRPC's own server, which gets the messages as they came over the wire.
#include "bridge/export/otlp_grpc.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/notification.h"
#include "bridge/compress/compressor.h"
#include "bridge/compress/decompressor.h"
#include "bridge/export/grpc_reply.h"
#include "bridge/observe/mutex.h"
#include "tests/bridge/export/rpc_messages.h"
#include "tests/bridge/export/scripted_h2_server.h"
#include "tests/bridge/tls/test_certificates.h"

namespace flameway {
namespace {

using namespace std::chrono_literals;
using Outcome = Delivery::Outcome;

std::string ReadFile(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  std::string text;
  std::array<char, 4096> buffer;
  while (const size_t got = std::fread(buffer.data(), 1, buffer.size(), file)) {
    text.append(buffer.data(), got);
  }
  std::fclose(file);
  return text;
}

// gRPC's server with a handler for any method. Counts and keeps what it was sent.
class GrpcPeer {
 public:
  struct Call {
    std::string method;
    std::multimap<std::string, std::string> metadata;
    std::string message;  // as sent, compressed or not
  };
  struct Answer {
    grpc::Status status;
    std::string message;
    bool compress = false;
  };

  explicit GrpcPeer(
      Answer answer,
      std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials(),
      const std::string& address = "127.0.0.1:0")
      : service_(this), answer_(std::move(answer)) {
    grpc::ServerBuilder builder;
    builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
    builder.SetMaxReceiveMessageSize(-1);
    builder.AddListeningPort(address, std::move(credentials), &port_);
    builder.RegisterCallbackGenericService(&service_);
    server_ = builder.BuildAndStart();
  }
  ~GrpcPeer() { server_->Shutdown(std::chrono::system_clock::now()); }

  int port() const { return port_; }
  std::vector<Call> calls() {
    const MutexLock lock(mutex_);
    return calls_;
  }

 private:
  class Reactor final : public grpc::ServerGenericBidiReactor {
   public:
    Reactor(GrpcPeer* peer, grpc::GenericCallbackServerContext* context)
        : peer_(peer), context_(context) {
      StartRead(&request_);
    }
    void OnReadDone(bool ok) override {
      if (!ok) return Finish(grpc::Status(grpc::StatusCode::INTERNAL, "no message"));
      std::vector<grpc::Slice> slices;
      request_.Dump(&slices);
      Call call{.method = context_->method(), .metadata = {}, .message = {}};
      for (const auto& [name, value] : context_->client_metadata()) {
        call.metadata.emplace(std::string(name.data(), name.size()),
                              std::string(value.data(), value.size()));
      }
      for (const grpc::Slice& slice : slices) {
        call.message.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
      }
      {
        const MutexLock lock(peer_->mutex_);
        peer_->calls_.push_back(std::move(call));
      }
      if (!peer_->answer_.status.ok()) return Finish(peer_->answer_.status);
      if (peer_->answer_.compress) context_->set_compression_algorithm(GRPC_COMPRESS_GZIP);
      const grpc::Slice slice(peer_->answer_.message);
      response_ = grpc::ByteBuffer(&slice, 1);
      StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
    }
    void OnDone() override { delete this; }

   private:
    GrpcPeer* const peer_;
    grpc::GenericCallbackServerContext* const context_;
    grpc::ByteBuffer request_;
    grpc::ByteBuffer response_;
  };
  class Service final : public grpc::CallbackGenericService {
   public:
    explicit Service(GrpcPeer* peer) : peer_(peer) {}
    grpc::ServerGenericBidiReactor* CreateReactor(
        grpc::GenericCallbackServerContext* context) override {
      return new Reactor(peer_, context);
    }

   private:
    GrpcPeer* const peer_;
  };

  Service service_;
  const Answer answer_;
  int port_ = 0;
  Mutex mutex_;
  std::vector<Call> calls_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Server> server_;
};

OtlpGrpcExporterOptions OptionsFor(const std::string& endpoint) {
  OtlpGrpcExporterOptions options;
  options.endpoint = endpoint;
  options.timeout = 20s;
  options.tls.insecure = true;
  return options;
}
OtlpGrpcExporterOptions OptionsFor(const GrpcPeer& peer) {
  return OptionsFor("127.0.0.1:" + std::to_string(peer.port()));
}

Frame FrameOf(const std::string& message, Codec codec = Codec::kNone) {
  Frame frame;
  frame.id = {0x0a, 0x1b, 0x2c};
  frame.codec = codec;
  EXPECT_TRUE(Compressor().Compress(codec, 0, message, &frame.payload).ok());
  frame.uncompressed_bytes = message.size();
  return frame;
}

// An exporter that was started, and one of its lanes.
class Sender {
 public:
  explicit Sender(const OtlpGrpcExporterOptions& options) {
    auto exporter = CreateOtlpGrpcExporter(options);
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

TEST(OtlpGrpcTest, TheServerGetsTheFrameAsItIsWithTheHeadersOfTheProtocol) {
  GrpcPeer peer({});
  OtlpGrpcExporterOptions options = OptionsFor(peer);
  options.headers = {{"X-Scope-OrgID", "tenant"}};
  const Delivery delivery = Sender(options).Deliver(FrameOf("a message"));
  EXPECT_EQ(delivery.outcome, Outcome::kDelivered) << delivery.code << delivery.message;
  EXPECT_EQ(delivery.code, "");
  EXPECT_EQ(delivery.rejected_profiles, 0);
  const auto calls = peer.calls();
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].method,
            "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export");
  EXPECT_EQ(calls[0].message, "a message");
  EXPECT_EQ(calls[0].metadata.find("x-scope-orgid")->second, "tenant");
  EXPECT_EQ(calls[0].metadata.find("x-profile-batch-id")->second,
            "0a1b2c00000000000000000000000000");
  EXPECT_EQ(calls[0].metadata.find("user-agent")->second.rfind("flameway/", 0), 0U);
}

TEST(OtlpGrpcTest, EveryCodecArrivesAndCanBeDecoded) {
  GrpcPeer peer({});
  Sender sender(OptionsFor(peer));
  std::string message(300'000, '\0');
  for (size_t i = 0; i < message.size(); ++i) message[i] = static_cast<char>(i % 253);
  for (const Codec codec : {Codec::kNone, Codec::kGzip, Codec::kZstd, Codec::kSnappy}) {
    EXPECT_EQ(sender.Deliver(FrameOf(message, codec)).outcome, Outcome::kDelivered);
    std::string decoded;
    ASSERT_EQ(Decompressor({}).Decompress(codec, peer.calls().back().message, &decoded),
              DecompressError::kNone)
        << CodecName(codec);
    EXPECT_EQ(decoded, message) << CodecName(codec);
  }
}

TEST(OtlpGrpcTest, TheEncodingAndTheFlagSayWhatTheCodecIs) {
  ScriptedH2Server server(ScriptedH2Server::AnswerOk);
  OtlpGrpcExporterOptions options = OptionsFor(server.endpoint());
  options.timeout = 5s;
  options.user_agent = "mine";
  options.authority = "other";
  Sender sender(options);
  EXPECT_EQ(sender.Deliver(FrameOf("x", Codec::kZstd)).outcome, Outcome::kDelivered);
  EXPECT_EQ(sender.Deliver(FrameOf("x")).outcome, Outcome::kDelivered);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].headers.at("grpc-encoding"), "zstd");
  EXPECT_EQ(requests[0].headers.at("content-type"), "application/grpc");
  EXPECT_EQ(requests[0].headers.at("te"), "trailers");
  EXPECT_EQ(requests[0].headers.at("grpc-timeout"), "5000m");
  EXPECT_EQ(requests[0].headers.at("user-agent"), "mine");
  EXPECT_EQ(requests[0].headers.at(":authority"), "other");
  EXPECT_EQ(requests[0].headers.at(":scheme"), "http");
  EXPECT_EQ(requests[0].body[0], 1);
  EXPECT_EQ(requests[1].headers.count("grpc-encoding"), 0U);
  EXPECT_EQ(requests[1].body, std::string("\0\0\0\0\1x", 6));
}

TEST(OtlpGrpcTest, LargeFramesArriveWhole) {
  GrpcPeer peer({});
  Sender sender(OptionsFor(peer));
  std::string message(30'000'000, 'a');
  message.back() = 'z';
  EXPECT_EQ(sender.Deliver(FrameOf(message)).outcome, Outcome::kDelivered);
  EXPECT_TRUE(peer.calls().back().message == message);
}

TEST(OtlpGrpcTest, PartialSuccessIsDeliveredWithItsCountAndText) {
  for (const bool compress : {false, true}) {
    GrpcPeer peer(
        {.status = {}, .message = ExportResponseMessage(3, "too old"), .compress = compress});
    const Delivery delivery = Sender(OptionsFor(peer)).Deliver(FrameOf("x", Codec::kGzip));
    EXPECT_EQ(delivery.outcome, Outcome::kDelivered);
    EXPECT_EQ(delivery.rejected_profiles, 3);
    EXPECT_EQ(delivery.message, "too old");
  }
}

TEST(OtlpGrpcTest, AnEmptyPartialSuccessIsSuccess) {
  GrpcPeer peer({.status = {}, .message = ExportResponseMessage(0, "")});
  const Delivery delivery = Sender(OptionsFor(peer)).Deliver(FrameOf("x"));
  EXPECT_EQ(delivery.outcome, Outcome::kDelivered);
  EXPECT_EQ(delivery.message, "");
}

TEST(OtlpGrpcTest, AnAnswerThatCannotBeReadIsStillSuccess) {
  GrpcPeer peer({.status = {}, .message = "garbage"});
  const Delivery delivery = Sender(OptionsFor(peer)).Deliver(FrameOf("x"));
  EXPECT_EQ(delivery.outcome, Outcome::kDelivered);
  EXPECT_EQ(delivery.message, "accepted; the response could not be read");
}

TEST(OtlpGrpcTest, EveryStatusOfTheServerIsJudgedByTheTable) {
  for (int code = 1; code <= 16; ++code) {
    GrpcPeer peer({.status = grpc::Status(static_cast<grpc::StatusCode>(code), "caf\xC3\xA9 100%"),
                   .message = {}});
    const Delivery delivery = Sender(OptionsFor(peer)).Deliver(FrameOf("x"));
    const bool retried =
        code == 1 || code == 4 || code == 10 || code == 11 || code == 14 || code == 15;
    EXPECT_EQ(delivery.outcome, retried ? Outcome::kRetry : Outcome::kPermanent) << code;
    EXPECT_EQ(delivery.code, RpcCodeName(static_cast<RpcCode>(code)));
    EXPECT_EQ(delivery.message, "caf\xC3\xA9 100%");
    EXPECT_EQ(delivery.retry_after, std::nullopt);
  }
}

TEST(OtlpGrpcTest, RetryInfoMakesResourceExhaustedRetryable) {
  GrpcPeer peer({.status = grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "quota",
                                        RpcStatusMessage("quota", 5, 0)),
                 .message = {}});
  const Delivery delivery = Sender(OptionsFor(peer)).Deliver(FrameOf("x"));
  EXPECT_EQ(delivery.outcome, Outcome::kRetry);
  EXPECT_EQ(delivery.retry_after, 5s);
}

TEST(OtlpGrpcTest, OversizeFramesAreNotSent) {
  GrpcPeer peer({});
  OtlpGrpcExporterOptions options = OptionsFor(peer);
  options.wire_form.max_request_bytes = 10;
  const Delivery delivery = Sender(options).Deliver(FrameOf("eleven byte"));
  EXPECT_EQ(delivery.outcome, Outcome::kPermanent);
  EXPECT_EQ(delivery.code, "request_too_large");
  EXPECT_TRUE(peer.calls().empty());
}

TEST(OtlpGrpcTest, AnOversizeAnswerIsPermanent) {
  GrpcPeer peer({.status = {}, .message = std::string((4U << 20U) + 1, 'x')});
  const Delivery delivery = Sender(OptionsFor(peer)).Deliver(FrameOf("x"));
  EXPECT_EQ(delivery.outcome, Outcome::kPermanent);
  EXPECT_EQ(delivery.code, "response_too_large");
}

TEST(OtlpGrpcTest, AnAnswerThatInflatesBeyondTheLimitIsPermanent) {
  GrpcPeer peer({.status = {}, .message = std::string(8U << 20U, 'x'), .compress = true});
  const Delivery delivery = Sender(OptionsFor(peer)).Deliver(FrameOf("x"));
  EXPECT_EQ(delivery.outcome, Outcome::kPermanent);
  EXPECT_EQ(delivery.code, "response_too_large");
}

TEST(OtlpGrpcTest, AnswersWithoutAGrpcStatusGoByTheHttpStatus) {
  const std::vector<std::pair<std::string, Outcome>> cases = {
      {"200", Outcome::kPermanent}, {"400", Outcome::kPermanent}, {"401", Outcome::kPermanent},
      {"404", Outcome::kPermanent}, {"429", Outcome::kRetry},     {"502", Outcome::kRetry},
      {"503", Outcome::kRetry},     {"504", Outcome::kRetry},     {"500", Outcome::kPermanent}};
  for (const auto& [status, outcome] : cases) {
    ScriptedH2Server server([&status = status](ScriptedH2Server::Connection& connection,
                                               const ScriptedH2Server::Request& request) {
      connection.Answer(request.stream, {{":status", status}, {"content-type", "text/html"}},
                        "<html>", {});
    });
    const Delivery delivery = Sender(OptionsFor(server.endpoint())).Deliver(FrameOf("x"));
    EXPECT_EQ(delivery.outcome, outcome) << status;
    EXPECT_NE(delivery.message.find(status), std::string::npos);
  }
}

TEST(OtlpGrpcTest, FailuresOfTheConnectionAreRetried) {
  using Connection = ScriptedH2Server::Connection;
  using Request = ScriptedH2Server::Request;
  const std::vector<std::pair<std::string, ScriptedH2Server::Script>> cases = {
      {"closed", [](Connection& connection, const Request&) { connection.Close(); }},
      {"reset", [](Connection& c, const Request& request) { c.Reset(request.stream, 2); }},
      {"refused", [](Connection& c, const Request& request) { c.Reset(request.stream, 7); }},
      {"refused", [](Connection& c, const Request&) { c.Goaway(0, 0, "bye"); }},
      {"timeout", [](Connection&, const Request&) {}},
  };
  for (const auto& [code, script] : cases) {
    ScriptedH2Server server(script);
    OtlpGrpcExporterOptions options = OptionsFor(server.endpoint());
    options.timeout = code == "timeout" ? 100ms : 20s;
    const Delivery delivery = Sender(options).Deliver(FrameOf("x"));
    EXPECT_EQ(delivery.outcome, Outcome::kRetry) << code;
    EXPECT_EQ(delivery.code, code);
    EXPECT_NE(delivery.message, "");
  }
}

TEST(OtlpGrpcTest, AnAttemptThatHangsCanBeCancelled) {
  absl::Notification asked;
  ScriptedH2Server server([&asked](ScriptedH2Server::Connection&, const auto&) { asked.Notify(); });
  OtlpGrpcExporterOptions options = OptionsFor(server.endpoint());
  options.timeout = 0s;  // none
  auto exporter = *CreateOtlpGrpcExporter(options);
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
}

TEST(OtlpGrpcTest, ADestinationThatIsNotThereIsRetriedAndFoundWhenItComes) {
  int port = 0;
  { port = GrpcPeer({}).port(); }
  Sender sender(OptionsFor("127.0.0.1:" + std::to_string(port)));
  const Delivery absent = sender.Deliver(FrameOf("x"));
  EXPECT_EQ(absent.outcome, Outcome::kRetry);
  EXPECT_EQ(absent.code, "connect");
}

TEST(OtlpGrpcTest, LanesReconnectWhenTheServerHasRestarted) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "otlp_grpc_restart";
  std::filesystem::create_directories(folder);
  // A Unix socket, so that the second server gets the same address for certain.
  const std::string address = "unix:" + (folder / "socket").string();
  Sender sender(OptionsFor(address));
  for (int i = 0; i < 3; ++i) {
    GrpcPeer peer({}, grpc::InsecureServerCredentials(), address);
    const Delivery delivery = sender.Deliver(FrameOf("x"));
    EXPECT_EQ(delivery.outcome, Outcome::kDelivered) << delivery.message;
    EXPECT_EQ(peer.calls().size(), 1U);
  }
  std::filesystem::remove_all(folder);
}

class OtlpGrpcTlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (std::string("otlp_grpc_") +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    files_ = WriteTestCertificates(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::shared_ptr<grpc::ServerCredentials> ServerCredentials(
      grpc_ssl_client_certificate_request_type clients) const {
    grpc::SslServerCredentialsOptions options(clients);
    options.pem_root_certs = ReadFile(files_.ca_file);
    options.pem_key_cert_pairs.push_back(
        {ReadFile(files_.server_key_file), ReadFile(files_.server_cert_file)});
    return grpc::SslServerCredentials(options);
  }
  OtlpGrpcExporterOptions TlsOptionsFor(const GrpcPeer& peer) const {
    OtlpGrpcExporterOptions options = OptionsFor("localhost:" + std::to_string(peer.port()));
    options.tls.insecure = false;
    options.tls.ca_file = files_.ca_file;
    return options;
  }

  std::filesystem::path folder_;
  TestCertificates files_;
};

TEST_F(OtlpGrpcTlsTest, DeliversOverTlsAndKeepsTheConnection) {
  GrpcPeer peer({}, ServerCredentials(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE));
  Sender sender(TlsOptionsFor(peer));
  const std::string message(3'000'000, 'm');
  for (int i = 0; i < 3; ++i) {
    const Delivery delivery = sender.Deliver(FrameOf(message));
    EXPECT_EQ(delivery.outcome, Outcome::kDelivered) << delivery.code << " " << delivery.message;
  }
  ASSERT_EQ(peer.calls().size(), 3U);
  EXPECT_TRUE(peer.calls()[2].message == message);
}

TEST_F(OtlpGrpcTlsTest, AServerOfAnUnknownAuthorityGetsNothing) {
  GrpcPeer peer({}, ServerCredentials(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE));
  OtlpGrpcExporterOptions options = TlsOptionsFor(peer);
  options.tls.ca_file = files_.stranger_ca_file;
  const Delivery delivery = Sender(options).Deliver(FrameOf("x"));
  EXPECT_EQ(delivery.outcome, Outcome::kRetry);
  EXPECT_EQ(delivery.code, "connect");
  EXPECT_NE(delivery.message.find("certificate"), std::string::npos) << delivery.message;
  EXPECT_TRUE(peer.calls().empty());
  options.tls.insecure_skip_verify = true;
  EXPECT_EQ(Sender(options).Deliver(FrameOf("x")).outcome, Outcome::kDelivered);
}

TEST_F(OtlpGrpcTlsTest, TheNameOfTheServerIsVerified) {
  GrpcPeer peer({}, ServerCredentials(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE));
  OtlpGrpcExporterOptions options = TlsOptionsFor(peer);
  options.tls.server_name_override = "elsewhere.test";
  EXPECT_EQ(Sender(options).Deliver(FrameOf("x")).outcome, Outcome::kRetry);
  options.endpoint = "127.0.0.1:" + std::to_string(peer.port());
  options.tls.server_name_override = "localhost";
  EXPECT_EQ(Sender(options).Deliver(FrameOf("x")).outcome, Outcome::kDelivered);
}

TEST_F(OtlpGrpcTlsTest, AServerThatAsksForACertificateGetsOurs) {
  GrpcPeer peer({}, ServerCredentials(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY));
  OtlpGrpcExporterOptions options = TlsOptionsFor(peer);
  EXPECT_EQ(Sender(options).Deliver(FrameOf("x")).outcome, Outcome::kRetry);
  options.tls.cert_file = files_.client_cert_file;
  options.tls.key_file = files_.client_key_file;
  const Delivery delivery = Sender(options).Deliver(FrameOf("x"));
  EXPECT_EQ(delivery.outcome, Outcome::kDelivered) << delivery.message;
}

TEST_F(OtlpGrpcTlsTest, NothingIsSentInClearTextBeforeStart) {
  GrpcPeer peer({});
  OtlpGrpcExporterOptions options = TlsOptionsFor(peer);
  const auto exporter = CreateOtlpGrpcExporter(options);
  ASSERT_TRUE(exporter.ok());
  const Delivery delivery = (*exporter)->OpenLane()->Deliver(FrameOf("x"));
  EXPECT_EQ(delivery.outcome, Outcome::kRetry);
  EXPECT_TRUE(peer.calls().empty());
}

TEST(OtlpGrpcOptionsTest, WrongOptionsAreRefusedAtCreation) {
  OtlpGrpcExporterOptions options = OptionsFor("no port");
  EXPECT_FALSE(CreateOtlpGrpcExporter(options).ok());
  options = OptionsFor("a:1");
  options.headers = {{"bad name", "x"}};
  EXPECT_FALSE(CreateOtlpGrpcExporter(options).ok());
  options = OptionsFor("a:1");
  options.user_agent = "a\nb";
  EXPECT_FALSE(CreateOtlpGrpcExporter(options).ok());
}

TEST(OtlpGrpcOptionsTest, AMissingCertificateFailsTheStart) {
  OtlpGrpcExporterOptions options = OptionsFor("a:1");
  options.tls.insecure = false;
  options.tls.ca_file = "/nonexistent/ca.pem";
  const auto exporter = CreateOtlpGrpcExporter(options);
  ASSERT_TRUE(exporter.ok());
  EXPECT_FALSE((*exporter)->Start().ok());
}

}  // namespace
}  // namespace flameway
