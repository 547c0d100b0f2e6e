// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bridge/traffic/request_times.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bridge/cli/cli_fixture.h"
#include "tests/bridge/cli/sample_request.h"
#include "tests/bridge/export/scripted_h2_server.h"
#include "tests/bridge/export/scripted_http_server.h"

namespace flameway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class TrafficCommandsTest : public CliFixture {
 protected:
  static ScriptedH2Server::Script GrpcCode(const std::string& code) {
    return
        [code](ScriptedH2Server::Connection& connection, const ScriptedH2Server::Request& request) {
          connection.Answer(
              request.stream,
              {{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", code}}, "",
              {});
        };
  }
  static std::string HttpOk(const ScriptedHttpServer::Request&) {
    return ScriptedHttpServer::Answer(200, "Content-Type: application/x-protobuf\r\n", "");
  }
  static std::string Url(const ScriptedHttpServer& server) {
    return "http://127.0.0.1:" + std::to_string(server.port());
  }
  // The bodies that came, without gRPC's prefix.
  static std::vector<std::string> Bodies(ScriptedH2Server& server) {
    std::vector<std::string> bodies;
    for (const auto& request : server.requests()) bodies.push_back(request.body.substr(5));
    return bodies;
  }

  const std::string one_ = EncodeSampleRequest({.service = "one"});
  const std::string two_ = EncodeSampleRequest({.service = "two"});
  const std::string file_ = Write("two.otlp", LengthPrefixed({one_, two_}));
};

TEST_F(TrafficCommandsTest, GenWritesTheSameFileForTheSameFlags) {
  const std::vector<std::string> flags = {"gen", "--shape", "ebpf-like", "--hosts", "2", "-O"};
  for (const char* name : {"a", "b"}) {
    std::vector<std::string> args = flags;
    args.push_back(Path(name));
    ASSERT_EQ(Run(args), ExitCode::kSuccess) << err_;
    EXPECT_THAT(out_, HasSubstr("2 requests"));
  }
  EXPECT_TRUE(Read("a") == Read("b"));
  ASSERT_EQ(Run({"gen", "--shape", "ebpf-like", "--hosts", "2", "--seed", "2", "-O", Path("c")}),
            ExitCode::kSuccess);
  EXPECT_FALSE(Read("a") == Read("c"));
  ASSERT_EQ(Run({"check", Path("a")}), ExitCode::kSuccess) << out_;
  ASSERT_EQ(Run({"gen", "--shape", "ebpf-like", "--hosts", "2", "--compression", "zstd", "-O",
                 Path("packed")}),
            ExitCode::kSuccess);
  EXPECT_LT(Read("packed").size(), Read("a").size() / 2);
  ASSERT_EQ(Run({"merge", Path("packed"), "-O", Path("merged")}), ExitCode::kSuccess) << err_;
  EXPECT_THAT(err_, HasSubstr("2 requests -> 1"));
}

TEST_F(TrafficCommandsTest, GenTakesTheFlagsOfTelemetrygen) {
  ScriptedH2Server server(ScriptedH2Server::AnswerOk);
  ASSERT_EQ(Run({"gen",
                 "--otlp-endpoint",
                 server.endpoint(),
                 "--otlp-insecure",
                 "--workers",
                 "1",
                 "--profiles",
                 "3",
                 "--service",
                 "shop",
                 "--otlp-header",
                 "tenant=\"blue\"",
                 "--otlp-attributes",
                 "zone=\"north\"",
                 "--otlp-attributes",
                 "rack=7",
                 "--sample-count",
                 "4",
                 "--interval",
                 "1s",
                 "--rate",
                 "0",
                 "--json"}),
            ExitCode::kSuccess)
      << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("\"requests\":3,"), HasSubstr("\"samples\":12,"),
                          HasSubstr("\"code\":\"OK\"")));
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].headers.at("tenant"), "blue");
  EXPECT_FALSE(requests[0].headers.contains("x-profile-batch-id"));
  for (const char* text : {"shop", "zone", "north", "rack"}) {
    EXPECT_THAT(requests[0].body, HasSubstr(text));
  }
}

TEST_F(TrafficCommandsTest, GenEndsAtAFailureUnlessFailuresAreAllowed) {
  ScriptedH2Server server(GrpcCode("14"));
  EXPECT_EQ(Run({"gen", "--otlp-endpoint", server.endpoint(), "--requests", "3"}),
            ExitCode::kTemporary);
  EXPECT_EQ(server.requests().size(), 1u);
  ScriptedH2Server other(GrpcCode("14"));
  EXPECT_EQ(Run({"gen", "--otlp-endpoint", other.endpoint(), "--requests", "3",
                 "--allow-export-failures"}),
            ExitCode::kSuccess);
  EXPECT_EQ(other.requests().size(), 3u);
  EXPECT_THAT(out_, HasSubstr("UNAVAILABLE"));
}

