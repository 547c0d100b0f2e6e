// SPDX-License-Identifier: Apache-2.0
// Pipelines that only pass through: which requests leave as they came, and what is kept of them.
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/compress/compressor.h"
#include "bridge/compress/decompressor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "opentelemetry/proto/collector/profiles/v1development/profiles_service.pb.h"
#include "tests/bridge/flow/engine_fixture.h"
#include "tests/bridge/flow/request_bytes.h"
#include "tests/bridge/flow/scripted_exporter.h"
#include "tests/support/renumber.h"

namespace flameway {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using Message =
    opentelemetry::proto::collector::profiles::v1development::ExportProfilesServiceRequest;
using RowOrder = WireForm::RowOrder;

constexpr FrameCounts kCounts = {.profiles = 2, .samples = 6};
constexpr Codec kCodecs[] = {Codec::kGzip, Codec::kZstd, Codec::kSnappy};

// No encoder of ours would write it like this: an unused row at the end.
std::string Peculiar(const RequestShape& shape = {.profiles = 2, .samples_per_profile = 3}) {
  Message request;
  EXPECT_TRUE(request.ParseFromString(RequestBytes(shape)));
  request.mutable_dictionary()->add_string_table("nobody refers to this");
  return request.SerializeAsString();
}

// With this many random ids that nobody refers to, 28 bytes each.
std::string Incompressible(int links) {
  Message request;
  EXPECT_TRUE(request.ParseFromString(Peculiar()));
  std::mt19937_64 random(1);
  const auto id = [&](size_t words) {
    std::string bytes;
    for (size_t i = 0; i < words; ++i) {
      const uint64_t word = random();
      bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
    return bytes;
  };
  for (int i = 0; i < links; ++i) {
    auto& link = *request.mutable_dictionary()->add_link_table();
    link.set_trace_id(id(2));
    link.set_span_id(id(1));
  }
  return request.SerializeAsString();
}

class ForwardingTest : public EngineTest {
 protected:
  // A level no destination asks for, so that bytes tell who compressed.
  std::string Packed(Codec codec, std::string_view message, int level = 9) {
    std::string body;
    EXPECT_TRUE(compressor_.Compress(codec, level, message, &body).ok());
    return body;
  }
  std::string Unpacked(const Frame& frame) {
    std::string message;
    EXPECT_EQ(decompressor_.Decompress(frame.codec, frame.payload, &message),
              DecompressError::kNone);
    EXPECT_EQ(frame.uncompressed_bytes, message.size());
    return message;
  }
  Frame OnlyFrame(const Destination& destination) {
    const std::vector<Frame> frames = destination.delivered();
    EXPECT_THAT(frames, SizeIs(1));
    return frames.empty() ? Frame() : frames[0];
  }
  uint64_t bodies(size_t pipeline = 0) const {
    return engine_->pipeline(pipeline).forwarded_bodies.value();
  }
  uint64_t messages(size_t pipeline = 0) const {
    return engine_->pipeline(pipeline).forwarded_messages.value();
  }
  // One pipeline without a batch, one destination.
  Destination& StartWith(const WireForm& form) {
    Destination& destination = AddExporter("a", {}, form);
    AddPipeline("profiles", {0});
    Start();
    return destination;
  }
  void ExpectMerged(const Destination& destination, std::string_view message) {
    ASSERT_THAT(destination.delivered(), SizeIs(1));
    EXPECT_NE(Unpacked(destination.delivered()[0]), message);
    EXPECT_EQ(destination.delivered_counts(), kCounts);
    EXPECT_EQ(bodies() + messages(), 0U);
    ExpectConserved();
  }

  Compressor compressor_;
  Decompressor decompressor_{{}};
};

TEST_F(ForwardingTest, AMessageLeavesAsItCame) {
  Destination& destination = StartWith({});
  const std::string sent = Peculiar();
  EXPECT_EQ(SendBody(sent).kind, Answer::Kind::kAccepted);
  Stop();
  const Frame frame = OnlyFrame(destination);
  EXPECT_EQ(frame.payload, sent);
  EXPECT_EQ(frame.uncompressed_bytes, sent.size());
  EXPECT_EQ(frame.counts, kCounts);
  EXPECT_EQ(frame.samples_out, kCounts.samples);
  EXPECT_NE(frame.id, BatchId{});
  EXPECT_EQ(bodies(), 1U);
  EXPECT_EQ(messages(), 0U);
  EXPECT_EQ(sealed(SealTrigger::kRequest), 1U);
  ExpectConserved();
}

TEST_F(ForwardingTest, CompressionIsKeptWhereTheDestinationWantsTheSame) {
  for (const Codec codec : kCodecs)
    AddExporter(std::string(CodecName(codec)), {}, {.codec = codec});
  AddPipeline("profiles", {0, 1, 2});
  Start();
  for (const Codec codec : kCodecs) {
    EXPECT_EQ(SendBody(Packed(codec, Peculiar()), codec).kind, Answer::Kind::kAccepted);
  }
  Stop();
  for (size_t to = 0; to < 3; ++to) {
    const std::vector<Frame> frames = destinations_[to].delivered();
    ASSERT_THAT(frames, SizeIs(3));
    int kept = 0;
    for (const Frame& frame : frames) {
      EXPECT_EQ(frame.codec, kCodecs[to]);
      EXPECT_EQ(frame.counts, kCounts);
      EXPECT_EQ(Unpacked(frame), Peculiar());
      if (frame.payload == Packed(frame.codec, Peculiar())) ++kept;
    }
    // Snappy has no levels: whoever compresses, the bytes are the same.
    EXPECT_EQ(kept, kCodecs[to] == Codec::kSnappy ? 3 : 1) << CodecName(kCodecs[to]);
  }
  EXPECT_EQ(bodies(), 3U);
  EXPECT_EQ(messages(), 6U);
  EXPECT_EQ(sealed(SealTrigger::kRequest), 3U);
  ExpectConserved();
}

TEST_F(ForwardingTest, TheDefaultLevelMayBeSaidAnyOtherIsMade) {
  Destination& usual = AddExporter("usual", {}, {.codec = Codec::kZstd, .level = 3});
  Destination& other = AddExporter("other", {}, {.codec = Codec::kZstd, .level = 1});
  AddPipeline("profiles", {0, 1});
  Start();
  const std::string body = Packed(Codec::kZstd, Incompressible(100));
  SendBody(body, Codec::kZstd);
  Stop();
  EXPECT_EQ(OnlyFrame(usual).payload, body);
  EXPECT_EQ(OnlyFrame(other).payload, Packed(Codec::kZstd, Incompressible(100), 1));
  EXPECT_EQ(bodies(), 1U);
  EXPECT_EQ(messages(), 1U);
}

TEST_F(ForwardingTest, ABodyOfSeveralFramesIsCompressedAnew) {
  Destination& destination = StartWith({.codec = Codec::kZstd});
  const std::string sent = Peculiar();
  const std::string body =
      Packed(Codec::kZstd, sent.substr(0, 50)) + Packed(Codec::kZstd, sent.substr(50));
  SendBody(body, Codec::kZstd);
  Stop();
  EXPECT_NE(OnlyFrame(destination).payload, body);
  EXPECT_EQ(Unpacked(OnlyFrame(destination)), sent);
  EXPECT_EQ(bodies(), 0U);
  EXPECT_EQ(messages(), 1U);
}

TEST_F(ForwardingTest, WhatADestinationWantsOfTheMessageIsMade) {
  const WireForm forms[] = {{.row_order = RowOrder::kByUse},
                            {.row_order = RowOrder::kSorted},
                            {.attribute_references = true},
                            {.codec = Codec::kZstd, .row_order = RowOrder::kByUse}};
  std::vector<size_t> exporters;
  for (const WireForm& form : forms) {
    exporters.push_back(destinations_.size());
    AddExporter(std::to_string(exporters.back()), {}, form);
  }
  AddPipeline("profiles", exporters);
  Start();
  SendBody(Packed(Codec::kZstd, Peculiar()), Codec::kZstd);
  Stop();
  for (const Destination& destination : destinations_) ExpectMerged(destination, Peculiar());
}

TEST_F(ForwardingTest, ABatchIsMerged) {
  Destination& destination = AddExporter("a");
  AddPipeline("profiles", {0}, BatchPolicy{});
  Start();
  SendBody(Peculiar());
  Stop();
  ExpectMerged(destination, Peculiar());
  EXPECT_THAT(registry_.PrometheusText(), Not(HasSubstr("flameway_pipeline_messages_forwarded")));
}

TEST_F(ForwardingTest, AFlawIsRepairedNotForwarded) {
  Message repaired;
  ASSERT_TRUE(repaired.ParseFromString(Peculiar()));
  repaired.mutable_resource_profiles(0)
      ->mutable_scope_profiles(0)
      ->mutable_profiles(0)
      ->set_profile_id("short");
  const auto old = Renumber(Peculiar(), Dialect::kV1_10, Dialect::kV1_9);
  ASSERT_TRUE(old.ok());
  const std::string unknown_field = Peculiar() + std::string("\x98\x06\x01", 3);
  const std::string refused =
      Peculiar({.profiles = 2, .bad_profiles = 1, .samples_per_profile = 3});
  Destination& destination = StartWith({});
  uint64_t connection = 1;
  for (const std::string& sent : {repaired.SerializeAsString(), *old, unknown_field, refused}) {
    EXPECT_EQ(SendBody(sent, Codec::kNone, ++connection).kind, Answer::Kind::kAccepted);
  }
  Stop();
  ASSERT_THAT(destination.delivered(), SizeIs(4));
  for (const Frame& frame : destination.delivered()) {
    EXPECT_EQ(frame.counts, kCounts);
    EXPECT_THAT(frame.payload, Not(HasSubstr("nobody refers to this")));
  }
  EXPECT_EQ(bodies() + messages(), 0U);
  ExpectConserved();
}

TEST_F(ForwardingTest, WhatADestinationHasNoRoomForIsSplitForItAlone) {
  const RequestShape large = {.samples_per_profile = 120};
  const std::string sent = Peculiar(large);
  const size_t limit = sent.size() / 2;
  Destination& small = AddExporter("small", {}, {.max_request_bytes = limit});
  Destination& roomy = AddExporter("roomy", {}, {.max_request_bytes = sent.size()});
  AddPipeline("profiles", {0, 1});
  Start();
  SendBody(sent);
  Stop();
  EXPECT_EQ(OnlyFrame(roomy).payload, sent);
  EXPECT_GT(small.delivered().size(), 1U);
  for (const Frame& frame : small.delivered()) EXPECT_LE(frame.uncompressed_bytes, limit);
  EXPECT_EQ(small.delivered_counts(), (FrameCounts{.profiles = 1, .samples = 120}));
  EXPECT_EQ(bodies(), 1U);
  EXPECT_EQ(sealed(SealTrigger::kRequest), 1U);
  ExpectConserved();
}

// Each request in turn is forwarded to one and merged for the other, or merged for both.
TEST_F(ForwardingTest, SomeDestinationsNeedAMergeOthersDoNot) {
  Destination& as_it_came = AddExporter("as_it_came", {}, {.codec = Codec::kGzip});
  Destination& by_use =
      AddExporter("by_use", {}, {.codec = Codec::kGzip, .row_order = RowOrder::kByUse});
  AddPipeline("profiles", {0, 1});
  Start();
  const std::string body = Packed(Codec::kGzip, Peculiar());
  for (int i = 0; i < 4; ++i) {
    SendBody(body, Codec::kGzip);
    Send({.profiles = 2, .bad_profiles = 1, .samples_per_profile = 3});
  }
  Stop();
  size_t kept = 0;
  for (const Frame& frame : as_it_came.delivered()) kept += frame.payload == body ? 1 : 0;
  EXPECT_EQ(kept, 4U);
  for (const Frame& frame : by_use.delivered()) EXPECT_NE(frame.payload, body);
  for (const Destination* destination : {&as_it_came, &by_use}) {
    EXPECT_THAT(destination->delivered(), SizeIs(8));
    EXPECT_EQ(destination->delivered_counts(), (FrameCounts{.profiles = 16, .samples = 48}));
  }
  EXPECT_EQ(bodies(), 4U);
  EXPECT_EQ(sealed(SealTrigger::kRequest), 8U);
  ExpectConserved();
}

TEST_F(ForwardingTest, EachPipelinesFrameHasAnIdOfItsOwn) {
  Destination& destination = AddExporter("a", {}, {.codec = Codec::kZstd});
  AddPipeline("profiles/one", {0});
  AddPipeline("profiles/two", {0});
  Start();
  const std::string body = Packed(Codec::kZstd, Peculiar());
  SendBody(body, Codec::kZstd);
  Stop();
  const std::vector<Frame> frames = destination.delivered();
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_NE(frames[0].id, frames[1].id);
  for (const Frame& frame : frames) {
    EXPECT_EQ(frame.payload, body);
    EXPECT_EQ(frame.counts, kCounts);
  }
  EXPECT_EQ(bodies(0), 1U);
  EXPECT_EQ(bodies(1), 1U);
  ExpectConserved();
}

TEST_F(ForwardingTest, ARefusedRequestIsForwardedNowhere) {
  Destination& destination = StartWith({});
  Send({.profiles = 0, .bad_profiles = 2});
  const std::string sent = Peculiar();
  SendBody(sent.substr(0, sent.size() - 1));
  SendBody("");
  Stop();
  EXPECT_EQ(destination.attempts(), 0U);
  EXPECT_EQ(bodies() + messages(), 0U);
  ExpectConserved();
}

TEST_F(ForwardingTest, WhatWaitsForADestinationIsCharged) {
  struct Case {
    Codec in, out;
    std::string body;
  };
  const Case cases[] = {{Codec::kNone, Codec::kNone, Incompressible(1'000)},
                        {Codec::kZstd, Codec::kZstd, Packed(Codec::kZstd, Peculiar())},
                        {Codec::kNone, Codec::kZstd, Incompressible(1'000)},
                        {Codec::kZstd, Codec::kGzip, Packed(Codec::kZstd, Incompressible(1'000))}};
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(CodecName(c.in)) + " to " + std::string(CodecName(c.out)));
    engine_.reset();
    options_.exporters.clear();
    options_.pipelines.clear();
    Destination& destination = AddExporter("a", {}, {.codec = c.out});
    AddPipeline("profiles", {0});
    Registry registry;
    Start(registry);
    destination.ShutGate();
    // The first request leaves scratch behind, the next ones need no more.
    std::vector<size_t> used;
    size_t capacity = 0;
    for (int i = 0; i < 3; ++i) {
      std::string moved = c.body;
      capacity = moved.capacity();
      EXPECT_EQ(SendBody(std::move(moved), c.in).kind, Answer::Kind::kAccepted);
      used.push_back(engine_->ledger().used());
    }
    destination.OpenGate();
    Stop();
    ASSERT_THAT(destination.delivered(), SizeIs(3));
    // The body itself, as it lies there; or what was made for the destination.
    const size_t charge = c.in == c.out ? capacity : destination.delivered()[0].payload.size();
    EXPECT_EQ(used[1] - used[0], charge);
    EXPECT_EQ(used[2] - used[1], charge);
    EXPECT_EQ(engine_->ledger().used(), used[0] - charge);
    EXPECT_EQ(bodies(), c.in == c.out ? 3U : 0U);
  }
}

TEST_F(ForwardingTest, ABodyIsGivenUpBeforeARequestIsRefusedForMemory) {
  const std::string sent = Incompressible(40'000);
  const std::string body = Packed(Codec::kZstd, sent);
  ASSERT_GT(body.size(), sent.size() * 3 / 4);
  // Reading it takes twice the message; the body beside it is too much.
  const size_t soft_limit = 2 * sent.size() + sent.size() / 2;
  options_.memory_limiter = {.limit_bytes = 2 * soft_limit, .spike_limit_bytes = soft_limit};
  Destination& destination = StartWith({.codec = Codec::kZstd});
  EXPECT_EQ(SendBody(body, Codec::kZstd).kind, Answer::Kind::kAccepted);
  Stop();
  EXPECT_NE(OnlyFrame(destination).payload, body);
  EXPECT_EQ(Unpacked(OnlyFrame(destination)), sent);
  EXPECT_EQ(bodies(), 0U);
  EXPECT_EQ(messages(), 1U);
  EXPECT_EQ(refused(RefusalCause::kMemory), 0U);
  ExpectConserved();
}

TEST_F(ForwardingTest, TheMetricTellsWhatWasKept) {
  StartWith({.codec = Codec::kZstd});
  SendBody(Packed(Codec::kZstd, Peculiar()), Codec::kZstd);
  SendBody(Packed(Codec::kGzip, Peculiar()), Codec::kGzip);
  SendBody(Peculiar());
  Stop();
  const std::string text = registry_.PrometheusText();
  for (const char* line : {"kept=\"body\"} 1\n", "kept=\"message\"} 2\n"}) {
    EXPECT_THAT(text,
                HasSubstr(std::string("flameway_pipeline_messages_forwarded{pipeline=\"profiles\","
                                      "batcher=\"pipeline\",") +
                          line));
  }
}

}  // namespace
}  // namespace flameway
