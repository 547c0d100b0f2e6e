// SPDX-License-Identifier: Apache-2.0
#include "bridge/http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bridge/tls/tls_context.h"
#include "tests/bridge/http/http_peer.h"
#include "tests/bridge/tls/tls_fixture.h"

namespace flameway {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr char kGet[] = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";

// operator+ of a literal and to_string upsets g++ 12's -Wrestrict.
std::string Numbered(std::string prefix, size_t number) {
  return prefix.append(std::to_string(number));
}

steady_clock::time_point Soon() { return steady_clock::now() + std::chrono::seconds(10); }

// Answers "METHOD target body" by itself, or holds requests until the test answers them.
class HttpServerTest : public TlsFixture {
 protected:
  void Serve(HttpServerOptions options = {}) {
    options.endpoint = "127.0.0.1:0";
    if (!hooks_.handle) {
      hooks_.handle = [](HttpRequest request, HttpResponder responder) {
        responder.Complete({.content_type = "text/plain",
                            .body = request.method + " " + request.target + " " + request.body});
      };
    }
    auto server = HttpServer::Create(std::move(options), std::move(hooks_));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    server_->Start();
  }
  void HoldRequests() {
    hooks_.handle = [this](HttpRequest request, HttpResponder responder) {
      const std::lock_guard lock(mutex_);
      held_.emplace_back(std::move(request), std::move(responder));
      arrived_.notify_all();
    };
  }
  std::pair<HttpRequest, HttpResponder> NextHeld() {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_until(lock, Soon(), [this] { return !held_.empty(); })) return {};
    auto next = std::move(held_.front());
    held_.pop_front();
    return next;
  }
  HttpReply Ask(const std::string& text) {
    HttpPeer peer(server_->bound_port());
    peer.Send(text);
    return peer.ReadReply();
  }

  // Not locked: set before Serve.
  HttpHooks hooks_;

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::pair<HttpRequest, HttpResponder>> held_;  // guarded by mutex_

  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersSeveralRequestsOfOneConnection) {
  Serve();
  HttpPeer peer(server_->bound_port());
  for (const char* body : {"one", "", "three"}) {
    ASSERT_TRUE(peer.Send(PostText("/x?y=1", "", body)));
    const HttpReply reply = peer.ReadReply();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "POST /x?y=1 " + std::string(body));
    EXPECT_EQ(reply.headers.count("connection"), 0U);
    EXPECT_EQ(reply.headers.count("date"), 1U);
  }
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  Serve();
  HttpPeer peer(server_->bound_port());
  std::string all;
  for (size_t i = 0; i < 50; ++i) all += PostText(Numbered("/", i), "", std::string(700, 'b'));
  ASSERT_TRUE(peer.Send(all));
  for (size_t i = 0; i < 50; ++i) {
    EXPECT_THAT(peer.ReadReply().body, testing::StartsWith(Numbered("POST /", i) + " "));
  }
}

TEST_F(HttpServerTest, JoinsChunksOfABody) {
  Serve();
  EXPECT_EQ(Ask("POST /c HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: Chunked\r\n\r\n"
                "4\r\nprof\r\n3;x=y\r\nile\r\n0\r\nTrailer: t\r\n\r\n")
                .body,
            "POST /c profile");
}