TEST_F(TrafficCommandsTest, ACorpusIsSentByEveryHostAndMovesOnInTime) {
  ASSERT_EQ(
      Run({"gen", "--shape", "corpus", file_, "--hosts", "2", "--windows", "4", "-O", Path("out")}),
      ExitCode::kSuccess)
      << err_;
  EXPECT_THAT(out_, HasSubstr("8 requests"));
  const std::string out = Read("out");
  EXPECT_THAT(out, AllOf(HasSubstr("host-0"), HasSubstr("host-1")));
  std::vector<uint64_t> ends;
  for (size_t at = 0; at < out.size();) {
    size_t size = 0;
    for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(out[at++]);
    ends.push_back(RequestTimes::Of(out.substr(at, size))->end_unix_nano());
    at += size;
  }
  ASSERT_EQ(ends.size(), 8u);
  EXPECT_EQ(ends[0], ends[1]);  // two hosts of one window
  EXPECT_GT(ends[4], ends[0]);  // the file begins again, later
  EXPECT_EQ(Run({"gen", "--shape", "corpus", Path("missing"), "-O", Path("x")}),
            ExitCode::kNoInput);
  EXPECT_EQ(Run({"gen", "--shape", "corpus", Write("bad", "\x0a\xff\xff"), "-O", Path("x")}),
            ExitCode::kUndecodable);
}

TEST_F(TrafficCommandsTest, FlagsThatMakeNoSenseAreWrongUsage) {
  const std::vector<std::vector<std::string>> wrong = {
      {"gen", "--shape", "cubic"},
      {"gen", "--shape", "corpus"},
      {"gen", "--shape", "ebpf-like", "FILE"},
      {"gen", "--trace-id", "12", "--span-id", "0011223344556677"},
      {"gen", "--span-id", "0011223344556677"},
      {"gen", "--mtls"},
      {"gen", "--otlp-attributes", "nothing"},
      {"gen", "--requests", "2", "-O", Path("x")},  // one host and window make one
      {"replay", file_, "--speed", "1", "--rate", "1"},
      {"replay", file_, "--concurrency", "0"},
      {"replay"},
      {"record"},
      {"sink", "--fail-rate", "120%"},
      {"sink", "--status", "FINE"},
      {"sink", "--no-decode", "--exit-after-samples", "3"},
  };
  for (const auto& args : wrong) {
    EXPECT_EQ(Run(args), ExitCode::kUsage) << ::testing::PrintToString(args) << out_;
  }
}

TEST_F(TrafficCommandsTest, ReplaySendsEachRequestAndRoundsWhenToldTo) {
  ScriptedH2Server server(ScriptedH2Server::AnswerOk);
  ASSERT_EQ(Run({"replay", file_, "--otlp-endpoint", server.endpoint(), "--concurrency", "1"}),
            ExitCode::kSuccess)
      << err_;
  EXPECT_THAT(Bodies(server), ::testing::ElementsAre(one_, two_));
  EXPECT_THAT(out_, AllOf(HasSubstr("p50"), HasSubstr("p99"), HasSubstr("MB/s")));
  ASSERT_EQ(Run({"replay", file_, "--otlp-endpoint", server.endpoint(), "--concurrency", "1",
                 "--loop", "--requests", "3", "-q"}),
            ExitCode::kSuccess)
      << err_;
  EXPECT_THAT(Bodies(server), ::testing::ElementsAre(one_, two_, one_, two_, one_));
  EXPECT_EQ(err_, "");
}

TEST_F(TrafficCommandsTest, ReplayMovesTheTimesToNow) {
  ScriptedHttpServer server(HttpOk);
  const uint64_t before = static_cast<uint64_t>(
      std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count());
  ASSERT_EQ(Run({"replay", file_, "--otlp-http", "--otlp-endpoint", Url(server), "--rewrite-time",
                 "--concurrency", "1"}),
            ExitCode::kSuccess)
      << err_;
  ASSERT_EQ(server.requests().size(), 2u);
  for (const auto& request : server.requests()) {
    EXPECT_GE(RequestTimes::Of(request.body)->end_unix_nano(), before);
  }
}

TEST_F(TrafficCommandsTest, ReplaySaysWhatCameOfIt) {
  ScriptedH2Server invalid(GrpcCode("3"));
  EXPECT_EQ(
      Run({"replay", file_, "--otlp-endpoint", invalid.endpoint(), "--json", "--concurrency", "1"}),
      ExitCode::kNo);
  EXPECT_THAT(out_, AllOf(HasSubstr("\"code\":\"INVALID_ARGUMENT\", \"requests\":2"),
                          HasSubstr("\"samples\":0")));
  const std::string damaged = Write("damaged", LengthPrefixed({one_, two_}).substr(0, 40));
  EXPECT_EQ(Run({"replay", damaged, "--otlp-endpoint", invalid.endpoint()}),
            ExitCode::kUndecodable);
  EXPECT_EQ(Run({"replay", Path("missing"), "--otlp-endpoint", invalid.endpoint()}),
            ExitCode::kNoInput);
  // As it is, it could be sent; it has no time, so it cannot be paced.
  const std::string noise = Write("noise", LengthPrefixed({"no OTLP"}));
  EXPECT_EQ(Run({"replay", noise, "--otlp-endpoint", invalid.endpoint(), "--speed", "2"}),
            ExitCode::kUndecodable);
}

}  // namespace
}  // namespace flameway
