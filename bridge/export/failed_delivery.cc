// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/failed_delivery.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace flameway {

Delivery FailedDelivery(Delivery::Outcome outcome, std::string_view code,
                        std::string_view message) {
  Delivery delivery;
  delivery.outcome = outcome;
  delivery.code = std::string(code);
  delivery.message = ShownText(message);
  return delivery;
}

std::optional<Delivery> RefuseOversize(const Frame& frame, const WireForm& wire_form) {
  const size_t limit = wire_form.max_request_bytes;
  if (limit == 0 || frame.uncompressed_bytes <= limit) return std::nullopt;
  return FailedDelivery(Delivery::Outcome::kPermanent, "request_too_large",
                        std::to_string(frame.uncompressed_bytes) +
                            " bytes exceed max_request_bytes (" + std::to_string(limit) +
                            "); not sent");
}

std::string ShownText(std::string_view text) {
  constexpr size_t kMostBytes = 1024;
  size_t size = std::min(text.size(), kMostBytes);
  // Not through the middle of a UTF-8 character: step back over its continuation bytes.
  while (size < text.size() && size > 0 &&
         (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  std::string shown(text.substr(0, size));
  std::replace_if(
      shown.begin(), shown.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return shown;
}

}  // namespace flameway
