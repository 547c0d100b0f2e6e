// SPDX-License-Identifier: Apache-2.0
#include "bridge/http/request_framing.h"

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <iterator>

#include "bridge/http/http_message.h"

namespace flameway {
namespace http = boost::beast::http;

namespace {

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::optional<HttpFault> FindFramingFault(const http::request_header<>& header) {
  const auto codings = header.equal_range(http::field::transfer_encoding);
  if (codings.first != codings.second) {
    if (header.version() < 11) return HttpFault{400, "Transfer-Encoding in HTTP/1.0"};
    if (std::next(codings.first) != codings.second ||
        !EqualIgnoringCase(View(codings.first->value()), "chunked")) {
      return HttpFault{501, "the only Transfer-Encoding understood is chunked"};
    }
    if (header.count(http::field::content_length) != 0) {
      return HttpFault{400, "Content-Length together with Transfer-Encoding"};
    }
  }
  if (header.count(http::field::content_length) > 1) {
    return HttpFault{400, "several Content-Length lines"};
  }
  if (header.version() >= 11 && header.count(http::field::host) != 1) {
    return HttpFault{400, "HTTP/1.1 needs exactly one Host line"};
  }
  const auto expectation = header.find(http::field::expect);
  if (expectation != header.end() &&
      !EqualIgnoringCase(View(expectation->value()), "100-continue")) {
    return HttpFault{417, "the only expectation understood is 100-continue"};
  }
  return std::nullopt;
}

std::optional<HttpFault> FaultOf(const boost::system::error_code& error) {
  // The category is private to the parser; its name comes from any of its codes.
  static const boost::system::error_code any = http::make_error_code(http::error::bad_method);
  if (error.category() != any.category()) return std::nullopt;
  switch (static_cast<http::error>(error.value())) {
    case http::error::end_of_stream:
    case http::error::partial_message:
      return std::nullopt;
    case http::error::header_limit:
    case http::error::buffer_overflow:
      return HttpFault{431, "request line and headers are too long"};
    case http::error::body_limit:
      return HttpFault{413, "the body is too large"};
    case http::error::bad_version:
      return HttpFault{505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
    case http::error::bad_content_length:
      return HttpFault{400, "bad or contradicting Content-Length"};
    case http::error::bad_transfer_encoding:
      return HttpFault{400, "bad Transfer-Encoding, or one together with Content-Length"};
    case http::error::bad_chunk:
    case http::error::bad_chunk_extension:
      return HttpFault{400, "malformed chunk"};
    default:
      return HttpFault{400, "malformed HTTP request"};
  }
}

}  // namespace flameway
