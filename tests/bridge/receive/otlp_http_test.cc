// SPDX-License-Identifier: Apache-2.0
#include "bridge/receive/otlp_http.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "bridge/tls/tls_context.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "opentelemetry/proto/collector/profiles/v1development/profiles_service.pb.h"
#include "tests/bridge/http/http_peer.h"
#include "tests/bridge/receive/intake_double.h"
#include "tests/bridge/tls/tls_fixture.h"

namespace flameway {
namespace {

using opentelemetry::proto::collector::profiles::v1development::ExportProfilesServiceResponse;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr char kPath[] = "/v1development/profiles";
constexpr char kProtobufLine[] = "Content-Type: application/x-protobuf\r\n";

google::rpc::Status StatusIn(const HttpReply& reply) {
  google::rpc::Status status;
  if (reply.headers.at("content-type") == "application/json") {
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(reply.body, &status).ok())
        << reply.body;
  } else {
    EXPECT_TRUE(status.ParseFromString(reply.body));
  }
  return status;
}

class OtlpHttpTest : public TlsFixture {
 protected:
  void Serve(OtlpHttpReceiverOptions options = {}) {
    options.endpoint = "127.0.0.1:0";
    auto receiver = OtlpHttpReceiver::Create(std::move(options), intake_.AsIntake());
    ASSERT_TRUE(receiver.ok()) << receiver.status();
    receiver_ = *std::move(receiver);
  }
  HttpReply Ask(const std::string& text) {
    HttpPeer peer(receiver_->bound_port());
    peer.Send(text);
    return peer.ReadReply();
  }
  HttpReply Export(const std::string& body, const std::string& more_lines = "") {
    return Ask(PostText(kPath, kProtobufLine + more_lines, body));
  }

  IntakeDouble intake_;  // outlives receiver_
  std::unique_ptr<OtlpHttpReceiver> receiver_;
};

TEST_F(OtlpHttpTest, FullSuccessIsAnEmptyBodyOfTheRequestsType) {
  Serve();
  for (const char* type : {"application/x-protobuf", "application/protobuf"}) {
    const HttpReply reply =
        Ask(PostText(kPath, "Content-Type: " + std::string(type) + "\r\n", "\x0A\x00"));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.headers.at("content-type"), type);
    EXPECT_EQ(reply.body, "");
  }
}

TEST_F(OtlpHttpTest, TheIntakeGetsTheBytesAsTheyCame) {
  Serve();
  const std::string body("\x0A\x03\x00\xFF\x80", 5);
  EXPECT_EQ(Export(body).status, 200);
  EXPECT_EQ(Export(body, "Content-Encoding: identity\r\n").status, 200);
  EXPECT_EQ(Export(body, "Content-Encoding: GZip\r\n").status, 200);
  EXPECT_EQ(Export(body, "Content-Encoding:  zstd \r\n").status, 200);
  const std::vector<Arrival> arrivals = intake_.Answered();
  ASSERT_EQ(arrivals.size(), 4U);
  // The declared coding counts, though the bytes are neither: the decoder will say so.
  const Codec codecs[] = {Codec::kNone, Codec::kNone, Codec::kGzip, Codec::kZstd};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(arrivals[i].body, body);
    EXPECT_EQ(arrivals[i].codec, codecs[i]);
    EXPECT_EQ(arrivals[i].transport, Transport::kHttp);
  }
  EXPECT_NE(arrivals[0].connection, arrivals[1].connection);
}

TEST_F(OtlpHttpTest, AnEmptyRequestIsHandedOnAndSucceeds) {
  Serve();
  EXPECT_EQ(Export("").status, 200);
  EXPECT_EQ(Ask("POST /v1development/profiles HTTP/1.1\r\nHost: h\r\n" +
                std::string(kProtobufLine) + "\r\n")  // not even a length
                .status,
            200);
  EXPECT_EQ(intake_.Answered().size(), 2U);
}

TEST_F(OtlpHttpTest, MediaTypesAreReadWithParametersAndInAnyCase) {
  Serve();
  const HttpReply reply =
      Ask(PostText(kPath, "Content-Type: Application/X-Protobuf ; charset=utf-8\r\n", ""));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.at("content-type"), "application/x-protobuf");
}

TEST_F(OtlpHttpTest, ProfilesAreTakenAtEachPathWithOrWithoutAQuery) {
  Serve();
  for (const char* path : {kPath, "/v1/profiles", "/v1/profiles?x=1"}) {
    EXPECT_EQ(Ask(PostText(path, kProtobufLine, "")).status, 200) << path;
  }
}

