// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/config/gateway_config.h"
#include "bridge/config/section.h"

namespace flameway {

// receivers.otlp. See docs/configuration.md, Receivers.
void DescribeOtlpReceiver(Section& section, ReceiverConfig& receiver);

// A listener's endpoint: host:port, or with `transport: unix` a socket.
void CheckListenEndpoint(Section& section, std::string_view key, const std::string& endpoint);

}  // namespace flameway
