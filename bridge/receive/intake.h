// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "bridge/compress/codec.h"
#include "bridge/receive/ack.h"

namespace flameway {

enum class Transport : uint8_t { kGrpc, kHttp };

// One request as it came off the wire: still compressed, not looked at beyond its codec.
struct Arrival {
  std::string body;
  Codec codec = Codec::kNone;
  Transport transport = Transport::kGrpc;
  // equal for requests of one connection: keys the shard and the remembered dialect
  uint64_t connection = 0;
};

// Where a receiver hands its requests. Called from the receiver's own threads, many at once; must
// not block. Always takes the ack and sees that it is completed.
using Intake = std::function<void(Arrival, Ack)>;

// Asked with the bytes of a body so far, while it arrives: false when memory is short. Gives back
// what it was granted when it is destroyed, which is before the request is handed to the intake.
using BodyMeter = absl::AnyInvocable<bool(size_t body_bytes)>;
// Makes one for each request. Called like an intake.
using BodyMeterMaker = std::function<BodyMeter()>;

}  // namespace flameway
