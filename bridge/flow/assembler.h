// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "bridge/compress/compressor.h"
#include "bridge/flow/clock.h"
#include "bridge/flow/ledger.h"
#include "bridge/flow/original.h"
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
  // not fit. `original` is given for a flawless request: where the pipeline passes requests on, the
  // forms it will do for get it as it is, and only the others are merged.
  void Add(const Request& request, Original* original, TimePoint now);
  // Whether bodies of this codec may leave as they are.
  [[nodiscard]] bool MayForwardBody(Codec codec) const;
  // Seals if the batch is due by samples, bytes, age, memory, or because batching is off; and sends
  // what was passed on.
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
  // Passes the request on where it will do. False: some form needs the merged batch.
  [[nodiscard]] bool Forward(const Request& request, Original& original);
  void Ship();
  void PackFor(const Pipeline::FormGroup& group, const SealedBatch& sealed);
  // One shipment to each outlet; a null frame is dropped.
  void Load(const Pipeline::FormGroup& group, const std::shared_ptr<const Frame>& frame,
            const FrameCounts& counts);
  [[nodiscard]] std::shared_ptr<const Frame> MakeFrame(const WireForm& form,
                                                       const EncodedMessage& message,
                                                       RowOrder order);
  // What sealing works in, beside the batch.
  [[nodiscard]] size_t packing_bytes() const;

  Pipeline& pipeline_;
  Compressor& compressor_;
  Ledger& ledger_;
  Batch batch_;
  std::unique_ptr<Encoder> encoder_;
  EncodeResult encoded_;      // of the batch before, for the memory it stands in
  std::vector<bool> served_;  // by group: has the open batch's request as it came
  std::vector<Shipment>
      shipments_;     // made, not sent yet: sending may block, and the answer is first
  TimePoint opened_;  // of the oldest request in the batch
  Lease lease_;       // of the open batch and the memory kept for the next one
};

}  // namespace flameway
