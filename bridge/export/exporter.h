// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "bridge/compress/codec.h"
#include "bridge/queue/frame.h"

namespace flameway {

// The form of message one destination wants. Exporters with equal forms share frames.
struct WireForm {
  Codec codec = Codec::kNone;
  int level = 0;  // of the codec; 0 is its default
  enum class RowOrder : uint8_t { kAuto, kByUse, kSorted };
  RowOrder row_order = RowOrder::kAuto;  // kAuto: sorted where a batch is compressed
  bool attribute_references = false;     // write resource attributes as string table references
  size_t max_request_bytes = size_t{64}
                             << 20;  // before compression; larger batches are split to fit
  friend bool operator==(const WireForm&, const WireForm&) = default;
};

// The result of one attempt to deliver one frame.
struct Delivery {
  enum class Outcome : uint8_t {
    kDelivered,  // the destination has it, but for rejected_profiles
    kRetry,      // try the same frame again later
    kPermanent,  // never send it again: dropped and counted
  };
  Outcome outcome = Outcome::kDelivered;
  int64_t rejected_profiles = 0;  // partial_success of the destination; counted, not retried
  std::string code;  // for logs and metrics: "UNAVAILABLE", "503", "connect"; empty when delivered
  std::string message;  // what the destination or the system said; at most 1 KiB
  std::optional<std::chrono::milliseconds>
      retry_after;  // the destination's own wish (RetryInfo, Retry-After)
};

// A lane to one destination for one thread: it may hold a connection and is used by one consumer
// only.
class ExportLane {
 public:
  virtual ~ExportLane() = default;
  // One attempt, bounded by the exporter's timeout. Blocks. Never throws.
  [[nodiscard]] virtual Delivery Deliver(const Frame& frame) = 0;
};

// A destination. Created from its Options by a factory named in exporters.def; owns no thread
// (bridge/flow gives it consumer threads, each with a lane).
class Exporter {
 public:
  virtual ~Exporter() = default;
  [[nodiscard]] virtual WireForm wire_form() const = 0;
  // Checks and acquires what must be there before traffic (files, certificates). Not the peer: it
  // may come later.
  [[nodiscard]] virtual absl::Status Start() { return absl::OkStatus(); }
  [[nodiscard]] virtual std::unique_ptr<ExportLane> OpenLane() = 0;
  // For a shutdown whose time is over: attempts under way that wait for the peer end soon, as
  // kRetry, and so do later ones. Any thread, while lanes deliver; any number of times.
  virtual void Cancel() {}
  // Flushes what the exporter itself holds. Called once, after all lanes are gone.
  virtual void Stop() {}
};

}  // namespace flameway
