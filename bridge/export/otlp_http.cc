// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/otlp_http.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "bridge/compress/codec.h"
#include "bridge/export/cancellation.h"
#include "bridge/export/curl_tls.h"
#include "bridge/export/export_response.h"
#include "bridge/export/failed_delivery.h"
#include "bridge/export/http_target.h"
#include "bridge/export/request_headers.h"
#include "bridge/export/retry_after.h"
#include "bridge/export/retry_classification.h"
#include "bridge/export/rpc_status.h"
#include "bridge/export/user_agent.h"
#include "bridge/tls/tls_reloader.h"

namespace flameway {
namespace {

using Outcome = Delivery::Outcome;

constexpr size_t kMaxResponseBytes = size_t{4} << 20U;
constexpr std::string_view kProtobuf = "application/x-protobuf";

absl::string_view Absl(std::string_view text) { return {text.data(), text.size()}; }

bool SameName(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(Absl(a), Absl(b));
}

// libcurl wants it before any handle, once; since 7.84 it may be called by any thread.
bool StartCurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  return started == CURLE_OK;
}

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListDeleter>;

void Append(List* list, const std::string& line) {
  // On failure curl_slist_append leaves the old list alone, and small allocations do not fail
  // (style, section 4).
  list->reset(curl_slist_append(list->release(), line.c_str()));
}

// What all lanes share; immutable after Start.
struct Destination {
  OtlpHttpExporterOptions options;
  HttpTarget target;
  RequestHeaders headers;
  WallClock now;
  std::unique_ptr<TlsReloader> tls;  // null for http, and before Start
  std::unique_ptr<Cancellation> cancellation = std::make_unique<Cancellation>();
};

// The answer to the request under way.
struct Answer {
  std::string body;
  std::string content_type;
  std::string retry_after;
  bool too_large = false;
};

std::string_view FailureCode(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return "timeout";
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      return "connect";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_ABORTED_BY_CALLBACK:  // our TLS callback
      return "tls";
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return "protocol";
    default:
      return "closed";
  }
}

class OtlpHttpLane final : public ExportLane {
 public:
  // `destination` outlives the lane: it belongs to the exporter.
  explicit OtlpHttpLane(const Destination& destination);
  Delivery Deliver(const Frame& frame) override;

 private:
  static size_t OnBody(char* bytes, size_t one, size_t size, void* user);
  static size_t OnHeader(char* bytes, size_t one, size_t size, void* user);
  static CURLcode OnTlsContext(CURL* easy, void* context, void* user);
  List HeaderLines(const Frame& frame) const;
  Delivery FromAnswer(int status);
  // The transfer that was set up. nullopt: cancelled.
  std::optional<CURLcode> Transfer();

  const Destination& destination_;
  std::unique_ptr<CURLM, MultiDeleter> multi_;  // keeps the connection; waits can be interrupted
  std::unique_ptr<CURL, EasyDeleter> easy_;
  List connect_to_;
  Answer answer_;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

OtlpHttpLane::OtlpHttpLane(const Destination& destination)
    : destination_(destination), multi_(curl_multi_init()), easy_(curl_easy_init()) {
  if (easy_ == nullptr) return;
  const HttpTarget& target = destination.target;
  CURL* const easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(easy, CURLOPT_URL, target.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, target.uses_tls ? "https" : "http");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(destination.options.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(destination.options.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  if (target.is_loopback) curl_easy_setopt(easy, CURLOPT_PROXY, "");
  if (!target.connect_to.empty()) {
    Append(&connect_to_, target.connect_to);
    curl_easy_setopt(easy, CURLOPT_CONNECT_TO, connect_to_.get());
  }
  if (target.uses_tls) {
    const long verify = destination.options.tls.insecure_skip_verify ? 0L : 1L;
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, verify);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, verify * 2);
    // Trust comes with our context; libcurl need not read the system's certificates for each
    // connection.
    curl_easy_setopt(easy, CURLOPT_CAINFO, nullptr);
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, OnTlsContext);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, this);
  }
}

