// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/retry_after.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace flameway {
namespace {

using std::chrono::milliseconds;

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool IsDigits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<milliseconds> ParseRetryAfter(std::string_view value,
                                            std::chrono::system_clock::time_point now) {
  const std::string_view text = Trim(value);
  if (IsDigits(text)) {
    int64_t seconds = 0;
    for (const char digit : text) {
      seconds = std::min<int64_t>(seconds * 10 + (digit - '0'), int64_t{1} << 32U);
    }
    return std::min<milliseconds>(std::chrono::seconds(seconds), kMaxRetryAfter);
  }
  // IMF-fixdate, RFC 850, asctime (RFC 9110, 5.6.7).
  constexpr std::array<const char*, 3> kForms = {
      "%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"};
  for (const char* form : kForms) {
    absl::Time date;
    std::string ignored;
    if (!absl::ParseTime(form, absl::string_view(text.data(), text.size()), &date, &ignored)) {
      continue;
    }
    const absl::Duration wait = date - absl::FromChrono(now);
    if (wait <= absl::ZeroDuration()) return std::nullopt;
    return std::min(absl::ToChronoMilliseconds(absl::Ceil(wait, absl::Milliseconds(1))),
                    kMaxRetryAfter);
  }
  return std::nullopt;
}

}  // namespace flameway
