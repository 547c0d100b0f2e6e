// SPDX-License-Identifier: Apache-2.0
#include "bridge/receive/otlp_http.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bridge/compress/codec.h"
#include "bridge/http/http_server.h"
#include "bridge/receive/answer_mapping.h"
#include "bridge/receive/status_details.h"

namespace flameway {
namespace {

constexpr char kProtobuf[] = "application/x-protobuf";
constexpr char kJson[] = "application/json";
constexpr char kCodings[] = "gzip, zstd";
constexpr std::chrono::milliseconds kRetryDelay{1'000};  // of refusals the intake never saw

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The media type to answer with, equal to the request's, if it is one for protobuf.
std::optional<std::string> ProtobufType(const HttpRequest& request) {
  const std::string value = request.Header("content-type");
  const std::string_view type = Trimmed(std::string_view(value).substr(0, value.find(';')));
  for (const char* known : {kProtobuf, "application/protobuf"}) {
    if (EqualIgnoringCase(type, known)) return known;
  }
  return std::nullopt;
}

// Several codings on top of each other are not understood, nor is snappy, which no HTTP client of
// OTLP sends.
std::optional<Codec> CodingOf(const HttpRequest& request) {
  const std::optional<Codec> codec = ParseCodec(Trimmed(request.Header("content-encoding")));
  if (codec == Codec::kSnappy) return std::nullopt;
  return codec;
}

HttpResponse Error(unsigned http_status, const StatusDetails& error,
                   const std::optional<std::string>& protobuf_type) {
  HttpResponse response{.status = http_status};
  if (protobuf_type) {
    response.content_type = *protobuf_type;
    response.body = EncodeStatusDetails(error);
  } else {
    response.content_type = kJson;
    response.body = StatusDetailsJson(error);
  }
  if (error.retry_delay) {
    response.headers.emplace_back("Retry-After", RetryAfterSeconds(*error.retry_delay));
  }
  return response;
}

int32_t GrpcCodeOf(unsigned http_status) {
  switch (http_status) {
    case 404:
    case 405:
    case 415:
    case 501:
    case 505:
      return 12;  // UNIMPLEMENTED
    case 408:
      return 4;  // DEADLINE_EXCEEDED
    case 413:
      return CodesOf(Answer::Kind::kTooLarge).grpc;
    case 503:
      return CodesOf(Answer::Kind::kUnavailable).grpc;
    default:
      return CodesOf(Answer::Kind::kInvalid).grpc;
  }
}

HttpResponse Fault(unsigned status, std::string_view reason, const HttpRequest& head) {
  StatusDetails error{.code = GrpcCodeOf(status), .message = std::string(reason)};
  if (status == 503) error.retry_delay = kRetryDelay;
  return Error(status, error, ProtobufType(head));
}

HttpVerdict Gate(const std::vector<std::string>& paths, size_t max_body_bytes,
                 const HttpRequest& head) {
  const auto refuse = [&head](unsigned status, std::string_view reason, HttpHeaders headers) {
    HttpResponse refusal = Fault(status, reason, head);
    refusal.headers = std::move(headers);
    return HttpVerdict{.refusal = std::move(refusal)};
  };
  if (std::find(paths.begin(), paths.end(), head.Path()) == paths.end()) {
    return refuse(404, "no such path; profiles are taken at " + (paths.empty() ? "" : paths[0]),
                  {});
  }
  if (head.method != "POST") return refuse(405, "send profiles with POST", {{"Allow", "POST"}});
  if (!ProtobufType(head)) {
    return refuse(415, "send profiles as application/x-protobuf", {{"Accept-Post", kProtobuf}});
  }
  if (!CodingOf(head)) {
    return refuse(415, "the Content-Encoding must be one of identity, gzip, zstd",
                  {{"Accept-Encoding", kCodings}});
  }
  return {.max_body_bytes = max_body_bytes};
}

HttpResponse ResponseOf(const Answer& answer, const std::string& type) {
  if (answer.kind != Answer::Kind::kAccepted) {
    return Error(CodesOf(answer).http, ErrorOf(answer), type);
  }
  return {.status = CodesOf(answer.kind).http,
          .content_type = type,
          .body = EncodeExportResponse(answer)};
}

void Receive(const Intake& intake, HttpRequest request, HttpResponder responder) {
  // Both were checked at the gate.
  std::string type = ProtobufType(request).value_or(kProtobuf);
  const Codec codec = CodingOf(request).value_or(Codec::kNone);
  intake(Arrival{.body = std::move(request.body),
                 .codec = codec,
                 .transport = Transport::kHttp,
                 .connection = request.connection},
         Ack([responder = std::move(responder), type = std::move(type)](
                 const Answer& answer) mutable { responder.Complete(ResponseOf(answer, type)); }));
}

}  // namespace

absl::StatusOr<std::unique_ptr<OtlpHttpReceiver>> OtlpHttpReceiver::Create(
    OtlpHttpReceiverOptions options, Intake intake, BodyMeterMaker meters) {
  HttpHooks hooks;
  hooks.handle = [intake = std::move(intake)](HttpRequest request, HttpResponder responder) {
    Receive(intake, std::move(request), std::move(responder));
  };
  hooks.gate = [paths = options.paths, limit = options.max_request_bytes,
                meters = std::move(meters)](const HttpRequest& head) {
    HttpVerdict verdict = Gate(paths, limit, head);
    if (!verdict.refusal && meters) verdict.admits_body = meters();
    return verdict;
  };
  hooks.fault = Fault;
  HttpServerOptions server_options{
      .endpoint = std::move(options.endpoint),
      .max_header_bytes = options.max_header_bytes,
      .max_connections = options.max_connections,
      .header_timeout = options.header_timeout,
      .body_timeout = options.body_timeout,
      .idle_timeout = options.idle_timeout,
      // Copying bodies off the sockets is all they do.
      .threads = static_cast<int>(std::clamp(std::thread::hardware_concurrency() / 2, 1U, 4U)),
      .tls = std::move(options.tls)};
  auto server = HttpServer::Create(std::move(server_options), std::move(hooks));
  if (!server.ok()) return server.status();
  (*server)->Start();
  return std::unique_ptr<OtlpHttpReceiver>(new OtlpHttpReceiver(*std::move(server)));
}

OtlpHttpReceiver::OtlpHttpReceiver(std::unique_ptr<HttpServer> server)
    : server_(std::move(server)) {}

OtlpHttpReceiver::~OtlpHttpReceiver() = default;

uint16_t OtlpHttpReceiver::bound_port() const { return server_->bound_port(); }

void OtlpHttpReceiver::Stop(std::chrono::steady_clock::time_point deadline) {
  server_->Stop(deadline);
}

}  // namespace flameway