size_t OtlpHttpLane::OnBody(char* bytes, size_t /*one*/, size_t size, void* user) {
  Answer& answer = static_cast<OtlpHttpLane*>(user)->answer_;
  if (size > kMaxResponseBytes - answer.body.size()) {
    answer.too_large = true;
    return 0;  // ends the transfer
  }
  answer.body.append(bytes, size);
  return size;
}

size_t OtlpHttpLane::OnHeader(char* bytes, size_t /*one*/, size_t size, void* user) {
  Answer& answer = static_cast<OtlpHttpLane*>(user)->answer_;
  const std::string_view line(bytes, size);
  if (line.starts_with("HTTP/")) {  // a final status after an informational one
    answer.content_type.clear();
    answer.retry_after.clear();
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  const std::string_view name = line.substr(0, colon);
  const absl::string_view value = absl::StripAsciiWhitespace(Absl(line.substr(colon + 1)));
  if (SameName(name, "content-type")) answer.content_type = std::string(value);
  if (SameName(name, "retry-after")) answer.retry_after = std::string(value);
  return size;
}

CURLcode OtlpHttpLane::OnTlsContext(CURL* /*easy*/, void* context, void* user) {
  const Destination& destination = static_cast<OtlpHttpLane*>(user)->destination_;
  const auto from = destination.tls->Current(std::chrono::steady_clock::now());
  return CopyTlsContext(from.get(), static_cast<SSL_CTX*>(context)) ? CURLE_OK
                                                                    : CURLE_SSL_CERTPROBLEM;
}

List OtlpHttpLane::HeaderLines(const Frame& frame) const {
  List lines;
  Append(&lines, "Content-Type: " + std::string(kProtobuf));
  if (frame.codec != Codec::kNone) {
    Append(&lines, "Content-Encoding: " + std::string(CodecName(frame.codec)));
  }
  if (frame.id != BatchId{}) {
    Append(&lines, std::string(kBatchIdHeader) + ": " + BatchIdText(frame.id));
  }
  Append(&lines, "Expect:");  // no waiting for 100-continue
  bool names_agent = false;
  bool names_host = false;
  for (const auto& [name, value] : destination_.headers) {
    names_agent |= SameName(name, "user-agent");
    names_host |= SameName(name, "host");
    // libcurl reads "name:" as "leave it out" and "name;" as "send it empty".
    Append(&lines, value.empty() ? name + ";" : name + ": " + value);
  }
  if (!names_agent) Append(&lines, "User-Agent: " + std::string(UserAgent()));
  if (!names_host && !destination_.target.host_header.empty()) {
    Append(&lines, "Host: " + destination_.target.host_header);
  }
  return lines;
}

Delivery OtlpHttpLane::Deliver(const Frame& frame) {
  if (easy_ == nullptr || multi_ == nullptr)
    return FailedDelivery(Outcome::kRetry, "resources", "libcurl: out of memory");
  if (destination_.target.uses_tls && destination_.tls == nullptr) {
    return FailedDelivery(Outcome::kRetry, "unstarted", "the exporter was not started");
  }
  if (auto refused = RefuseOversize(frame, destination_.options.wire_form)) {
    return *std::move(refused);
  }
  answer_ = Answer{};
  error_[0] = '\0';
  const List lines = HeaderLines(frame);
  CURL* const easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines.get());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(frame.payload.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, frame.payload.data());  // borrowed, not copied
  const std::optional<CURLcode> code = Transfer();
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, nullptr);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
  if (answer_.too_large) {
    return FailedDelivery(Outcome::kPermanent, "response_too_large",
                          "the answer exceeds " + std::to_string(kMaxResponseBytes) + " bytes");
  }
  if (!code.has_value()) {
    return FailedDelivery(Outcome::kRetry, "cancelled", "cancelled before the answer came");
  }
  if (code != CURLE_OK) {
    return FailedDelivery(Outcome::kRetry, FailureCode(*code),
                          error_[0] != '\0' ? error_.data() : curl_easy_strerror(*code));
  }
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return FromAnswer(static_cast<int>(status));
}

