// SPDX-License-Identifier: Apache-2.0
#include "bridge/http/response_text.h"

#include <array>
#include <boost/beast/http/status.hpp>
#include <ostream>  // status.hpp leaves it out
#include <string_view>

namespace flameway {
namespace {

// By hand: strftime would follow the locale.
std::string DateText(std::time_t now) {
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                     "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::string text(kDays[static_cast<size_t>(utc.tm_wday)]);
  const auto two_digits = [&text](int number) {
    text += static_cast<char>('0' + number / 10);
    text += static_cast<char>('0' + number % 10);
  };
  text += ", ";
  two_digits(utc.tm_mday);
  text.append(" ").append(kMonths[static_cast<size_t>(utc.tm_mon)]).append(" ");
  text += std::to_string(utc.tm_year + 1900) + " ";
  two_digits(utc.tm_hour);
  text += ':';
  two_digits(utc.tm_min);
  text += ':';
  two_digits(utc.tm_sec);
  return text + " GMT";
}

}  // namespace

std::string ResponseText(const HttpResponse& response, Persistence persistence, BodyOnWire body,
                         std::time_t now) {
  namespace http = boost::beast::http;
  const auto reason = http::obsolete_reason(http::int_to_status(response.status));
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " ";
  text.append(reason.data(), reason.size());
  text.append("\r\nDate: ").append(DateText(now)).append("\r\n");
  if (!response.content_type.empty()) {
    text.append("Content-Type: ").append(response.content_type).append("\r\n");
  }
  for (const auto& [name, value] : response.headers) {
    text.append(name).append(": ").append(value).append("\r\n");
  }
  if (persistence == Persistence::kClose) text += "Connection: close\r\n";
  if (persistence == Persistence::kKeepAliveHttp10) text += "Connection: keep-alive\r\n";
  text.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n\r\n");
  if (body == BodyOnWire::kSent) text += response.body;
  return text;
}

}  // namespace flameway
