// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/traffic_receiver.h"

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "bridge/compress/compressor.h"
#include "bridge/export/otlp_grpc.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bridge/flow/manual_clock.h"

namespace flameway {
namespace {

class TrafficReceiverTest : public ::testing::Test {
 protected:
  void Listen(TrafficReceiverOptions options, TrafficReceiver::Consumer consumer) {
    options.grpc.emplace();
    options.grpc->endpoint = "127.0.0.1:0";
    auto created = TrafficReceiver::Create(options, std::move(consumer), clock_);
    ASSERT_TRUE(created.ok()) << created.status();
    receiver_ = *std::move(created);
  }
  Delivery Send(const std::string& plain, Codec codec,
                std::chrono::milliseconds timeout = std::chrono::seconds(60)) {
    OtlpGrpcExporterOptions to;
    to.endpoint = "127.0.0.1:" + std::to_string(receiver_->grpc_port());
    to.timeout = timeout;
    to.tls.insecure = true;
    const auto exporter = CreateOtlpGrpcExporter(to);
    EXPECT_TRUE(exporter.ok()) << exporter.status();
    Frame frame;
    frame.codec = codec;
    frame.uncompressed_bytes = plain.size();
    Compressor compressor;
    EXPECT_TRUE(compressor.Compress(codec, 0, plain, &frame.payload).ok());
    return (*exporter)->OpenLane()->Deliver(frame);
  }

  ManualClock clock_;
  std::unique_ptr<TrafficReceiver> receiver_;
};

TEST_F(TrafficReceiverTest, TheConsumerSeesEachBodyDecompressed) {
  const std::string request = "\x12" + std::string(1, 100) + std::string(100, 'r');
  std::vector<std::string> seen;
  Listen({}, [&](const TrafficArrival& arrival) {
    seen.emplace_back(arrival.body);
    return Answer{};
  });
  for (const Codec codec : {Codec::kNone, Codec::kGzip, Codec::kZstd, Codec::kSnappy}) {
    EXPECT_EQ(Send(request, codec).outcome, Delivery::Outcome::kDelivered);
  }
  receiver_->Stop(std::chrono::steady_clock::now() + std::chrono::seconds(10));
  EXPECT_THAT(seen, ::testing::ElementsAre(request, request, request, request));
}

TEST_F(TrafficReceiverTest, TheConsumersAnswerIsTheSendersWithCodesOfItsOwn) {
  Listen({}, [](const TrafficArrival&) {
    Answer answer{.kind = Answer::Kind::kTooLarge, .message = "who are you?"};
    answer.codes = AnswerCodes{.grpc = 16, .http = 401};
    return answer;
  });
  const Delivery delivery = Send("", Codec::kNone);
  EXPECT_EQ(delivery.outcome, Delivery::Outcome::kPermanent);
  EXPECT_EQ(delivery.code, "UNAUTHENTICATED");
  EXPECT_EQ(delivery.message, "who are you?");
}

TEST_F(TrafficReceiverTest, AnAnswerWaitsForTheLatency) {
  std::promise<void> consumed;
  int requests = 0;
  Listen({.latency = std::chrono::milliseconds(500)}, [&](const TrafficArrival&) {
    if (++requests == 2) consumed.set_value();
    return Answer{};
  });
  // The clock stands still, so the sender's patience ends first.
  EXPECT_EQ(Send("", Codec::kNone, std::chrono::milliseconds(200)).outcome,
            Delivery::Outcome::kRetry);
  auto sent = std::async(std::launch::async, [this] { return Send("", Codec::kNone); });
  consumed.get_future().wait();
  clock_.Advance(std::chrono::milliseconds(500));
  EXPECT_EQ(sent.get().outcome, Delivery::Outcome::kDelivered);
}

TEST_F(TrafficReceiverTest, MoreThanMayWaitIsRefusedRetryably) {
  Listen({.max_waiting_bytes = 10}, [](const TrafficArrival&) { return Answer{}; });
  EXPECT_EQ(Send("0123456789", Codec::kNone).outcome, Delivery::Outcome::kDelivered);
  EXPECT_EQ(Send("0123456789a", Codec::kNone).code, "UNAVAILABLE");
}

}  // namespace
}  // namespace flameway
