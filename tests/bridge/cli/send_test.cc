// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "bridge/compress/decompressor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/bridge/cli/cli_fixture.h"
#include "tests/bridge/cli/sample_request.h"
#include "tests/bridge/export/rpc_messages.h"
#include "tests/bridge/export/scripted_h2_server.h"
#include "tests/bridge/export/scripted_http_server.h"

namespace flameway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SendTest : public CliFixture {
 protected:
  static std::string HttpOk(const ScriptedHttpServer::Request&) {
    return ScriptedHttpServer::Answer(200, "Content-Type: application/x-protobuf\r\n", "");
  }
  static ScriptedH2Server::Script GrpcCode(const std::string& code) {
    return
        [code](ScriptedH2Server::Connection& connection, const ScriptedH2Server::Request& request) {
          connection.Answer(request.stream,
                            {{":status", "200"},
                             {"content-type", "application/grpc"},
                             {"grpc-status", code},
                             {"grpc-message", "as the test says"}},
                            "", {});
        };
  }
  static std::string Url(const ScriptedHttpServer& server) {
    return "http://127.0.0.1:" + std::to_string(server.port());
  }

  const std::string one_ = EncodeSampleRequest({.service = "one"});
  const std::string two_ = EncodeSampleRequest({.service = "two"});
  const std::string file_ = Write("two.otlp", LengthPrefixed({one_, two_}));
};

TEST_F(SendTest, SendsEachRequestOverGrpcAndCountsTheAnswers) {
  ScriptedH2Server server(ScriptedH2Server::AnswerOk);
  ASSERT_EQ(Run({"send", file_, "--otlp-endpoint", server.endpoint()}), ExitCode::kSuccess)
      << out_ << err_;
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].body.substr(5), one_);
  EXPECT_EQ(requests[1].body.substr(5), two_);
  EXPECT_THAT(out_, HasSubstr("OK                             2"));
}

TEST_F(SendTest, SendsOverHttpToTheProfilesPath) {
  ScriptedHttpServer server(HttpOk);
  ASSERT_EQ(Run({"send", file_, "--otlp-http", "--otlp-endpoint", Url(server), "--compression",
                 "zstd", "--header", "x-scope-orgid=tenant"}),
            ExitCode::kSuccess)
      << out_ << err_;
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_THAT(requests[0].head, HasSubstr("POST /v1development/profiles HTTP/1.1"));
  EXPECT_EQ(requests[0].Header("x-scope-orgid"), "tenant");
  EXPECT_EQ(requests[0].Header("content-encoding"), "zstd");
  std::string plain;
  Decompressor decompressor({});
  EXPECT_EQ(decompressor.Decompress(Codec::kZstd, requests[0].body, &plain),
            DecompressError::kNone);
  EXPECT_EQ(plain, one_);
}

TEST_F(SendTest, TakesWhatFlagsLeaveOpenFromTheEnvironment) {
  ScriptedHttpServer server(HttpOk);
  env_["OTEL_EXPORTER_OTLP_ENDPOINT"] = Url(server) + "/base/";
  env_["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
  env_["OTEL_EXPORTER_OTLP_COMPRESSION"] = "gzip";
  env_["OTEL_EXPORTER_OTLP_HEADERS"] = "a=1, b=x%20y";
  ASSERT_EQ(Run({"send", file_}), ExitCode::kSuccess) << out_ << err_;
  ASSERT_EQ(server.requests().size(), 2u);
  const auto request = server.requests().front();
  EXPECT_THAT(request.head, HasSubstr("POST /base/v1development/profiles "));
  EXPECT_EQ(request.Header("content-encoding"), "gzip");
  EXPECT_EQ(request.Header("a"), "1");
  EXPECT_EQ(request.Header("b"), "x y");
  env_["OTEL_EXPORTER_OTLP_PROFILES_ENDPOINT"] = Url(server) + "/mine";
  ASSERT_EQ(Run({"send", file_, "--compression", "none"}), ExitCode::kSuccess) << out_ << err_;
  EXPECT_THAT(server.requests().back().head, HasSubstr("POST /mine "));
  EXPECT_EQ(server.requests().back().Header("content-encoding"), "");
}

TEST_F(SendTest, NonsenseInTheEnvironmentIsNamed) {
  env_["OTEL_EXPORTER_OTLP_PROTOCOL"] = "pigeon";
  EXPECT_EQ(Run({"send", file_}), ExitCode::kUsage);
  EXPECT_THAT(err_, HasSubstr("OTEL_EXPORTER_OTLP_PROTOCOL=pigeon"));
}

TEST_F(SendTest, APartialSuccessIsShownAndIsANo) {
  ScriptedHttpServer server([](const ScriptedHttpServer::Request&) {
    return ScriptedHttpServer::Answer(200, "Content-Type: application/x-protobuf\r\n",
                                      ExportResponseMessage(3, "three were bad"));
  });
  EXPECT_EQ(Run({"send", file_, "--otlp-http", "--otlp-endpoint", Url(server)}), ExitCode::kNo);
  EXPECT_THAT(out_, AllOf(HasSubstr("OK, partial"), HasSubstr(" 6 "), HasSubstr("three were bad")));
}

TEST_F(SendTest, ARefusalIsANoAndAnOverloadIsTemporary) {
  ScriptedH2Server invalid(GrpcCode("3"));
  EXPECT_EQ(Run({"send", file_, "--otlp-endpoint", invalid.endpoint(), "--json"}), ExitCode::kNo);
  EXPECT_THAT(out_, AllOf(HasSubstr("\"code\":\"INVALID_ARGUMENT\""), HasSubstr("\"requests\":2"),
                          HasSubstr("as the test says")));
  ScriptedH2Server exhausted(GrpcCode("8"));
  EXPECT_EQ(Run({"send", file_, "--otlp-endpoint", exhausted.endpoint()}), ExitCode::kTemporary);
  ScriptedH2Server unavailable(GrpcCode("14"));
  EXPECT_EQ(Run({"send", file_, "--otlp-endpoint", unavailable.endpoint()}), ExitCode::kTemporary);
}

TEST_F(SendTest, NobodyThereIsUnavailableAndEndsTheSending) {
  std::string url;
  {
    ScriptedHttpServer gone(HttpOk);
    url = Url(gone);
  }
  EXPECT_EQ(Run({"send", file_, "--otlp-http", "--otlp-endpoint", url}), ExitCode::kUnavailable);
  EXPECT_THAT(err_, HasSubstr("the rest was not sent"));
}

}  // namespace
}  // namespace flameway
