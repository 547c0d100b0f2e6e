// SPDX-License-Identifier: Apache-2.0
#include "bridge/receive/status_details.h"

#include <algorithm>

#include "bridge/observe/json_text.h"

namespace flameway {
namespace {

constexpr char kRetryInfoType[] = "type.googleapis.com/google.rpc.RetryInfo";
constexpr char kBadRequestType[] = "type.googleapis.com/google.rpc.BadRequest";
constexpr int64_t kMillisPerSecond = 1'000;
constexpr int64_t kNanosPerMilli = 1'000'000;

void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<char>(value | 0x80));
  out->push_back(static_cast<char>(value));
}

std::string Any(const char* type, const std::string& value) {
  std::string any;
  AppendBytesField(1, type, &any);
  AppendBytesField(2, value, &any);
  return any;
}

int64_t NonNegative(std::chrono::milliseconds delay) { return std::max<int64_t>(delay.count(), 0); }

std::string EncodeRetryInfo(std::chrono::milliseconds delay) {
  const auto millis = static_cast<uint64_t>(NonNegative(delay));
  std::string duration;
  if (millis >= kMillisPerSecond) AppendVarintField(1, millis / kMillisPerSecond, &duration);
  if (millis % kMillisPerSecond != 0) {
    AppendVarintField(2, millis % kMillisPerSecond * kNanosPerMilli, &duration);
  }
  std::string retry_info;
  AppendBytesField(1, duration, &retry_info);
  return retry_info;
}

std::string EncodeBadRequest(const std::vector<Answer::Violation>& violations) {
  std::string bad_request;
  for (const Answer::Violation& violation : violations) {
    std::string entry;
    AppendBytesField(1, violation.field, &entry);
    AppendBytesField(2, violation.description, &entry);
    AppendBytesField(1, entry, &bad_request);
  }
  return bad_request;
}

std::string Quoted(const std::string& text) {
  std::string quoted;
  AppendJsonString(text, &quoted);
  return quoted;
}

}  // namespace

void AppendVarintField(uint32_t field, uint64_t value, std::string* out) {
  AppendVarint(uint64_t{field} << 3, out);
  AppendVarint(value, out);
}

void AppendBytesField(uint32_t field, const std::string& bytes, std::string* out) {
  AppendVarint(uint64_t{field} << 3 | 2, out);
  AppendVarint(bytes.size(), out);
  out->append(bytes);
}

std::string EncodeStatusDetails(const StatusDetails& status) {
  std::string bytes;
  if (status.code != 0) AppendVarintField(1, static_cast<uint64_t>(status.code), &bytes);
  if (!status.message.empty()) AppendBytesField(2, status.message, &bytes);
  if (status.retry_delay) {
    AppendBytesField(3, Any(kRetryInfoType, EncodeRetryInfo(*status.retry_delay)), &bytes);
  }
  if (!status.violations.empty()) {
    AppendBytesField(3, Any(kBadRequestType, EncodeBadRequest(status.violations)), &bytes);
  }
  return bytes;
}

std::string StatusDetailsJson(const StatusDetails& status) {
  std::string details;
  if (status.retry_delay) {
    const int64_t millis = NonNegative(*status.retry_delay);
    std::string fraction = std::to_string(millis % kMillisPerSecond);
    fraction.insert(0, 3 - fraction.size(), '0');
    details += "{\"@type\":\"" + std::string(kRetryInfoType) + "\",\"retryDelay\":\"" +
               std::to_string(millis / kMillisPerSecond) + "." + fraction + "s\"}";
  }
  if (!status.violations.empty()) {
    if (!details.empty()) details += ",";
    details += "{\"@type\":\"" + std::string(kBadRequestType) + "\",\"fieldViolations\":[";
    const char* separator = "";
    for (const Answer::Violation& violation : status.violations) {
      details += separator;
      details += "{\"field\":" + Quoted(violation.field) +
                 ",\"description\":" + Quoted(violation.description) + "}";
      separator = ",";
    }
    details += "]}";
  }
  std::string json =
      "{\"code\":" + std::to_string(status.code) + ",\"message\":" + Quoted(status.message);
  if (!details.empty()) json += ",\"details\":[" + details + "]";
  return json + "}";
}

}  // namespace flameway
