// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bridge/export/exporter.h"
#include "bridge/queue/frame.h"

namespace flameway {

// A Delivery that is none, with a text fit to be shown.
[[nodiscard]] Delivery FailedDelivery(Delivery::Outcome outcome, std::string_view code,
                                      std::string_view message);

// A request above the destination's limit must not be sent: kPermanent. nullopt for all others. A
// limit of 0 is none.
[[nodiscard]] std::optional<Delivery> RefuseOversize(const Frame& frame, const WireForm& wire_form);

// What a peer said, fit for Delivery::message and a log line: at most 1 KiB, control bytes as
// spaces. Bytes above 0x7F pass, they may be UTF-8.
[[nodiscard]] std::string ShownText(std::string_view text);

}  // namespace flameway
