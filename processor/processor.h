// SPDX-License-Identifier: Apache-2.0
// The facade of the core: bytes of requests in, bytes of merged requests out.
//
//   Processor processor(options);
//   for (std::string_view bytes : requests) {
//     // May say no; touches nothing but itself.
//     const DecodeReport& report = processor.Decode(bytes);
//     if (report.outcome != DecodeReport::Outcome::kAccepted) continue;
//     if (!processor.Fits()) Send(Encode(processor.Seal(), {}));
//     processor.Merge();  // Cannot fail.
//   }
//   Send(Encode(processor.Seal(), {}));
//
// A caller with several batches for one stream of requests (one per pipeline) uses Request and
// Batch directly.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "processor/batch/batch.h"
#include "processor/encode/encode.h"
#include "processor/request/request.h"

namespace flameway {

struct ProcessorOptions {
  RequestOptions request;
  BatchOptions batch;
};

// One thread. Pure: no I/O, clock, environment or global state; the fingerprint secret comes in by
// options.
class Processor {
 public:
  // `chain`: the transforms that rows pass; null for none.
  explicit Processor(const ProcessorOptions& options,
                     std::unique_ptr<TransformChain> chain = nullptr)
      : request_(options.request), batch_(options.batch, std::move(chain)) {}

  // Decodes and checks one uncompressed ExportProfilesServiceRequest (or ProfilesData). `bytes`
  // must stay in place until Merge or the next Decode. The report lives until the next Decode.
  const DecodeReport& Decode(std::string_view bytes, const DecodeContext& context = {}) {
    return request_.Decode(bytes, context);
  }
  // Whether the decoded request can be merged without the open batch growing past its limits.
  // Always true for an empty batch: a request is never split on its way in.
  [[nodiscard]] bool Fits() const { return batch_.Fits(request_); }
  // Folds the accepted profiles of the last decoded request into the open batch. Cannot fail.
  void Merge() { batch_.Merge(request_); }
  [[nodiscard]] const Batch& batch() const { return batch_; }
  // Ends the open batch and starts an empty one.
  [[nodiscard]] SealedBatch Seal() { return batch_.Seal(); }
  // Gives back the memory of a sealed batch that is no longer needed.
  void Recycle(SealedBatch batch) { batch_.Recycle(std::move(batch)); }

 private:
  Request request_;
  Batch batch_;
};

}  // namespace flameway
