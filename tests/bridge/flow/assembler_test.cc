// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/assembler.h"

#include <chrono>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "bridge/flow/original.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spdlog/sinks/ostream_sink.h"
#include "tests/bridge/flow/manual_clock.h"
#include "tests/bridge/flow/request_bytes.h"
#include "tests/bridge/flow/scripted_exporter.h"

namespace flameway {
namespace {

using testing::SizeIs;

// Passes through to one destination that takes messages as they come and one that does not.
class AssemblerTest : public testing::Test {
 protected:
  AssemblerTest() {
    merged_.set_wire_form({.row_order = WireForm::RowOrder::kSorted});
    for (Destination* destination : {&as_it_came_, &merged_}) {
      drains_.push_back(std::make_unique<Drain>(DrainOptions{.name = "test"},
                                                destination->MakeExporter(), clock_, log_));
      pipeline_.AddExporter(*drains_.back());
      EXPECT_TRUE(drains_.back()->Start().ok());
    }
    assembler_.emplace(pipeline_, compressor_, ledger_);
  }

  void Add(uint64_t seed, bool flawless) {
    Original original(RequestBytes({.samples_per_profile = 2, .seed = seed}), Codec::kNone,
                      ledger_.Charge(0));
    ASSERT_EQ(request_.Decode(original.message()).outcome, DecodeReport::Outcome::kAccepted);
    assembler_->Add(request_, flawless ? &original : nullptr, clock_.Now());
  }
  void Finish() {
    for (const auto& drain : drains_) {
      drain->Close();
      EXPECT_TRUE(drain->AwaitIdle(clock_.Now() + std::chrono::hours(1)));
      drain->Join();
    }
  }

  ManualClock clock_;
  std::ostringstream out_;
  Log log_{
      {.level = LogLevel::kError, .sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out_)}};
  Ledger ledger_{{.limit_bytes = 100'000'000, .spike_limit_bytes = 1'000'000}, clock_};
  Destination as_it_came_;
  Destination merged_;
  std::vector<std::unique_ptr<Drain>> drains_;
  Pipeline pipeline_{{.name = "profiles", .batcher = "pipeline"}};
  Compressor compressor_;
  Request request_{{}};
  std::optional<Assembler> assembler_;
};

// The shard seals after each request; nobody depends on it.
TEST_F(AssemblerTest, RequestsThatAreNotSealedInBetweenLoseNothing) {
  const bool flawless[] = {true, false, true, true, false, false};
  uint64_t seed = 0;
  for (const bool is : flawless) Add(seed++, is);
  assembler_->SealIfDue(clock_.Now());
  Finish();
  for (const Destination* destination : {&as_it_came_, &merged_}) {
    EXPECT_THAT(destination->delivered(), SizeIs(6));
    EXPECT_EQ(destination->delivered_counts(), (FrameCounts{.profiles = 6, .samples = 12}));
  }
  EXPECT_EQ(pipeline_.forwarded_bodies.value(), 3U);
  EXPECT_EQ(assembler_->due(), std::nullopt);
}

TEST_F(AssemblerTest, NothingIsSentBeforeTheSeal) {
  Add(1, true);
  EXPECT_EQ(as_it_came_.attempts() + merged_.attempts(), 0U);
  assembler_->Seal(SealTrigger::kShutdown);
  Finish();
  EXPECT_EQ(as_it_came_.delivered_counts().profiles, 1U);
  EXPECT_EQ(merged_.delivered_counts().profiles, 1U);
}

TEST_F(AssemblerTest, OnlyCodecsThatSomeDestinationWantsKeepTheirBody) {
  EXPECT_TRUE(assembler_->MayForwardBody(Codec::kNone));
  EXPECT_FALSE(assembler_->MayForwardBody(Codec::kZstd));
}

}  // namespace
}  // namespace flameway