TEST_F(HttpServerTest, SaysContinueBeforeABodyThatWaitsForIt) {
  Serve();
  HttpPeer peer(server_->bound_port());
  peer.Send("POST / HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(peer.ReadReply().status, 100);
  peer.Send("body");
  EXPECT_EQ(peer.ReadReply().body, "POST / body");
}

TEST_F(HttpServerTest, SaysContinueToNobodyOfHttp10) {
  Serve();
  HttpPeer peer(server_->bound_port());
  peer.Send("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  peer.Send("body");
  EXPECT_EQ(peer.ReadReply().body, "POST / body");
}

TEST_F(HttpServerTest, RefusesABodyThatWaitsInsteadOfInvitingIt) {
  Serve({.max_body_bytes = 3});
  HttpPeer peer(server_->bound_port());
  peer.Send("POST / HTTP/1.1\r\nHost: here\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(peer.ReadReply().status, 413);
}

TEST_F(HttpServerTest, RefusesUnknownExpectations) {
  Serve();
  EXPECT_EQ(Ask(PostText("/", "Expect: miracles\r\n", "x")).status, 417);
}

TEST_F(HttpServerTest, TakesABodyOfExactlyTheLimitAndNoByteMore) {
  Serve({.max_body_bytes = 8});
  EXPECT_EQ(Ask(PostText("/", "", "12345678")).status, 200);
  EXPECT_EQ(Ask(PostText("/", "", "123456789")).status, 413);
  const std::string chunked = "POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(Ask(chunked + "8\r\n12345678\r\n0\r\n\r\n").status, 200);
  EXPECT_EQ(Ask(chunked + "8\r\n12345678\r\n1\r\n9\r\n0\r\n\r\n").status, 413);
}

TEST_F(HttpServerTest, TooLargeIsSaidBeforeAnyByteOfTheBodyHasCome) {
  Serve({.max_body_bytes = 8});
  HttpPeer peer(server_->bound_port());
  peer.Send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 1000000000000\r\n\r\n");
  const HttpReply reply = peer.ReadReply();
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.headers.at("connection"), "close");
}

TEST_F(HttpServerTest, ABodyIsAskedForAsItArrivesAndRefusedWhenItBecomesTooMuch) {
  const auto held = std::make_shared<std::atomic<size_t>>(0);
  hooks_.gate = [held](const HttpRequest&) {
    HttpVerdict verdict{.max_body_bytes = 1'000'000};
    const std::shared_ptr<void> giving_back(nullptr, [held](void*) { *held = 0; });
    verdict.admits_body = [held, giving_back](size_t bytes) {
      *held = bytes;
      return bytes <= 500'000;
    };
    return verdict;
  };
  hooks_.handle = [held](HttpRequest request, HttpResponder responder) {
    EXPECT_EQ(*held, 0U) << "given back before the request is handed over";
    responder.Complete({.body = std::to_string(request.body.size())});
  };
  Serve();
  const std::string chunked = "POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string body(500'000, 'x');
  EXPECT_EQ(Ask(PostText("/", "", body)).body, "500000");
  EXPECT_EQ(Ask(chunked + "7a120\r\n" + body + "\r\n0\r\n\r\n").body, "500000");
  for (const std::string& text : {chunked + "7a121\r\n" + std::string(500'001, 'x'),
                                  PostText("/", "", std::string(900'000, 'x'))}) {
    HttpPeer peer(server_->bound_port());
    peer.Send(text);
    const HttpReply reply = peer.ReadReply();
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(reply.headers.at("connection"), "close");
    EXPECT_TRUE(peer.AtEnd());
    EXPECT_EQ(*held, 0U);
  }
}

TEST_F(HttpServerTest, TheAnswerReachesAPeerThatKeepsSendingItsRefusedBody) {
  Serve({.max_body_bytes = 8});
  HttpPeer peer(server_->bound_port());
  peer.Send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 8000000\r\n\r\n");
  peer.Send(std::string(8'000'000, 'x'));
  EXPECT_EQ(peer.ReadReply().status, 413);
}

TEST_F(HttpServerTest, TheGateRefusesByHeaderAlone) {
  std::atomic<int> handled{0};
  hooks_.handle = [&handled](HttpRequest, HttpResponder responder) {
    ++handled;
    responder.Complete({});
  };
  hooks_.gate = [](const HttpRequest& head) {
    HttpVerdict verdict{.max_body_bytes = 100};
    if (head.Path() != "/known") verdict.refusal = HttpResponse{.status = 404, .body = "gone"};
    return verdict;
  };
  Serve();
  HttpPeer peer(server_->bound_port());
  peer.Send("POST /other HTTP/1.1\r\nHost: here\r\nContent-Length: 50\r\n\r\n");
  const HttpReply reply = peer.ReadReply();
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, "gone");
  EXPECT_EQ(reply.headers.at("connection"), "close");
  EXPECT_EQ(Ask(PostText("/known?x", "", "")).status, 200);
  EXPECT_EQ(handled, 1);
}

TEST_F(HttpServerTest, ARefusedRequestWithoutABodyKeepsItsConnection) {
  hooks_.gate = [](const HttpRequest&) {
    return HttpVerdict{.refusal = HttpResponse{.status = 405}};
  };
  Serve();
  HttpPeer peer(server_->bound_port());
  for (int i = 0; i < 2; ++i) {
    peer.Send(kGet);
    EXPECT_EQ(peer.ReadReply().status, 405);
  }
}

struct BadFraming {
  const char* name;
  const char* text;
  int status;
};
class HttpFramingTest : public HttpServerTest, public testing::WithParamInterface<BadFraming> {};

TEST_P(HttpFramingTest, IsRefusedAndTheConnectionClosed) {
  Serve();
  HttpPeer peer(server_->bound_port());
  peer.Send(GetParam().text);
  const HttpReply reply = peer.ReadReply();
  EXPECT_EQ(reply.status, GetParam().status);
  EXPECT_EQ(reply.headers.at("connection"), "close");
  EXPECT_TRUE(peer.AtEnd());
}

INSTANTIATE_TEST_SUITE_P(
    Framing, HttpFramingTest,
    testing::Values(
        BadFraming{"LengthAndChunked",
                   "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: "
                   "chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
                   400},
        BadFraming{"ChunkedAndLength",
                   "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: "
                   "4\r\n\r\n0\r\n\r\n",
                   400},
        BadFraming{"TwoLengths",
                   "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: "
                   "5\r\n\r\nabcd",
                   400},
        BadFraming{"TwoEqualLengths",
                   "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: "
                   "4\r\n\r\nabcd",
                   400},
        BadFraming{"NegativeLength", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
                   400},
        BadFraming{"StackedCoding",
                   "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        BadFraming{"ChunkedTwice",
                   "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                   400},
        BadFraming{"ChunkedNotLast",
                   "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 501},
        BadFraming{"ChunkedInHttp10",
                   "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        BadFraming{"SpaceBeforeColon",
                   "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n", 400},
        BadFraming{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        BadFraming{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        BadFraming{"BadChunk",
                   "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        BadFraming{"ChunkWithoutEnd",
                   "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcXX0"
                   "\r\n\r\n",
                   400},
        BadFraming{"NotHttp", "\x16\x03\x01\x02 hello\r\n\r\n", 400},
        BadFraming{"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505}),
    [](const auto& test) { return test.param.name; });

TEST_F(HttpServerTest, TooLongHeadersAreRefused) {
  Serve({.max_header_bytes = 512});
  EXPECT_EQ(Ask(PostText("/", "X: " + std::string(1000, 'x') + "\r\n", "")).status, 431);
  // Also when they never end.
  HttpPeer peer(server_->bound_port());
  peer.Send("GET / HTTP/1.1\r\nX: " + std::string(200'000, 'x'));
  EXPECT_EQ(peer.ReadReply().status, 431);
}

TEST_F(HttpServerTest, SlowHeadersAndBodiesTimeOut) {
  Serve({.header_timeout = milliseconds(40), .body_timeout = milliseconds(40)});
  HttpPeer header(server_->bound_port());
  header.Send("POST / HTTP/1.1\r\nHost:");
  EXPECT_EQ(header.ReadReply().status, 408);
  HttpPeer body(server_->bound_port());
  body.Send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nabc");
  const HttpReply reply = body.ReadReply();
  EXPECT_EQ(reply.status, 408);
  EXPECT_EQ(reply.headers.at("connection"), "close");
}

TEST_F(HttpServerTest, SilentConnectionsAreClosed) {
  Serve({.header_timeout = milliseconds(40), .idle_timeout = milliseconds(40)});
  HttpPeer never(server_->bound_port());
  EXPECT_TRUE(never.AtEnd());
  HttpPeer once(server_->bound_port());
  once.Send(kGet);
  EXPECT_EQ(once.ReadReply().status, 200);
  EXPECT_TRUE(once.AtEnd());
}

TEST_F(HttpServerTest, ASlowAnswerDoesNotTimeOut) {
  HoldRequests();
  Serve({.header_timeout = milliseconds(40),
         .body_timeout = milliseconds(40),
         .idle_timeout = milliseconds(40)});
  HttpPeer peer(server_->bound_port());
  peer.Send(kGet);
  auto [request, responder] = NextHeld();
  HttpPeer other(server_->bound_port());  // closed after the same time: the clock of this test
  EXPECT_TRUE(other.AtEnd());
  responder.Complete({.body = "late"});
  EXPECT_EQ(peer.ReadReply().body, "late");
}

TEST_F(HttpServerTest, ConnectionsAboveTheLimitAreClosedAndCounted) {
  Serve({.max_connections = 2});
  HttpPeer first(server_->bound_port());
  HttpPeer second(server_->bound_port());
  for (HttpPeer* peer : {&first, &second}) {
    peer->Send(kGet);
    EXPECT_EQ(peer->ReadReply().status, 200);
  }
  HttpPeer third(server_->bound_port());
  EXPECT_EQ(third.ReadReply().status, 0);
  EXPECT_EQ(server_->refused_connections(), 1U);
  first.Send(kGet);
  EXPECT_EQ(first.ReadReply().status, 200);
}

TEST_F(HttpServerTest, ClosesWhenThePeerAsks) {
  Serve();
  HttpPeer peer(server_->bound_port());
  peer.Send(PostText("/", "Connection: close\r\n", ""));
  EXPECT_EQ(peer.ReadReply().headers.at("connection"), "close");
  EXPECT_TRUE(peer.AtEnd());
  HttpPeer old(server_->bound_port());
  old.Send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.ReadReply().headers.at("connection"), "close");
  EXPECT_TRUE(old.AtEnd());
  HttpPeer old_kept(server_->bound_port());
  old_kept.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(old_kept.ReadReply().headers.at("connection"), "keep-alive");
}

TEST_F(HttpServerTest, AnswersAPeerThatHasFinishedSending) {
  Serve();
  HttpPeer peer(server_->bound_port());
  peer.Send(PostText("/", "", "last"));
  peer.FinishSending();
  EXPECT_EQ(peer.ReadReply().body, "POST / last");
}

TEST_F(HttpServerTest, AnswersHeadWithoutABody) {
  Serve();
  HttpPeer peer(server_->bound_port());
  peer.Send("HEAD /h HTTP/1.1\r\nHost: here\r\n\r\n");
  const HttpReply reply = peer.ReadReply(HttpPeer::Expecting::kNoBody);
  EXPECT_EQ(reply.headers.at("content-length"), "8");  // "HEAD /h "
  peer.Send(kGet);
  EXPECT_EQ(peer.ReadReply().body, "GET / ");
}

TEST_F(HttpServerTest, ADroppedResponderAnswersUnavailable) {
  hooks_.handle = [](HttpRequest, HttpResponder) {};
  hooks_.fault = [](unsigned status, std::string_view, const HttpRequest& head) {
    return HttpResponse{.status = status, .body = "fault at " + head.target};
  };
  Serve();
  HttpPeer peer(server_->bound_port());
  peer.Send(PostText("/lost", "", "x"));
  const HttpReply reply = peer.ReadReply();
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, "fault at /lost");
  peer.Send(PostText("/again", "", "x"));  // the connection is still good
  EXPECT_EQ(peer.ReadReply().body, "fault at /again");
}

TEST_F(HttpServerTest, ConnectionsAreToldApart) {
  hooks_.handle = [](HttpRequest request, HttpResponder responder) {
    responder.Complete({.body = std::to_string(request.connection) + " " + request.peer});
  };
  Serve();
  HttpPeer a(server_->bound_port()), b(server_->bound_port());
  const auto ask = [](HttpPeer& peer) {
    peer.Send(kGet);
    return peer.ReadReply().body;
  };
  const std::string first = ask(a);
  EXPECT_EQ(ask(a), first);
  EXPECT_NE(ask(b), first);
  EXPECT_THAT(first, testing::HasSubstr(" 127.0.0.1:"));
}

TEST_F(HttpServerTest, RepeatedHeadersReadAsOneList) {
  hooks_.handle = [](HttpRequest request, HttpResponder responder) {
    responder.Complete({.body = request.Header("CONTENT-encoding") + "|" + request.Header("none")});
  };
  Serve();
  EXPECT_EQ(Ask(PostText("/", "Content-Encoding: gzip\r\ncontent-encoding: zstd\r\n", "")).body,
            "gzip, zstd|");
}

TEST_F(HttpServerTest, SlowAnswersBlockNoOtherConnection) {
  HoldRequests();
  Serve({.threads = 2});
  std::deque<HttpPeer> peers;
  for (size_t i = 0; i < 20; ++i) {
    HttpPeer& peer = peers.emplace_back(server_->bound_port());
    peer.Send(PostText(Numbered("/", i), "", ""));
  }
  std::vector<std::pair<HttpRequest, HttpResponder>> held;
  for (int i = 0; i < 20; ++i) held.push_back(NextHeld());
  std::thread other([&held] {
    for (auto it = held.rbegin(); it != held.rend(); ++it) {
      std::string body = it->first.target;
      it->second.Complete({.body = std::move(body)});
    }
  });
  for (size_t i = 0; i < 20; ++i) EXPECT_EQ(peers[i].ReadReply().body, Numbered("/", i));
  other.join();
}

TEST_F(HttpServerTest, StopLetsRunningRequestsFinishAndClosesIdleConnections) {
  HoldRequests();
  Serve();
  HttpPeer idle(server_->bound_port());
  HttpPeer busy(server_->bound_port());
  busy.Send(PostText("/busy", "", ""));
  auto [request, responder] = NextHeld();
  std::thread stopping([this] { server_->Stop(Soon()); });
  EXPECT_TRUE(idle.AtEnd());  // so Stop has begun
  responder.Complete({.body = "done"});
  const HttpReply reply = busy.ReadReply();
  EXPECT_EQ(reply.body, "done");
  EXPECT_EQ(reply.headers.at("connection"), "close");
  EXPECT_TRUE(busy.AtEnd());
  stopping.join();
  HttpPeer late(server_->bound_port());
  late.Send(kGet);
  EXPECT_EQ(late.ReadReply().status, 0);
}

TEST_F(HttpServerTest, ARequestThatBeginsDuringStopIsAnsweredUnavailable) {
  HoldRequests();
  Serve();
  HttpPeer idle(server_->bound_port());
  HttpPeer busy(server_->bound_port());
  busy.Send(PostText("/busy", "", "") + PostText("/next", "", ""));
  auto [request, responder] = NextHeld();
  HttpPeer half(server_->bound_port());
  half.Send("POST /half HTTP/1.1\r\nHo");
  half.Send("st: here\r\nContent-Length: 0\r\nX");
  idle.Send(kGet);  // answered after the above was read: both go through one thread
  auto [other_request, other] = NextHeld();
  other.Complete({});
  EXPECT_EQ(idle.ReadReply().status, 200);
  std::thread stopping([this] { server_->Stop(Soon()); });
  EXPECT_TRUE(idle.AtEnd());
  half.Send(": y\r\n\r\n");
  EXPECT_EQ(half.ReadReply().status, 503);
  responder.Complete({.body = "done"});
  EXPECT_EQ(busy.ReadReply().body, "done");
  EXPECT_TRUE(busy.AtEnd());  // the pipelined one is not answered: the peer may send it elsewhere
  stopping.join();
}

TEST_F(HttpServerTest, StopGivesUpAtItsDeadlineAndLateAnswersAreDropped) {
  HoldRequests();
  Serve();
  HttpPeer peer(server_->bound_port());
  peer.Send(kGet);
  auto [request, responder] = NextHeld();
  server_->Stop(steady_clock::now());
  EXPECT_EQ(peer.ReadReply().status, 0);
  server_.reset();
  responder.Complete({.body = "nobody listens"});
}

TEST_F(HttpServerTest, APeerThatLeavesHarmsNobody) {
  HoldRequests();
  Serve();
  {
    HttpPeer peer(server_->bound_port());
    peer.Send(kGet);
    auto [request, responder] = NextHeld();
    HttpPeer cut(server_->bound_port());
    cut.Send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nabc");
    cut.FinishSending();
    EXPECT_TRUE(cut.AtEnd());
    responder.Complete({});
    EXPECT_EQ(peer.ReadReply().status, 200);
  }
  EXPECT_TRUE(held_.empty());
}

TEST_F(HttpServerTest, ManyClientsAtOnceAreAllAnswered) {
  Serve({.threads = 2});
  std::vector<std::thread> clients;
  std::atomic<int> good{0};
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([this, &good, c] {
      HttpPeer peer(server_->bound_port());
      for (int i = 0; i < 100; ++i) {
        const std::string body(static_cast<size_t>(1 + i * 97), static_cast<char>('a' + c));
        peer.Send(PostText("/", "", body));
        if (peer.ReadReply().body == "POST / " + body) ++good;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(good, 800);
}

TEST_F(HttpServerTest, SpeaksTls) {
  Serve({.tls = Server()});
  const auto context = CreateTlsClientContext(Client());
  ASSERT_TRUE(context.ok()) << context.status();
  {
    HttpPeer peer(server_->bound_port(), context->get());
    ASSERT_TRUE(peer.secure());
    for (int i = 0; i < 3; ++i) {
      peer.Send(PostText("/tls", "", std::string(100'000, 't')));
      EXPECT_EQ(peer.ReadReply().body.size(), 100'010U);
    }
    peer.Send(PostText("/tls", "Connection: close\r\n", ""));
    EXPECT_EQ(peer.ReadReply().status, 200);
    EXPECT_TRUE(peer.AtEnd());
  }
  HttpPeer clear(server_->bound_port());
  clear.Send(kGet);
  EXPECT_EQ(clear.ReadReply().status, 0);
}

TEST_F(HttpServerTest, AsksForClientCertificatesWhenToldWhomToTrust) {
  TlsServerOptions tls = Server();
  tls.client_ca_file = files_.ca_file;
  Serve({.tls = tls});
  const auto anonymous = CreateTlsClientContext(Client());
  ASSERT_TRUE(anonymous.ok());
  HttpPeer refused(server_->bound_port(), anonymous->get());
  refused.Send(kGet);
  EXPECT_EQ(refused.ReadReply().status, 0);
  TlsClientOptions known = Client();
  known.cert_file = files_.client_cert_file;
  known.key_file = files_.client_key_file;
  const auto context = CreateTlsClientContext(known);
  ASSERT_TRUE(context.ok());
  HttpPeer peer(server_->bound_port(), context->get());
  peer.Send(kGet);
  EXPECT_EQ(peer.ReadReply().status, 200);
}

TEST_F(HttpServerTest, AHandshakeThatStallsIsClosed) {
  Serve({.header_timeout = milliseconds(40), .tls = Server()});
  HttpPeer peer(server_->bound_port());
  EXPECT_TRUE(peer.AtEnd());
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  Serve();
  const std::string taken = Numbered("127.0.0.1:", server_->bound_port());
  const auto handle = [](HttpRequest, HttpResponder) {};
  EXPECT_THAT(HttpServer::Create({.endpoint = taken}, {.handle = handle}).status().ToString(),
              testing::HasSubstr("in use"));
  EXPECT_EQ(HttpServer::Create({.endpoint = "nonsense"}, {.handle = handle}).status().code(),
            absl::StatusCode::kInvalidArgument);
  TlsServerOptions tls = Server();
  tls.key_file = "/nowhere";
  EXPECT_FALSE(HttpServer::Create({.tls = tls}, {.handle = handle}).ok());
}

TEST_F(HttpServerTest, CanBeDestroyedWithoutHavingStarted) {
  const auto server = HttpServer::Create({}, {.handle = [](HttpRequest, HttpResponder) {}});
  EXPECT_TRUE(server.ok());
}

}  // namespace
}  // namespace flameway
