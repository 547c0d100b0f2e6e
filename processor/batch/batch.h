// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "processor/batch/content.h"
#include "processor/batch/dictionary.h"
#include "processor/batch/frame_dictionary.h"
#include "processor/batch/joining.h"
#include "processor/batch/table.h"
#include "processor/batch/transforming_merger.h"
#include "processor/model/limits.h"
#include "processor/request/request.h"

namespace flameway {

struct BatchOptions {
  BatchLimits limits;
  Coalesce coalesce = Coalesce::kLossless;
};

// A batch that is complete: tables without orphans or duplicates, row 0 in place. Constant; may be
// encoded from any thread, in several forms.
class SealedBatch {
 public:
  [[nodiscard]] const BatchCounts& counts() const { return content_->counts; }
  [[nodiscard]] bool empty() const { return content_->profiles.empty(); }
  // Samples in it after merging.
  [[nodiscard]] size_t samples_out() const { return content_->samples_out(); }
  [[nodiscard]] const BatchContent& content() const { return *content_; }

 private:
  friend class Batch;
  explicit SealedBatch(std::unique_ptr<BatchContent> content) : content_(std::move(content)) {}
  std::unique_ptr<BatchContent> content_;
};

// Which samples of a decoded request to merge, for a caller that splits a message: those numbered
// [sample_begin, sample_end) over the whole request, of a single one only the points
// [point_begin, point_end), and all only of the profiles numbered [profile_begin, profile_end).
struct MergeRange {
  uint32_t sample_begin = 0;
  uint32_t sample_end = UINT32_MAX;
  uint32_t point_begin = 0;
  uint32_t point_end = UINT32_MAX;
  uint32_t profile_begin = 0;
  uint32_t profile_end = UINT32_MAX;
};

// The open batch. One thread, no lock. Requests that meet in one batch were decoded under the same
// secret.
//
// Merging walks the accepted samples top-down. A sample the batch knows only appends what it
// measured; otherwise its stack is looked up, then only the locations of a new stack, only the
// functions of a new location, only the strings of a new function. So what nobody refers to never
// enters, and a known row costs one probe.
class Batch {
 public:
  // `chain`: the transforms that rows pass on their way in; null for none. It stays with the batch,
  // and with what it remembers, from Seal to Seal.
  explicit Batch(const BatchOptions& options, std::unique_ptr<TransformChain> chain = nullptr);

  // Whether the request can be merged without the batch growing past its limits. An empty batch
  // takes any request.
  [[nodiscard]] bool Fits(const Request& request) const;
  // Folds in the accepted profiles of a decoded request. Cannot fail. Cost: linear in the request,
  // whatever was merged before. The request's bytes are not needed afterwards.
  // `range` is for batches without transforms.
  void Merge(const Request& request, const MergeRange& range = {});

  [[nodiscard]] bool empty() const { return content_->profiles.empty(); }
  [[nodiscard]] const BatchCounts& counts() const { return content_->counts; }
  [[nodiscard]] size_t encoded_bytes_bound() const { return content_->encoded_bytes_bound(); }
  [[nodiscard]] size_t memory_bytes() const;
  // Of these, what is remembered of earlier batches, which stays.
  [[nodiscard]] size_t remembered_bytes() const;

  // Ends the batch and starts an empty one.
  [[nodiscard]] SealedBatch Seal();
  // Gives back the memory of a batch that is no longer needed, for the next one.
  void Recycle(SealedBatch batch);
  // After Seal: gives up all memory but that of the chain and of what it remembers.
  void Shrink();

#ifdef FLAMEWAY_CHECKED
  void set_collision_handler_for_test(Dictionary::CollisionHandler handler) {
    dictionary_.set_collision_handler_for_test(std::move(handler));
  }
#endif

 private:
  uint32_t OpenResource(const IncomingResource& resource);
  uint32_t OpenScope(const IncomingScope& scope, uint32_t resource);
  // The output profile that `profile` joins. `key` is its fingerprint.
  uint32_t OpenProfile(const RequestColumns& columns, const IncomingProfile& profile,
                       const Fingerprint& scope_print, uint32_t scope, Fingerprint& key);
  void EncodeHead(const IncomingProfile& profile);  // into head_
  // Writes the attributes behind the lists of the batch, without keeping them.
  std::span<const uint32_t> Attributes(ListSpan incoming);
  // Keeps what Attributes wrote last.
  ListSpan KeepAttributes(size_t count);
  void MergeSamples(const RequestColumns& columns, ListSpan samples, const Fingerprint& key,
                    uint32_t profile, const MergeRange& range);
  void MergeSample(const IncomingSample& sample, const Fingerprint& key, uint32_t profile);
  uint32_t AddSample(const IncomingSample& sample, uint32_t profile);
  [[nodiscard]] StackId StackOf(const IncomingSample& sample);
  [[nodiscard]] Fingerprint FacePrint(const IncomingSample& sample, const Fingerprint& key) const;
#ifdef FLAMEWAY_CHECKED
  // Each reports a collision when a row that was found is not the one that came in.
  void CheckResource(const IncomingResource& resource, uint32_t number);
  void CheckScope(const IncomingScope& scope, uint32_t resource, uint32_t number);
  void CheckProfile(const IncomingProfile& profile, uint32_t scope, uint32_t number);
  void CheckSample(const IncomingSample& sample, uint32_t profile, uint32_t number);
#endif

  BatchOptions options_;
  // With transforms, one of these: the first replaces all that follows, the second the way of
  // stacks.
  std::unique_ptr<TransformingMerger> merger_;
  std::unique_ptr<FrameDictionary> frames_;
  std::unique_ptr<BatchContent> content_;
  std::unique_ptr<BatchContent> spare_;
  Dictionary dictionary_;
  Table resources_, scopes_, profiles_, samples_;
  uint64_t profiles_kept_apart_ = 0;
  const Fingerprinter* fingerprinter_ = nullptr;  // of the request being merged
  // The profile being encoded.
  std::string head_;
#ifdef FLAMEWAY_CHECKED
  // By row: the row it stands below, which no node but the chain knows.
  std::vector<uint32_t> scope_parents_, profile_parents_, sample_parents_;
  // By profile: what its fingerprint holds and its node does not.
  struct ProfileIdentity {
    SampleShape shape = SampleShape::kNone;
    TimeIdentity time;
  };
  std::vector<ProfileIdentity> profile_identities_;
#endif
};

}  // namespace flameway