TEST_F(OtlpHttpTest, OtherPathsAreNotFound) {
  Serve();
  for (const char* path : {"/", "/v1/traces", "/v1/profiles/", "/v1/profilesx", "*"}) {
    const HttpReply reply = Ask(PostText(path, kProtobufLine, "x"));
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_EQ(reply.headers.at("content-type"), "application/x-protobuf");
    EXPECT_NE(StatusIn(reply).message(), "");
  }
  EXPECT_TRUE(intake_.Answered().empty());
}

TEST_F(OtlpHttpTest, OtherMethodsAreToldTheRightOne) {
  Serve();
  for (const char* method : {"GET", "PUT", "DELETE", "OPTIONS", "BREW"}) {
    const HttpReply reply = Ask(std::string(method) + " /v1/profiles HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(reply.status, 405) << method;
    EXPECT_EQ(reply.headers.at("allow"), "POST");
    EXPECT_EQ(reply.headers.at("content-type"), "application/json");
    EXPECT_NE(StatusIn(reply).message(), "");
  }
}

TEST_F(OtlpHttpTest, OtherMediaTypesAreRefusedInJson) {
  Serve();
  for (const char* line :
       {"", "Content-Type: application/json\r\n", "Content-Type: text/plain\r\n",
        "Content-Type: application/x-protobufx\r\n",
        "Content-Type: application/x-protobuf\r\nContent-Type: text/plain\r\n"}) {
    const HttpReply reply = Ask(PostText(kPath, line, "{}"));
    EXPECT_EQ(reply.status, 415) << line;
    EXPECT_EQ(reply.headers.at("content-type"), "application/json");
    EXPECT_THAT(StatusIn(reply).message(), testing::HasSubstr("application/x-protobuf"));
  }
}

TEST_F(OtlpHttpTest, OtherCodingsAreToldTheRightOnes) {
  Serve();
  for (const char* coding : {"br", "deflate", "snappy", "gzip, zstd", "x-gzip;q=1"}) {
    const HttpReply reply = Export("x", "Content-Encoding: " + std::string(coding) + "\r\n");
    EXPECT_EQ(reply.status, 415) << coding;
    EXPECT_EQ(reply.headers.at("accept-encoding"), "gzip, zstd");
    EXPECT_THAT(StatusIn(reply).message(), testing::HasSubstr("zstd"));
  }
  EXPECT_EQ(Export("x", "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n").status, 415);
  EXPECT_TRUE(intake_.Answered().empty());
}

TEST_F(OtlpHttpTest, ABodyMayBeAsLargeAsTheLimitAndNoLarger) {
  Serve({.max_request_bytes = 1000});
  EXPECT_EQ(Export(std::string(1000, 'x')).status, 200);
  const HttpReply reply = Export(std::string(1001, 'x'));
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.headers.count("retry-after"), 0U);
  EXPECT_EQ(StatusIn(reply).code(), 8);
  EXPECT_EQ(StatusIn(reply).details_size(), 0);
  const HttpReply chunked =
      Ask("POST /v1/profiles HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-protobuf\r\n"
          "Transfer-Encoding: chunked\r\n\r\n3e8\r\n" +
          std::string(1000, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n");
  EXPECT_EQ(chunked.status, 413);
  EXPECT_EQ(chunked.headers.at("content-type"), "application/x-protobuf");
  EXPECT_EQ(intake_.Answered().size(), 1U);
}

TEST_F(OtlpHttpTest, PartialSuccessIsInTheBody) {
  Serve();
  intake_.AnswerWith({.rejected_profiles = 3, .message = "3 of 10 profiles refused"});
  const HttpReply reply = Export("\x0A");
  EXPECT_EQ(reply.status, 200);
  ExportProfilesServiceResponse response;
  ASSERT_TRUE(response.ParseFromString(reply.body));
  EXPECT_EQ(response.partial_success().rejected_profiles(), 3);
  EXPECT_EQ(response.partial_success().error_message(), "3 of 10 profiles refused");
}

TEST_F(OtlpHttpTest, InvalidDataIsABadRequestThatNamesTheFields) {
  Serve();
  intake_.AnswerWith({.kind = Answer::Kind::kInvalid,
                      .message = "no profile was usable",
                      .violations = {{"profiles[0]", "index out of range"}}});
  const HttpReply reply = Export("\x0A");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.headers.at("content-type"), "application/x-protobuf");
  EXPECT_EQ(reply.headers.count("retry-after"), 0U);
  const google::rpc::Status status = StatusIn(reply);
  EXPECT_EQ(status.code(), 3);
  EXPECT_EQ(status.message(), "no profile was usable");
  google::rpc::BadRequest bad;
  ASSERT_EQ(status.details_size(), 1);
  ASSERT_TRUE(status.details(0).UnpackTo(&bad));
  EXPECT_EQ(bad.field_violations(0).field(), "profiles[0]");
}

TEST_F(OtlpHttpTest, TooLargeAfterDecompressionIsNotRetryable) {
  Serve();
  intake_.AnswerWith({.kind = Answer::Kind::kTooLarge, .message = "over 256 MiB"});
  const HttpReply reply = Export("\x0A");
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.headers.count("retry-after"), 0U);
  EXPECT_EQ(StatusIn(reply).message(), "over 256 MiB");
}

