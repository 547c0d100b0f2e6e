// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "bridge/compress/compressor.h"
#include "bridge/flow/clock.h"
#include "bridge/flow/ledger.h"
#include "bridge/flow/pipeline.h"
#include "bridge/queue/memory_queue.h"
#include "processor/batch/batch.h"
#include "processor/encode/encode.h"
#include "processor/request/request.h"

namespace flameway {

// One pipeline inside one shard: owns the open batch, decides when it is sealed, and turns a sealed
// batch into frames for the pipeline's destinations. Belongs to the shard's thread. Sealing may
// wait when a destination's queue blocks or is off.
class Assembler {
 public:
  // All borrowed; `compressor` is the shard's own.
  Assembler(Pipeline& pipeline, Compressor& compressor, Ledger& ledger);

  // Folds the accepted profiles in and charges them to every destination. Seals first when they may
  // not fit.
  void Add(const Request& request, TimePoint now);
  // Seals if the batch is due by samples, bytes, age, memory, or because batching is off.
  void SealIfDue(TimePoint now);
  void Seal(SealTrigger trigger);
  // When age will make the batch due.
  [[nodiscard]] std::optional<TimePoint> due() const;

 private:
  // A frame on its way to one destination.
  struct Shipment {
    Drain* drain;
    QueuedFrame queued;
  };

  // Requests came since the last seal, though transforms may have removed all that was in them:
  // what the batch remembers of them must not stay for ever either.
  [[nodiscard]] bool is_open() const { return batch_.counts().requests > 0; }
  [[nodiscard]] size_t open_samples() const;  // accepted ones that transforms left in
  [[nodiscard]] std::optional<SealTrigger> DueTrigger(TimePoint now) const;
  [[nodiscard]] bool HasRoom(const Request& request) const;
  void NoteMemory();
  void PackFor(const Pipeline::FormGroup& group, const SealedBatch& sealed,
               std::vector<Shipment>* shipments);
  [[nodiscard]] std::shared_ptr<const Frame> MakeFrame(const WireForm& form,
                                                       const EncodedMessage& message);

  Pipeline& pipeline_;
  Compressor& compressor_;
  Ledger& ledger_;
  Batch batch_;
  TimePoint opened_;  // of the oldest request in the batch
  Lease lease_;       // of the open batch and the memory kept for the next one
};

}  // namespace flameway
