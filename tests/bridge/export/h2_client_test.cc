// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/h2_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <nghttp2/nghttp2.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>

#include "tests/bridge/export/scripted_h2_server.h"

namespace flameway {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using Connection = ScriptedH2Server::Connection;
using Request = ScriptedH2Server::Request;
using End = H2Reply::End;

H2ConnectionOptions OptionsFor(const ScriptedH2Server& server) {
  H2ConnectionOptions options;
  options.socket.endpoint = *ParseEndpoint(server.endpoint());
  options.max_response_bytes = 100'000;
  return options;
}

H2Reply Post(H2Client* client, const std::string& body = "payload",
             std::chrono::milliseconds timeout = 20s) {
  H2Request request;
  request.authority = "test";
  request.path = "/service/method";
  request.headers = {{"te", "trailers"}};
  request.prefix = "12345";
  request.payload = body;
  return client->Call(request, steady_clock::now() + timeout);
}

TEST(H2ClientTest, SendsPrefixAndPayloadAndReturnsTheAnswer) {
  ScriptedH2Server server([](Connection& connection, const Request& request) {
    connection.Answer(request.stream, {{":status", "200"}, {"a", "head"}, {"both", "1"}}, "answer",
                      {{"b", "trailer"}, {"both", "2"}});
  });
  H2Client client(OptionsFor(server));
  const H2Reply reply = Post(&client);
  EXPECT_EQ(reply.end, End::kComplete) << reply.error;
  EXPECT_EQ(reply.http_status, 200);
  EXPECT_EQ(reply.body, "answer");
  EXPECT_EQ(reply.Header("a"), "head");
  EXPECT_EQ(reply.Header("b"), "trailer");
  EXPECT_EQ(reply.Header("both"), "2");
  EXPECT_EQ(reply.Header("c"), std::nullopt);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].body, "12345payload");
  EXPECT_EQ(requests[0].headers.at(":method"), "POST");
  EXPECT_EQ(requests[0].headers.at(":path"), "/service/method");
  EXPECT_EQ(requests[0].headers.at(":authority"), "test");
  EXPECT_EQ(requests[0].headers.at("te"), "trailers");
}

TEST(H2ClientTest, ManyCallsShareOneConnection) {
  ScriptedH2Server server(ScriptedH2Server::AnswerOk);
  H2Client client(OptionsFor(server));
  for (int i = 0; i < 50; ++i) ASSERT_EQ(Post(&client).end, End::kComplete);
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(server.requests().size(), 50U);
}

TEST(H2ClientTest, LargePayloadsPassThroughSmallWindows) {
  for (const uint32_t window : {3U, 1000U, 65'535U}) {
    ScriptedH2Server server(ScriptedH2Server::AnswerOk, {.window = window});
    H2Client client(OptionsFor(server));
    std::string body(window < 100 ? 2000 : 5'000'000, '\0');
    for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31 + i / 251);
    for (int i = 0; i < 2; ++i) {
      const H2Reply reply = Post(&client, body);
      ASSERT_EQ(reply.end, End::kComplete) << reply.error;
      ASSERT_EQ(server.requests().back().body, "12345" + body) << window;
    }
    EXPECT_EQ(server.connections(), 1);
  }
}

