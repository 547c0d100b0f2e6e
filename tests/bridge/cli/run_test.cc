// SPDX-License-Identifier: Apache-2.0
// The built program as a process: signals need one of their own.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bridge/cli/cli_fixture.h"
#include "tests/bridge/cli/sample_request.h"

namespace flameway {
namespace {

using ::testing::HasSubstr;

class RunTest : public CliFixture {
 protected:
  ~RunTest() override {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    if (err_pipe_ >= 0) close(err_pipe_);
  }

  std::string Config(const std::string& grpc_endpoint) {
    return "receivers: {otlp: {protocols: {grpc: {endpoint: \"" + grpc_endpoint +
           "\"}, http: {endpoint: \"127.0.0.1:0\"}}}}\n"
           "processors: {batch: {timeout: 60s}}\n"
           "exporters: {file: {path: \"" +
           Path("out.otlp") +
           "\", format: proto}}\n"
           "service: {telemetry: {metrics: {level: none}}, pipelines: {profiles: "
           "{receivers: [otlp], processors: [batch], exporters: [file]}}}\n";
  }

  void Spawn(std::vector<std::string> args) {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    err_pipe_ = ends[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    args.insert(args.begin(), FLAMEWAY_PROGRAM);
    std::vector<char*> argv;
    for (std::string& arg : args) argv.push_back(arg.data());
    argv.push_back(nullptr);
    ASSERT_EQ(posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
  }

  // Reads the program's stderr until `text` is in it. False when the program ends before.
  bool AwaitLog(const std::string& text) {
    char buffer[4096];
    while (log_.find(text) == std::string::npos) {
      const ssize_t got = read(err_pipe_, buffer, sizeof buffer);
      if (got <= 0) return false;
      log_.append(buffer, static_cast<size_t>(got));
    }
    return true;
  }

  // The exit code; 128 and the signal when one ended it.
  int Join() {
    AwaitLog("a text that never comes");  // so that the program never blocks on a full pipe
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  std::string GrpcEndpoint() const {
    const std::string before = "\"transport\": \"grpc\", \"port\": ";
    const size_t at = log_.find(before);
    return "127.0.0.1:" + std::to_string(std::atoi(log_.c_str() + at + before.size()));
  }

  pid_t pid_ = 0;
  int err_pipe_ = -1;
  std::string log_;
};

TEST_F(RunTest, WhatWasAcknowledgedIsWrittenBeforeASignalEndsTheGateway) {
  Spawn({"--config", Write("gateway.yaml", Config("127.0.0.1:0"))});
  ASSERT_TRUE(AwaitLog("to try it: ")) << log_;
  const std::string request = Write("in.otlp", EncodeSampleRequest({}));
  ASSERT_EQ(Run({"send", request, request, "--otlp-endpoint", GrpcEndpoint()}), ExitCode::kSuccess)
      << out_ << err_;
  kill(pid_, SIGHUP);
  ASSERT_TRUE(AwaitLog("SIGHUP"));
  kill(pid_, SIGTERM);
  EXPECT_EQ(Join(), 0) << log_;
  ASSERT_EQ(Run({"stats", Path("out.otlp"), "--json"}), ExitCode::kSuccess) << err_;
  EXPECT_THAT(out_, HasSubstr("\"requests\": 1,"));
  EXPECT_THAT(out_, HasSubstr("\"timestamps\": 2,"));
}

TEST_F(RunTest, ASecondSignalEndsADrainThatCannotEnd) {
  const std::string nobody = "127.0.0.1:1";
  Spawn({"-c", Write("gateway.yaml", Config("127.0.0.1:0")), "--set",
         "exporters.otlp_grpc={endpoint: \"" + nobody + "\", tls: {insecure: true}}", "--set",
         "service.pipelines.profiles.exporters=[otlp_grpc]"});
  ASSERT_TRUE(AwaitLog("to try it: ")) << log_;
  ASSERT_EQ(
      Run({"send", Write("in.otlp", EncodeSampleRequest({})), "--otlp-endpoint", GrpcEndpoint()}),
      ExitCode::kSuccess)
      << out_ << err_;
  kill(pid_, SIGTERM);
  ASSERT_TRUE(AwaitLog("stopping")) << log_;
  kill(pid_, SIGTERM);
  EXPECT_EQ(Join(), 128 + SIGTERM) << log_;
}

TEST_F(RunTest, ATakenPortIsUnavailable) {
  Spawn({"run", "-c", Write("gateway.yaml", Config("127.0.0.1:0"))});
  ASSERT_TRUE(AwaitLog("to try it: ")) << log_;
  EXPECT_EQ(Run({"run", "-c", Write("second.yaml", Config(GrpcEndpoint()))}),
            ExitCode::kUnavailable);
  EXPECT_THAT(err_, HasSubstr("cannot listen on " + GrpcEndpoint()));
  kill(pid_, SIGINT);
  EXPECT_EQ(Join(), 0) << log_;
}

TEST_F(RunTest, AWrongConfigurationShowsAllFindings) {
  EXPECT_EQ(Run({"run", "-c", Write("bad.yaml", Config("127.0.0.1:0")), "--set", "exporters.x=1",
                 "--set", "processors.y=2"}),
            ExitCode::kBadConfig);
  EXPECT_THAT(err_, HasSubstr("`x`"));
  EXPECT_THAT(err_, HasSubstr("`y`"));
}

}  // namespace
}  // namespace flameway