TEST_F(OtlpHttpTest, OverloadSaysWhenToComeBack) {
  Serve();
  intake_.AnswerWith(
      {.kind = Answer::Kind::kUnavailable, .message = "memory", .retry_after = milliseconds(2500)});
  const HttpReply reply = Export("\x0A");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.headers.at("retry-after"), "3");
  google::rpc::RetryInfo info;
  const google::rpc::Status status = StatusIn(reply);
  ASSERT_EQ(status.details_size(), 1);
  ASSERT_TRUE(status.details(0).UnpackTo(&info));
  EXPECT_EQ(info.retry_delay().seconds(), 2);
  EXPECT_EQ(info.retry_delay().nanos(), 500'000'000);
}

TEST_F(OtlpHttpTest, ALostAckIsRetryable) {
  Serve();
  intake_.Hold();
  HttpPeer peer(receiver_->bound_port());
  peer.Send(PostText(kPath, kProtobufLine, "\x0A"));
  { const IntakeDouble::Held lost = intake_.NextHeld(); }
  const HttpReply reply = peer.ReadReply();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.headers.at("retry-after"), "1");
}

TEST_F(OtlpHttpTest, FaultsOfTheTransportCarryAStatusToo) {
  Serve({.max_header_bytes = 300});
  const HttpReply malformed = Ask("POST /\x01 HTTP/1.1\r\n\r\n");
  EXPECT_EQ(malformed.status, 400);
  EXPECT_EQ(StatusIn(malformed).code(), 3);
  const HttpReply long_header = Export("", "X-Long: " + std::string(400, 'x') + "\r\n");
  EXPECT_EQ(long_header.status, 431);
  EXPECT_NE(StatusIn(long_header).message(), "");
}

TEST_F(OtlpHttpTest, StopAnswersWhatRunsAndRefusesTheRest) {
  Serve();
  HttpPeer idle(receiver_->bound_port());
  idle.Send(PostText(kPath, kProtobufLine, "\x0A"));  // so that it is accepted before the end
  EXPECT_EQ(idle.ReadReply().status, 200);
  intake_.Hold();
  HttpPeer busy(receiver_->bound_port());
  busy.Send(PostText(kPath, kProtobufLine, "\x0A"));
  IntakeDouble::Held held = intake_.NextHeld();
  std::thread stopping([this] { receiver_->Stop(steady_clock::now() + std::chrono::seconds(10)); });
  EXPECT_TRUE(idle.AtEnd());
  held.ack.Complete({});
  const HttpReply reply = busy.ReadReply();
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(busy.AtEnd());  // told by the header, or closed right after
  stopping.join();
}

TEST_F(OtlpHttpTest, AnAckMayOutliveTheReceiver) {
  Serve();
  intake_.Hold();
  HttpPeer peer(receiver_->bound_port());
  peer.Send(PostText(kPath, kProtobufLine, "\x0A"));
  IntakeDouble::Held held = intake_.NextHeld();
  receiver_.reset();
  EXPECT_EQ(peer.ReadReply().status, 0);
  held.ack.Complete({});
}

TEST_F(OtlpHttpTest, SpeaksMutualTls) {
  TlsServerOptions tls = Server();
  tls.client_ca_file = files_.ca_file;
  Serve({.tls = tls});
  TlsClientOptions client = Client();
  client.cert_file = files_.client_cert_file;
  client.key_file = files_.client_key_file;
  const auto context = CreateTlsClientContext(client);
  ASSERT_TRUE(context.ok());
  HttpPeer peer(receiver_->bound_port(), context->get());
  peer.Send(PostText(kPath, kProtobufLine, "\x0A"));
  EXPECT_EQ(peer.ReadReply().status, 200);
  const auto anonymous = CreateTlsClientContext(Client());
  ASSERT_TRUE(anonymous.ok());
  HttpPeer refused(receiver_->bound_port(), anonymous->get());
  refused.Send(PostText(kPath, kProtobufLine, "\x0A"));
  EXPECT_EQ(refused.ReadReply().status, 0);
}

}  // namespace
}  // namespace flameway