TEST(H2ClientTest, ARefusedStreamOnAFreshConnectionIsReported) {
  ScriptedH2Server server([](Connection& connection, const Request& request) {
    connection.Reset(request.stream, NGHTTP2_REFUSED_STREAM);
  });
  H2Client client(OptionsFor(server));
  EXPECT_EQ(Post(&client).end, End::kRefused);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(H2ClientTest, ARequestRefusedByAKeptConnectionGoesOnceMoreOverANewOne) {
  int number = 0;
  ScriptedH2Server server([&number](Connection& connection, const Request& request) {
    if (++number == 2) {
      connection.Goaway(1, NGHTTP2_NO_ERROR, "max_age");
      connection.Close();
      return;
    }
    ScriptedH2Server::AnswerOk(connection, request);
  });
  H2Client client(OptionsFor(server));
  EXPECT_EQ(Post(&client).end, End::kComplete);
  EXPECT_EQ(Post(&client).end, End::kComplete);
  EXPECT_EQ(server.connections(), 2);
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST(H2ClientTest, AfterAGoawayTheCallIsFinishedAndTheNextOneOpensAConnection) {
  ScriptedH2Server server([](Connection& connection, const Request& request) {
    connection.Goaway(request.stream, NGHTTP2_NO_ERROR, "");
    ScriptedH2Server::AnswerOk(connection, request);
  });
  H2Client client(OptionsFor(server));
  for (int i = 1; i <= 3; ++i) {
    const H2Reply reply = Post(&client);
    EXPECT_EQ(reply.end, End::kComplete) << reply.error;
    EXPECT_EQ(server.connections(), i);
  }
}

TEST(H2ClientTest, AnIdleConnectionThatThePeerClosedIsNoticedBeforeReuse) {
  ScriptedH2Server server([](Connection& connection, const Request& request) {
    ScriptedH2Server::AnswerOk(connection, request);
    connection.Close();
  });
  H2Client client(OptionsFor(server));
  for (int i = 1; i <= 3; ++i) {
    const H2Reply reply = Post(&client);
    EXPECT_EQ(reply.end, End::kComplete) << reply.error;
    server.AwaitClosedConnections(i);
  }
  EXPECT_EQ(server.connections(), 3);
}

TEST(H2ClientTest, AResetNamesTheCodeAndKeepsTheConnection) {
  ScriptedH2Server server([](Connection& connection, const Request& request) {
    connection.Reset(request.stream, NGHTTP2_INTERNAL_ERROR);
  });
  H2Client client(OptionsFor(server));
  const H2Reply reply = Post(&client);
  EXPECT_EQ(reply.end, End::kReset);
  EXPECT_EQ(reply.error, "RST_STREAM INTERNAL_ERROR");
  EXPECT_EQ(Post(&client).end, End::kReset);
  EXPECT_EQ(server.connections(), 1);
}

TEST(H2ClientTest, AConnectionClosedWithoutAnAnswerIsReported) {
  ScriptedH2Server server([](Connection& connection, const Request&) { connection.Close(); });
  H2Client client(OptionsFor(server));
  EXPECT_EQ(Post(&client).end, End::kClosed);
  EXPECT_EQ(Post(&client).end, End::kClosed);
  EXPECT_EQ(server.connections(), 2);
}

TEST(H2ClientTest, AnAnswerCutOffInTheMiddleIsNoAnswer) {
  ScriptedH2Server server([](Connection& connection, const Request& request) {
    // More than the client's window: it cannot all be sent before the connection ends.
    connection.Answer(request.stream, {{":status", "200"}}, std::string(90'000, 'x'),
                      {{"grpc-status", "0"}});
    connection.Close();
  });
  H2Client client(OptionsFor(server));
  EXPECT_EQ(Post(&client).end, End::kClosed);
}

TEST(H2ClientTest, AnswersAreBounded) {
  ScriptedH2Server server([](Connection& connection, const Request& request) {
    connection.Answer(request.stream, {{":status", "200"}}, std::string(10'000'000, 'x'), {});
  });
  H2Client client(OptionsFor(server));
  const H2Reply reply = Post(&client);
  EXPECT_EQ(reply.end, End::kTooLarge);
  EXPECT_TRUE(reply.body.empty());
}

TEST(H2ClientTest, HeadersOfAnswersAreBounded) {
  ScriptedH2Server server([](Connection& connection, const Request& request) {
    ScriptedH2Server::Headers headers = {{":status", "200"}};
    // Few bytes on the wire; HTTP/2 counts 32 more for each.
    for (int i = 0; i < 2000; ++i) headers.emplace_back("x", "v");
    connection.Answer(request.stream, headers, "", {});
  });
  H2Client client(OptionsFor(server));
  EXPECT_EQ(Post(&client).end, End::kTooLarge);
}

TEST(H2ClientTest, AnAnswerBeforeTheWholeRequestWasSentCounts) {
  ScriptedH2Server server(
      [](Connection& connection, const Request& request) {
        connection.Answer(request.stream, {{":status", "413"}}, "too much", {});
      },
      {.window = 16, .moment = ScriptedH2Server::Moment::kHeaders});
  H2Client client(OptionsFor(server));
  for (int i = 0; i < 2; ++i) {
    const H2Reply reply = Post(&client, std::string(1'000'000, 'x'));
    EXPECT_EQ(reply.end, End::kComplete) << reply.error;
    EXPECT_EQ(reply.http_status, 413);
    EXPECT_EQ(reply.body, "too much");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(H2ClientTest, TheDeadlineEndsACallAndTheNextOneStartsAfresh) {
  int number = 0;
  ScriptedH2Server server([&number](Connection& connection, const Request& request) {
    if (++number > 1) ScriptedH2Server::AnswerOk(connection, request);
  });
  H2Client client(OptionsFor(server));
  const auto start = steady_clock::now();
  EXPECT_EQ(Post(&client, "x", 100ms).end, End::kTimedOut);
  EXPECT_LT(steady_clock::now() - start, 10s);
  EXPECT_EQ(Post(&client).end, End::kComplete);
  EXPECT_EQ(server.connections(), 2);
}

TEST(H2ClientTest, KeepalivePingsAreSentWhileACallWaits) {
  ScriptedH2Server server([](Connection&, const Request&) {});
  H2ConnectionOptions options = OptionsFor(server);
  options.keepalive_time = 20ms;
  H2Client client(options);
  EXPECT_EQ(Post(&client, "x", 500ms).end, End::kTimedOut);
  EXPECT_GE(server.pings(), 2);
}

TEST(H2ClientTest, APeerThatAnswersNoPingIsGivenUp) {
  // Nobody accepts: the connection stands in the listener's queue, and nobody reads.
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(listener, 4), 0);
  socklen_t size = sizeof(address);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  H2ConnectionOptions options;
  options.socket.endpoint = *ParseEndpoint("127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
  options.keepalive_time = 20ms;
  options.keepalive_timeout = 20ms;
  H2Client client(options);
  const H2Reply reply = Post(&client, "x", 20s);
  close(listener);
  EXPECT_EQ(reply.end, End::kClosed);
  EXPECT_EQ(reply.error, "keepalive: the PING was not answered");
}

TEST(H2ClientTest, APeerOfAnotherProtocolIsNamed) {
  ScriptedH2Server server([](Connection&, const Request&) {},
                          {.greeting = [](Connection& connection) {
                            connection.WriteRaw("HTTP/1.1 400 Bad Request\r\n\r\n");
                          }});
  H2Client client(OptionsFor(server));
  const H2Reply reply = Post(&client);
  EXPECT_EQ(reply.end, End::kProtocol);
  EXPECT_FALSE(reply.error.empty());
}

TEST(H2ClientTest, NobodyThereIsReportedWithTheAddress) {
  H2ConnectionOptions options;
  {
    ScriptedH2Server server(ScriptedH2Server::AnswerOk);
    options = OptionsFor(server);
  }
  H2Client client(options);
  const H2Reply reply = Post(&client);
  EXPECT_EQ(reply.end, End::kUnconnected);
  EXPECT_NE(reply.error.find(options.socket.endpoint.Text()), std::string::npos) << reply.error;
}

}  // namespace
}  // namespace flameway
