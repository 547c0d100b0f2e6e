// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/compress/decompressor.h"
#include "bridge/observe/counter.h"
#include "bridge/observe/registry.h"
#include "bridge/receive/ack.h"
#include "processor/model/reason.h"
#include "processor/request/decode_report.h"

namespace flameway {

// Why a whole request was refused, beside the reasons of the decoder.
enum class RefusalCause : uint8_t { kMemory, kInboxFull, kShutdown, kDamaged, kTooLarge, kRatio };
inline constexpr size_t kRefusalCauseCount = 6;

[[nodiscard]] std::string_view RefusalCauseWord(RefusalCause cause);

// What one receiver got over one transport. profiles_received = profiles_rejected +
// profiles_accepted, exactly, whenever no thread is inside Count.
class ReceiverCounters {
 public:
  // A request that was decoded, whatever came of it.
  void Count(const DecodeReport& report);
  void CountRefusal(RefusalCause cause) { refused[static_cast<size_t>(cause)].Add(); }
  void CountAnswer(const Answer& answer);
  [[nodiscard]] uint64_t rejected_total() const;

  void Register(Registry& registry, const std::string& receiver,
                const std::string& transport) const;

  Counter accepted_samples;
  Counter refused_samples;
  Counter failed_samples;
  Counter profiles_received;
  Counter profiles_accepted;
  std::array<Counter, kReasonCount> profiles_rejected;
  std::array<Counter, kReasonCount> invalid_elements;
  std::array<Counter, kReasonCount> undecodable;  // whole requests, by the decoder's reason
  std::array<Counter, kRefusalCauseCount> refused;
  std::array<Counter, 5> answers;  // accepted, partial, invalid, too_large, unavailable
  std::array<Counter, 3> by_schema;
  Counter schema_ambiguous;
  Counter schema_conflict;
  Counter unknown_fields;
  Counter wire_bytes;
  Counter raw_bytes;
};

}  // namespace flameway
