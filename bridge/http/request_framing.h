// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/message.hpp>
#include <optional>
#include <string_view>

namespace flameway {

// Why a request cannot be read on, as the status and text of the answer.
struct HttpFault {
  unsigned status = 400;
  std::string_view reason;  // a literal
};

// Refuses what two parsers in a row could cut differently (request smuggling), stricter than the
// parser, which already refuses several different lengths and chunked together with a length:
// any transfer coding but a single "chunked", chunked in HTTP/1.0, no or several Host lines in
// HTTP/1.1, an expectation other than 100-continue. After a fault the connection must be closed.
[[nodiscard]] std::optional<HttpFault> FindFramingFault(
    const boost::beast::http::request_header<>& header);

// Maps an error of Beast's parser. nullopt: not a parse error, so there is nobody to answer.
[[nodiscard]] std::optional<HttpFault> FaultOf(const boost::system::error_code& error);

}  // namespace flameway
