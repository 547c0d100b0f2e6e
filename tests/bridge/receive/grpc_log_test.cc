// SPDX-License-Identifier: Apache-2.0
#include "bridge/receive/grpc_log.h"

#include <gmock/gmock.h>
#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "bridge/receive/otlp_grpc.h"
#include "tests/bridge/receive/grpc_wire_peer.h"
#include "tests/bridge/receive/intake_double.h"

namespace flameway {
namespace {

using testing::ElementsAre;
using testing::Pair;

class GrpcLogTest : public testing::Test {
 protected:
  GrpcLogTest() {
    RouteGrpcLogs([this](GrpcLogSeverity severity, std::string_view text) {
      const std::lock_guard lock(mutex_);
      lines_.emplace_back(severity, text);
    });
  }
  ~GrpcLogTest() override { RouteGrpcLogs({}); }

  std::mutex mutex_;
  std::vector<std::pair<GrpcLogSeverity, std::string>> lines_;  // guarded by mutex_
};

TEST_F(GrpcLogTest, LinesReachTheSink) {
  grpc_init();  // before it the library logs nothing
  gpr_log(__FILE__, __LINE__, GPR_LOG_SEVERITY_ERROR, "disk %s", "on fire");
  EXPECT_THAT(lines_, ElementsAre(Pair(GrpcLogSeverity::kError, "disk on fire")));
  grpc_shutdown();
}

TEST_F(GrpcLogTest, UnknownCodingsAreNoNews) {
  grpc_init();
  gpr_log(__FILE__, __LINE__, GPR_LOG_SEVERITY_ERROR,
          "Error parsing metadata: error=invalid value key=grpc-encoding value=zstd");
  EXPECT_TRUE(lines_.empty());
  IntakeDouble intake;
  auto receiver = OtlpGrpcReceiver::Create({.endpoint = "127.0.0.1:0"}, intake.AsIntake());
  ASSERT_TRUE(receiver.ok());
  const auto reply =
      GrpcWirePeer((*receiver)->bound_port())
          .Call("/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export",
                FramedMessage(1, "\x28\xB5\x2F\xFD"), {{"grpc-encoding", "zstd"}});
  EXPECT_EQ(reply.Status(), "0");
  receiver->reset();
  const std::lock_guard lock(mutex_);
  EXPECT_TRUE(lines_.empty()) << lines_[0].second;
  grpc_shutdown();
}

}  // namespace
}  // namespace flameway
