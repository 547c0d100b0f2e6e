// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/page_server.h"

#include <string>
#include <utility>

namespace flameway {
namespace {

HttpResponse PlainText(unsigned status, std::string text) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::move(text)};
}

HttpResponse Respond(const HttpRequest& request, const std::string& path,
                     const PageServer::Page& page) {
  if (request.Path() != path) return PlainText(404, "not found\n");
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse response = PlainText(405, "only GET and HEAD\n");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  return page();
}

}  // namespace

absl::StatusOr<std::unique_ptr<PageServer>> PageServer::Create(const EndpointSpec& spec,
                                                               Page page) {
  HttpServerOptions options;
  options.endpoint = spec.endpoint;
  options.max_body_bytes = 1'024;
  options.max_connections = 32;
  options.idle_timeout = std::chrono::seconds(60);
  HttpHooks hooks;
  hooks.handle = [path = spec.path, page = std::move(page)](const HttpRequest& request,
                                                            HttpResponder responder) {
    responder.Complete(Respond(request, path, page));
  };
  absl::StatusOr<std::unique_ptr<HttpServer>> server =
      HttpServer::Create(std::move(options), std::move(hooks));
  if (!server.ok()) return server.status();
  (*server)->Start();
  return std::unique_ptr<PageServer>(new PageServer(*std::move(server)));
}

}  // namespace flameway