std::optional<CURLcode> OtlpHttpLane::Transfer() {
  constexpr int kLongestWaitMs = 60'000;  // libcurl's own timers are earlier
  const Cancellation& cancellation = *destination_.cancellation;
  std::optional<CURLcode> code;
  if (curl_multi_add_handle(multi_.get(), easy_.get()) != CURLM_OK) return CURLE_FAILED_INIT;
  int running = 1;
  while (!cancellation.cancelled()) {
    if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) code = CURLE_FAILED_INIT;
    if (running == 0 || code.has_value()) break;
    curl_waitfd wake{.fd = cancellation.fd(), .events = CURL_WAIT_POLLIN, .revents = 0};
    curl_multi_poll(multi_.get(), &wake, wake.fd < 0 ? 0 : 1, kLongestWaitMs, nullptr);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  }
  // A name lookup under way is not waited for.
  if (!code.has_value()) curl_easy_setopt(easy_.get(), CURLOPT_QUICK_EXIT, 1L);
  curl_multi_remove_handle(multi_.get(), easy_.get());
  return code;
}

Delivery OtlpHttpLane::FromAnswer(int status) {
  const Outcome outcome = ClassifyHttp(status);
  const bool is_protobuf = absl::StartsWithIgnoreCase(answer_.content_type, Absl(kProtobuf));
  if (outcome == Outcome::kDelivered) {
    // The destination has the request. An answer we cannot read does not change that.
    Delivery delivery;
    std::optional<ExportResponse> response;
    if (is_protobuf || answer_.body.empty()) response = ParseExportResponse(answer_.body);
    if (response.has_value()) {
      delivery.rejected_profiles = response->rejected_profiles;
      delivery.message = ShownText(response->error_message);
    } else {
      delivery.message = "accepted; the response could not be read";
    }
    return delivery;
  }
  std::string message = answer_.body;
  std::optional<std::chrono::milliseconds> retry_delay;
  if (is_protobuf) {
    const std::optional<RpcStatus> rpc_status = ParseRpcStatus(answer_.body);
    message = rpc_status.has_value() ? rpc_status->message : "";
    if (rpc_status.has_value()) retry_delay = rpc_status->retry_delay;
  }
  Delivery delivery =
      FailedDelivery(outcome, std::to_string(status),
                     message.empty() ? "HTTP status " + std::to_string(status) : message);
  if (outcome == Outcome::kRetry) {
    // The header is what OTLP/HTTP speaks of; a RetryInfo in the body is taken in its absence.
    const auto wish = ParseRetryAfter(answer_.retry_after, destination_.now());
    delivery.retry_after = wish.has_value() ? wish : retry_delay;
  }
  return delivery;
}

class OtlpHttpExporter final : public Exporter {
 public:
  explicit OtlpHttpExporter(Destination destination) : destination_(std::move(destination)) {}

  WireForm wire_form() const override { return destination_.options.wire_form; }

  absl::Status Start() override {
    if (!destination_.target.uses_tls) return absl::OkStatus();
    auto tls = TlsReloader::Create(destination_.options.tls, std::chrono::steady_clock::now());
    if (!tls.ok()) return tls.status();
    destination_.tls = *std::move(tls);
    return absl::OkStatus();
  }

  std::unique_ptr<ExportLane> OpenLane() override {
    return std::make_unique<OtlpHttpLane>(destination_);
  }

  void Cancel() override { destination_.cancellation->Cancel(); }

 private:
  Destination destination_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Exporter>> CreateOtlpHttpExporter(
    const OtlpHttpExporterOptions& options) {
  return CreateOtlpHttpExporter(options, [] { return std::chrono::system_clock::now(); });
}

absl::StatusOr<std::unique_ptr<Exporter>> CreateOtlpHttpExporter(
    const OtlpHttpExporterOptions& options, WallClock now) {
  if (!StartCurl()) return absl::InternalError("libcurl could not be initialised");
  auto target = ParseHttpTarget(options.profiles_endpoint, options.tls.server_name_override);
  if (!target.ok()) return target.status();
  auto headers = HttpRequestHeaders(options.headers);
  if (!headers.ok()) return headers.status();
  Destination destination;
  destination.options = options;
  destination.target = *std::move(target);
  destination.headers = *std::move(headers);
  destination.now = std::move(now);
  return std::make_unique<OtlpHttpExporter>(std::move(destination));
}

}  // namespace flameway
