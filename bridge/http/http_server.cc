// SPDX-License-Identifier: Apache-2.0
#include "bridge/http/http_server.h"

#include <utility>

#include "bridge/http/http_engine.h"
#include "bridge/tls/tls_reloader.h"

namespace flameway {
namespace {

HttpResponse PlainFault(unsigned status, std::string_view reason, const HttpRequest&) {
  return {.status = status, .content_type = "text/plain", .body = std::string(reason) + "\n"};
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Create(HttpServerOptions options,
                                                               HttpHooks hooks) {
  if (options.threads < 1 || options.max_connections < 1) {
    return absl::InvalidArgumentError("an HTTP server needs a thread and a connection");
  }
  if (!hooks.gate) {
    hooks.gate = [limit = options.max_body_bytes](const HttpRequest&) {
      return HttpVerdict{.max_body_bytes = limit};
    };
  }
  if (!hooks.fault) hooks.fault = PlainFault;
  std::unique_ptr<TlsReloader> tls;
  if (options.tls) {
    auto reloader = TlsReloader::Create(*options.tls, std::chrono::steady_clock::now());
    if (!reloader.ok()) return reloader.status();
    tls = *std::move(reloader);
  }
  auto engine = std::make_shared<HttpEngine>(std::move(options), std::move(hooks), std::move(tls));
  if (absl::Status status = engine->Listen(); !status.ok()) return status;
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(engine)));
}

HttpServer::HttpServer(std::shared_ptr<HttpEngine> engine) : engine_(std::move(engine)) {}

HttpServer::~HttpServer() { Stop(std::chrono::steady_clock::now()); }

void HttpServer::Start() {
  engine_->StartAccepting();
  for (int i = 0; i < engine_->options().threads; ++i) {
    threads_.emplace_back([engine = engine_.get()] { engine->Run(); });
  }
}

uint16_t HttpServer::bound_port() const { return engine_->port(); }

uint64_t HttpServer::refused_connections() const { return engine_->refused_connections(); }

void HttpServer::Stop(std::chrono::steady_clock::time_point deadline) {
  if (threads_.empty()) return;  // never started, or stopped before
  engine_->Drain();
  engine_->WaitUntilEmpty(deadline);
  engine_->End();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace flameway
