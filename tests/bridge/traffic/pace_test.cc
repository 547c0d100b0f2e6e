// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/pace.h"

#include "gtest/gtest.h"

namespace flameway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Pace, UnboundedPlansNothing) { EXPECT_EQ(Pace::Unbounded().DueOf(7), std::nullopt); }

TEST(Pace, ARateIsEven) {
  const Pace pace = Pace::AtRate(4);
  EXPECT_EQ(pace.DueOf(0), milliseconds(0));
  EXPECT_EQ(pace.DueOf(1), milliseconds(250));
  EXPECT_EQ(pace.DueOf(4'000'000), seconds(1'000'000));
}

TEST(Pace, ARecordingIsReplayedAtItsSpeedAndRoundsFollowEachOther) {
  const Pace pace = Pace::AsRecorded({seconds(0), seconds(1), seconds(4)}, 2);
  EXPECT_EQ(pace.DueOf(0), milliseconds(0));
  EXPECT_EQ(pace.DueOf(1), milliseconds(500));
  EXPECT_EQ(pace.DueOf(2), milliseconds(2000));
  // Two gaps in 4 s: the next round begins 2 s after the last request, all at twice the speed.
  EXPECT_EQ(pace.DueOf(3), milliseconds(3000));
  EXPECT_EQ(pace.DueOf(4), milliseconds(3500));
}

TEST(Pace, ARecordingOfOneRequestIsSentAgainAtOnce) {
  const Pace pace = Pace::AsRecorded({seconds(0)}, 1);
  EXPECT_EQ(pace.DueOf(3), milliseconds(0));
}

}  // namespace
}  // namespace flameway
