// SPDX-License-Identifier: Apache-2.0
#include "bridge/receive/otlp_grpc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "opentelemetry/proto/collector/profiles/v1development/profiles_service.grpc.pb.h"
#include "tests/bridge/receive/grpc_peer.h"
#include "tests/bridge/receive/grpc_wire_peer.h"
#include "tests/bridge/receive/intake_double.h"
#include "tests/bridge/tls/tls_fixture.h"

namespace flameway {
namespace {

namespace collector = opentelemetry::proto::collector::profiles::v1development;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr char kExport[] =
    "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export";

steady_clock::time_point Soon() { return steady_clock::now() + std::chrono::seconds(10); }

class OtlpGrpcTest : public TlsFixture {
 protected:
  void Serve(OtlpGrpcReceiverOptions options = {}) {
    if (options.endpoint == OtlpGrpcReceiverOptions().endpoint) options.endpoint = "127.0.0.1:0";
    auto receiver = OtlpGrpcReceiver::Create(std::move(options), intake_.AsIntake());
    ASSERT_TRUE(receiver.ok()) << receiver.status();
    receiver_ = *std::move(receiver);
  }
  std::string Target() const {
    return std::string("127.0.0.1:").append(std::to_string(receiver_->bound_port()));
  }
  GrpcPeer::Reply Export(const std::string& bytes) { return GrpcPeer(Target()).Export(bytes); }
  GrpcWirePeer::Reply Wire(std::string body, const GrpcWirePeer::Lines& lines = {}) {
    return GrpcWirePeer(receiver_->bound_port()).Call(kExport, std::move(body), lines);
  }
  grpc::health::v1::HealthCheckResponse::ServingStatus Health(const std::string& service) {
    const auto stub = grpc::health::v1::Health::NewStub(GrpcPeer(Target()).channel());
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    grpc::health::v1::HealthCheckResponse response;
    const grpc::Status status = stub->Check(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.status();
  }

  IntakeDouble intake_;  // outlives receiver_
  std::unique_ptr<OtlpGrpcReceiver> receiver_;
};

TEST_F(OtlpGrpcTest, FullSuccessIsAnEmptyMessage) {
  Serve();
  const GrpcPeer::Reply reply = Export(std::string("\x0A\x00", 2));
  EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
  EXPECT_EQ(reply.bytes, "");
  EXPECT_EQ(Wire(FramedMessage(0, "")).body, FramedMessage(0, ""));
}

TEST_F(OtlpGrpcTest, AStubOfTheSchemaIsUnderstood) {
  Serve();
  const auto stub = collector::ProfilesService::NewStub(GrpcPeer(Target()).channel());
  grpc::ClientContext context;
  collector::ExportProfilesServiceRequest request;
  request.mutable_dictionary()->add_string_table("");
  collector::ExportProfilesServiceResponse response;
  EXPECT_TRUE(stub->Export(&context, request, &response).ok());
  EXPECT_FALSE(response.has_partial_success());
  ASSERT_EQ(intake_.Answered().size(), 1U);
  EXPECT_EQ(intake_.Answered()[0].body, request.SerializeAsString());
  EXPECT_EQ(intake_.Answered()[0].transport, Transport::kGrpc);
}

TEST_F(OtlpGrpcTest, TheIntakeGetsManySlicesAsOnePieceAndStillCompressed) {
  Serve();
  std::string body;
  for (int i = 0; body.size() < 3'000'000; ++i) body += std::to_string(i) + ",";
  EXPECT_TRUE(Export("\x0A" + body).status.ok());
  GrpcPeer peer(Target());
  GrpcPeer::Call call;
  call.context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  peer.StartExport("\x0A" + body, &call);
  EXPECT_TRUE(call.Wait().status.ok());
  const std::vector<Arrival> arrivals = intake_.Answered();
  ASSERT_EQ(arrivals.size(), 2U);
  EXPECT_EQ(arrivals[0].body, "\x0A" + body);
  EXPECT_EQ(arrivals[0].codec, Codec::kNone);
  EXPECT_EQ(arrivals[1].codec, Codec::kGzip);
  EXPECT_LT(arrivals[1].body.size(), body.size());
}

TEST_F(OtlpGrpcTest, CodecsAreToldByTheirMagic) {
  Serve();
  struct Case {
    const char* coding;
    std::string bytes;
    Codec codec;
  };
  const Case cases[] = {
      {"zstd", "\x28\xB5\x2F\xFD-rest", Codec::kZstd},
      {"gzip", "\x1F\x8B\x08-rest", Codec::kGzip},
      {"snappy", std::string("\xFF\x06\x00\x00sNaPpY-rest", 15), Codec::kSnappy},
      {"identity", "\x0A\x01x", Codec::kNone},
      // Sent with the flag of a compressed message, but it is not.
      {"unheard-of", "\x0A\x01x", Codec::kNone},
      {"", "\x0A\x01x", Codec::kNone},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Wire(FramedMessage(1, c.bytes), {{"grpc-encoding", c.coding}}).Status(), "0")
        << c.coding;
    const std::vector<Arrival> arrivals = intake_.Answered();
    ASSERT_FALSE(arrivals.empty());
    EXPECT_EQ(arrivals.back().body, c.bytes);
    EXPECT_EQ(arrivals.back().codec, c.codec) << c.coding;
  }
  // Flag 0 means plain, whatever the header says.
  EXPECT_EQ(Wire(FramedMessage(0, "\x0A\x01x"), {{"grpc-encoding", "gzip"}}).Status(), "0");
  EXPECT_EQ(intake_.Answered().size(), std::size(cases) + 1);
}

TEST_F(OtlpGrpcTest, DeflateIsUnimplementedBecauseNothingTellsItFromPlain) {
  Serve();
  EXPECT_EQ(Wire(FramedMessage(1, "\x78\x9C"), {{"grpc-encoding", "deflate"}}).Status(), "12");
  EXPECT_TRUE(intake_.Answered().empty());
}

// The library drops such a message, but most of the time calls the handler with an empty one, which
// nothing tells from a request that is empty: the answer is then OK. No known client sends this.
TEST_F(OtlpGrpcTest, AMessageWithAnUnknownFlagNeverReachesTheIntake) {
  Serve();
  (void)Wire(FramedMessage(2, "\x0A\x01x"));
  for (const Arrival& arrival : intake_.Answered()) EXPECT_EQ(arrival.body, "");
}

TEST_F(OtlpGrpcTest, ACallWithoutAMessageIsUnimplementedButAnEmptyMessageIsNot) {
  Serve();
  EXPECT_EQ(Wire("").Status(), "12");
  EXPECT_TRUE(intake_.Answered().empty());
  EXPECT_EQ(Wire(FramedMessage(0, "")).Status(), "0");
  EXPECT_EQ(intake_.Answered().size(), 1U);
}

TEST_F(OtlpGrpcTest, OfTwoMessagesAtMostTheFirstIsTaken) {
  Serve();
  const std::string first = "\x0A\x01\x31";
  (void)Wire(FramedMessage(0, first) + FramedMessage(0, "\x0A\x01\x32"));
  const std::vector<Arrival> arrivals = intake_.Answered();
  ASSERT_LE(arrivals.size(), 1U);
  for (const Arrival& arrival : arrivals) EXPECT_EQ(arrival.body, first);
}

// The library's doing, and permanent to the client: no agent is known to leave it out.
TEST_F(OtlpGrpcTest, AClientThatDoesNotAnnounceTrailersIsRefused) {
  Serve();
  EXPECT_EQ(Wire(FramedMessage(0, ""), {{"te", ""}}).Status(), "2");
  EXPECT_TRUE(intake_.Answered().empty());
}

TEST_F(OtlpGrpcTest, OtherServicesAndMethodsAreUnimplemented) {
  Serve();
  for (const char* method : {"/opentelemetry.proto.collector.trace.v1.TraceService/Export",
                             "/opentelemetry.proto.collector.profiles.v1.ProfilesService/Export",
                             "/opentelemetry.proto.collector.profiles.v1development."
                             "ProfilesService/Import"}) {
    EXPECT_EQ(GrpcPeer(Target()).CallMethod(method, "").status.error_code(),
              grpc::StatusCode::UNIMPLEMENTED)
        << method;
  }
}

TEST_F(OtlpGrpcTest, AMessageMayBeAsLargeAsTheLimitAndNoLarger) {
  Serve({.max_request_bytes = 100'000});
  EXPECT_TRUE(Export(std::string(100'000, '\x0A')).status.ok());
  const GrpcPeer::Reply reply = Export(std::string(100'001, '\x0A'));
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(reply.status.error_details(), "");  // no RetryInfo: not to be sent again
  EXPECT_EQ(intake_.Answered().size(), 1U);
}

TEST_F(OtlpGrpcTest, PartialSuccessIsInTheMessage) {
  Serve();
  intake_.AnswerWith({.rejected_profiles = 3, .message = "3 of 10 refused"});
  const GrpcPeer::Reply reply = Export("\x0A");
  EXPECT_TRUE(reply.status.ok());
  collector::ExportProfilesServiceResponse response;
  ASSERT_TRUE(response.ParseFromString(reply.bytes));
  EXPECT_EQ(response.partial_success().rejected_profiles(), 3);
  EXPECT_EQ(response.partial_success().error_message(), "3 of 10 refused");
}

TEST_F(OtlpGrpcTest, InvalidDataNamesTheFields) {
  Serve();
  intake_.AnswerWith({.kind = Answer::Kind::kInvalid,
                      .message = "no profile was usable",
                      .violations = {{"profiles[0]", "index out of range"}}});
  const GrpcPeer::Reply reply = Export("\x0A");
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(reply.status.error_message(), "no profile was usable");
  google::rpc::BadRequest bad;
  ASSERT_EQ(reply.Details().details_size(), 1);
  ASSERT_TRUE(reply.Details().details(0).UnpackTo(&bad));
  EXPECT_EQ(bad.field_violations(0).field(), "profiles[0]");
}

TEST_F(OtlpGrpcTest, TooLargeAfterDecompressionIsNotRetryable) {
  Serve();
  intake_.AnswerWith({.kind = Answer::Kind::kTooLarge, .message = "over 256 MiB"});
  const GrpcPeer::Reply reply = Export("\x0A");
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(reply.Details().details_size(), 0);
}

TEST_F(OtlpGrpcTest, OverloadSaysWhenToComeBack) {
  Serve();
  intake_.AnswerWith({.kind = Answer::Kind::kUnavailable, .retry_after = milliseconds(2500)});
  const GrpcPeer::Reply reply = Export("\x0A");
  EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  google::rpc::RetryInfo info;
  ASSERT_EQ(reply.Details().details_size(), 1);
  ASSERT_TRUE(reply.Details().details(0).UnpackTo(&info));
  EXPECT_EQ(info.retry_delay().seconds(), 2);
  EXPECT_EQ(info.retry_delay().nanos(), 500'000'000);
}

TEST_F(OtlpGrpcTest, ALostAckIsRetryable) {
  Serve();
  intake_.Hold();
  GrpcPeer peer(Target());
  GrpcPeer::Call call;
  peer.StartExport("\x0A", &call);
  { const IntakeDouble::Held lost = intake_.NextHeld(); }
  EXPECT_EQ(call.Wait().status.error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(OtlpGrpcTest, AHundredCallsOfOneConnectionFinishInAnyOrder) {
  Serve();
  intake_.Hold();
  GrpcPeer peer(Target());
  std::deque<GrpcPeer::Call> calls(100);
  for (GrpcPeer::Call& call : calls) peer.StartExport("\x0A", &call);
  std::vector<IntakeDouble::Held> held;
  for (size_t i = 0; i < calls.size(); ++i) held.push_back(intake_.NextHeld());
  for (const IntakeDouble::Held& one : held) {
    EXPECT_EQ(one.arrival.connection, held[0].arrival.connection);
  }
  std::reverse(held.begin(), held.end());
  // All but the one that came first; from several threads, as shards do.
  std::vector<std::thread> shards;
  for (size_t shard = 0; shard < 3; ++shard) {
    shards.emplace_back([&held, shard] {
      for (size_t i = shard; i + 1 < held.size(); i += 3) held[i].ack.Complete({});
    });
  }
  for (std::thread& shard : shards) shard.join();
  size_t answered = 0;
  const auto count = [&] {
    answered = static_cast<size_t>(std::count_if(calls.begin(), calls.end(), [](auto& call) {
      return call.reply.wait_for(milliseconds(0)) == std::future_status::ready;
    }));
    return answered;
  };
  for (const auto end = Soon(); count() < calls.size() - 1 && steady_clock::now() < end;) {
    std::this_thread::yield();
  }
  EXPECT_EQ(answered, calls.size() - 1);
  held.back().ack.Complete({});
  for (GrpcPeer::Call& call : calls) EXPECT_TRUE(call.Wait().status.ok());
}

TEST_F(OtlpGrpcTest, ConnectionsAreToldApart) {
  Serve();
  EXPECT_TRUE(Export("\x0A").status.ok());
  EXPECT_TRUE(Export("\x0A").status.ok());
  const std::vector<Arrival> arrivals = intake_.Answered();
  EXPECT_NE(arrivals.at(0).connection, arrivals.at(1).connection);
}

TEST_F(OtlpGrpcTest, ACancelledCallMayStillBeAnswered) {
  Serve();
  intake_.Hold();
  GrpcPeer peer(Target());
  GrpcPeer::Call call;
  peer.StartExport("\x0A", &call);
  IntakeDouble::Held held = intake_.NextHeld();
  call.context.TryCancel();
  EXPECT_EQ(call.Wait().status.error_code(), grpc::StatusCode::CANCELLED);
  for (const auto end = Soon(); receiver_->ack_unknown() == 0 && steady_clock::now() < end;) {
    std::this_thread::yield();
  }
  EXPECT_EQ(receiver_->ack_unknown(), 1U);
  held.ack.Complete({});
  intake_.AnswerWith({});
  EXPECT_TRUE(peer.Export("\x0A").status.ok());
}

TEST_F(OtlpGrpcTest, ADeadlineThatPassesDuringTheCommitIsCounted) {
  Serve();
  intake_.Hold();
  GrpcPeer peer(Target());
  GrpcPeer::Call call;
  call.context.set_deadline(std::chrono::system_clock::now() + milliseconds(300));
  peer.StartExport("\x0A", &call);
  IntakeDouble::Held held = intake_.NextHeld();
  EXPECT_EQ(call.Wait().status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  for (const auto end = Soon(); receiver_->ack_unknown() == 0 && steady_clock::now() < end;) {
    std::this_thread::yield();
  }
  EXPECT_EQ(receiver_->ack_unknown(), 1U);
}

TEST_F(OtlpGrpcTest, AcksRacingWithCancellationsHarmNobody) {
  Serve();
  intake_.Hold();
  GrpcPeer peer(Target());
  std::deque<GrpcPeer::Call> calls(60);
  for (GrpcPeer::Call& call : calls) peer.StartExport("\x0A", &call);
  // Calls cancelled before they left the client never come; a last one tells the shard to end.
  const std::string last = "\x0A\x04last";
  std::thread shard([this, &last] {
    for (bool more = true; more;) {
      IntakeDouble::Held held = intake_.NextHeld();
      more = held.arrival.body != last;
      held.ack.Complete({});
    }
  });
  for (GrpcPeer::Call& call : calls) call.context.TryCancel();
  for (GrpcPeer::Call& call : calls) (void)call.Wait();
  EXPECT_TRUE(peer.Export(last).status.ok());
  shard.join();
}

TEST_F(OtlpGrpcTest, HealthIsServedAndCanBeWithdrawn) {
  using grpc::health::v1::HealthCheckResponse;
  Serve();
  const char* service = "opentelemetry.proto.collector.profiles.v1development.ProfilesService";
  EXPECT_EQ(Health(""), HealthCheckResponse::SERVING);
  EXPECT_EQ(Health(service), HealthCheckResponse::SERVING);
  receiver_->SetHealth(OtlpGrpcReceiver::Health::kNotServing);
  EXPECT_EQ(Health(""), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Health(service), HealthCheckResponse::NOT_SERVING);
  receiver_->SetHealth(OtlpGrpcReceiver::Health::kServing);
  EXPECT_EQ(Health(""), HealthCheckResponse::SERVING);
}

TEST_F(OtlpGrpcTest, ReflectionListsTheService) {
  Serve();
  const GrpcWirePeer::Reply reply =
      GrpcWirePeer(receiver_->bound_port())
          .Call("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                FramedMessage(0, std::string("\x3A\x00", 2)));  // list_services
  EXPECT_EQ(reply.Status(), "0");
  EXPECT_THAT(reply.body, testing::HasSubstr("profiles.v1development.ProfilesService"));
}

TEST_F(OtlpGrpcTest, StopWaitsForRunningCallsAndRefusesNewOnes) {
  Serve();
  intake_.Hold();
  GrpcPeer peer(Target());
  GrpcPeer::Call call;
  peer.StartExport("\x0A", &call);
  IntakeDouble::Held held = intake_.NextHeld();
  std::thread stopping([this] { receiver_->Stop(Soon()); });
  // The listener closes first; once a new connection is refused, Stop is under way.
  GrpcPeer late(Target());
  for (const auto end = Soon(); steady_clock::now() < end;) {
    GrpcPeer::Call refused;
    refused.context.set_deadline(std::chrono::system_clock::now() + milliseconds(200));
    late.StartExport("\x0A", &refused);
    if (refused.Wait().status.error_code() == grpc::StatusCode::UNAVAILABLE) break;
  }
  held.ack.Complete({});
  EXPECT_TRUE(call.Wait().status.ok());
  stopping.join();
  EXPECT_EQ(peer.Export("\x0A").status.error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(OtlpGrpcTest, StopGivesUpAtItsDeadlineAndLateAnswersAreDropped) {
  Serve();
  intake_.Hold();
  GrpcPeer peer(Target());
  GrpcPeer::Call call;
  peer.StartExport("\x0A", &call);
  IntakeDouble::Held held = intake_.NextHeld();
  receiver_->Stop(steady_clock::now());
  EXPECT_FALSE(call.Wait().status.ok());
  EXPECT_EQ(receiver_->ack_unknown(), 1U);
  receiver_.reset();
  held.ack.Complete({});
}

TEST_F(OtlpGrpcTest, ListensOnAUnixSocket) {
  const std::string target = "unix:" + (folder_ / "otlp.sock").string();
  Serve({.endpoint = target});
  EXPECT_EQ(receiver_->bound_port(), 0);
  EXPECT_TRUE(GrpcPeer(target).Export("\x0A").status.ok());
}

TEST_F(OtlpGrpcTest, SpeaksTls) {
  Serve({.tls = Server()});
  EXPECT_TRUE(GrpcPeer(Target(), grpc::SslCredentials({.pem_root_certs = Read(files_.ca_file)}))
                  .Export("\x0A")
                  .status.ok());
  EXPECT_EQ(Export("\x0A").status.error_code(), grpc::StatusCode::UNAVAILABLE);  // clear text
}

TEST_F(OtlpGrpcTest, AsksForClientCertificatesWhenToldWhomToTrust) {
  for (const milliseconds reload : {milliseconds(0), milliseconds(1)}) {
    TlsServerOptions tls = Server();
    tls.client_ca_file = files_.ca_file;
    tls.reload_interval = reload;
    Serve({.tls = tls});
    grpc::SslCredentialsOptions client{.pem_root_certs = Read(files_.ca_file)};
    EXPECT_EQ(GrpcPeer(Target(), grpc::SslCredentials(client)).Export("\x0A").status.error_code(),
              grpc::StatusCode::UNAVAILABLE);
    client.pem_private_key = Read(files_.stranger_key_file);
    client.pem_cert_chain = Read(files_.stranger_cert_file);
    EXPECT_EQ(GrpcPeer(Target(), grpc::SslCredentials(client)).Export("\x0A").status.error_code(),
              grpc::StatusCode::UNAVAILABLE);
    client.pem_private_key = Read(files_.client_key_file);
    client.pem_cert_chain = Read(files_.client_cert_file);
    EXPECT_TRUE(GrpcPeer(Target(), grpc::SslCredentials(client)).Export("\x0A").status.ok());
  }
}

TEST_F(OtlpGrpcTest, ChangedCertificatesAreUsedWhenWatched) {
  TlsServerOptions tls = Server();
  tls.reload_interval = milliseconds(1);
  Serve({.tls = tls});
  const auto trusting = [this](const std::string& ca_file) {
    return GrpcPeer(Target(), grpc::SslCredentials({.pem_root_certs = Read(ca_file)}))
        .Export("\x0A")
        .status.ok();
  };
  EXPECT_TRUE(trusting(files_.ca_file));
  EXPECT_FALSE(trusting(files_.stranger_ca_file));
  const auto overwrite = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(files_.stranger_key_file, files_.server_key_file, overwrite);
  std::filesystem::copy_file(files_.stranger_cert_file, files_.server_cert_file, overwrite);
  bool changed = false;  // looked for once a second
  for (const auto end = Soon(); !changed && steady_clock::now() < end;) {
    changed = trusting(files_.stranger_ca_file);
  }
  EXPECT_TRUE(changed);
}

TEST_F(OtlpGrpcTest, SaysWhyItCannotListen) {
  Serve();
  const auto status = [](OtlpGrpcReceiverOptions options) {
    return OtlpGrpcReceiver::Create(std::move(options), [](Arrival, Ack) {}).status();
  };
  const std::string taken =
      std::string("127.0.0.1:").append(std::to_string(receiver_->bound_port()));
  EXPECT_EQ(status({.endpoint = taken}).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status({.endpoint = "nonsense"}).code(), absl::StatusCode::kInvalidArgument);
  TlsServerOptions tls = Server();
  tls.min_version = "1.3";
  EXPECT_THAT(status({.endpoint = "127.0.0.1:0", .tls = tls}).ToString(),
              testing::HasSubstr("min_version"));
  tls = Server();
  tls.key_file = files_.client_key_file;  // of another certificate
  EXPECT_FALSE(status({.endpoint = "127.0.0.1:0", .tls = tls}).ok());
}

}  // namespace
}  // namespace flameway
