// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

#include "bridge/http/http_message.h"

namespace flameway {

enum class Persistence : uint8_t { kKeepAlive, kKeepAliveHttp10, kClose };
enum class BodyOnWire : uint8_t { kSent, kOmitted };  // kOmitted: the answer to HEAD

// The response as it goes on the wire, header and body in one string: one write, one TLS record for
// the small answers there are. `now` is for the Date line.
[[nodiscard]] std::string ResponseText(const HttpResponse& response, Persistence persistence,
                                       BodyOnWire body, std::time_t now);

}  // namespace flameway
