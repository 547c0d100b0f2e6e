// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "processor/batch/content.h"
#include "processor/batch/joining.h"
#include "processor/batch/table.h"
#include "processor/batch/transformed_dictionary.h"
#include "processor/request/request.h"
#include "processor/transform/chain.h"
#include "proto/wire/varint.h"

namespace flameway {

// The way into a batch through transforms. Like the plain way top-down, a known row is not looked
// at again: resources, scopes, distinct attribute sets, functions, mappings, locations and stacks
// are transformed when they are new in the batch, and what they became is joined by its value. A
// resource or profile that is dropped is so before its samples are looked at; nothing dropped
// leaves a row.
//
// One thread. The chain stays from batch to batch, with what it remembers.
class TransformingMerger {
 public:
  TransformingMerger(std::unique_ptr<TransformChain> chain, Coalesce coalesce);

  // Folds in the accepted profiles. What transforms drop is counted in content.counts.
  void Merge(const Request& request, BatchContent& content);
  void Clear();  // for a new batch
  // Its use ends here.
  [[nodiscard]] std::unique_ptr<TransformChain> TakeChain() { return std::move(chain_); }
  [[nodiscard]] size_t memory_bytes() const;

 private:
  struct ResourceEntry {
    Stages<ResourceRow> stages;
    bool dropped = false;
    std::string encoded;
    Fingerprint incoming, leaving;
    uint32_t node = kNoRow;  // opened with the first profile that stays
  };
  struct ScopeEntry {
    Stages<ScopeRow> stages;
    bool dropped = false;
    std::string encoded;
    Fingerprint leaving;
    uint32_t node = kNoRow;
  };
  struct AttributeSet {
    ListSpan numbers;  // of BatchContent::lists
    bool dropped = false;
  };
  // One profile on its way in.
  struct OpenProfile {
    ResourceEntry* resource = nullptr;
    ScopeEntry* scope = nullptr;
    Stages<ProfileRow> stages;
    SampleShape shape = SampleShape::kNone;
    Fingerprint key;     // of the profile that it leaves in
    Fingerprint around;  // of the rows that decide about samples beside their own attributes
    TimeIdentity time;
    uint32_t node = kNoRow;
  };

  ResourceEntry& Resource(const IncomingResource& resource);
  ScopeEntry& Scope(const IncomingScope& scope, const ResourceEntry& resource);
  void MergeProfile(const IncomingProfile& incoming, ResourceEntry& resource, ScopeEntry& scope,
                    const Fingerprint& scope_print);
  [[nodiscard]] ProfileRow RowOf(const IncomingProfile& profile) const;
  [[nodiscard]] Fingerprint KeyOf(const IncomingProfile& incoming, const OpenProfile& profile);
  [[nodiscard]] Fingerprint AroundOf(const IncomingProfile& incoming,
                                     const Fingerprint& scope_print,
                                     const ResourceEntry& resource) const;
  void Open(OpenProfile& profile);
  void OpenScope(OpenProfile& profile);
  void MergeSample(const IncomingSample& incoming, OpenProfile& profile);
  // The sample as the point rule leaves it; `value` holds its sum.
  [[nodiscard]] IncomingSample Reduced(IncomingSample sample,
                                       char (&value)[wire::kMaxVarintBytes]) const;
  uint32_t NodeOf(const IncomingSample& incoming, SampleShape shape, OpenProfile& profile);
  AttributeSet Attributes(const IncomingSample& sample, const OpenProfile& profile);
  SampleNode Translate(const IncomingSample& incoming, SampleShape shape, const AttributeSet& set);
  [[nodiscard]] Fingerprint LeavingPrint(const SampleNode& node, uint32_t profile) const;
  uint32_t AddSample(const SampleNode& like, uint32_t profile);

  std::unique_ptr<TransformChain> chain_;
  Coalesce coalesce_;
  TransformedDictionary dictionary_;
  Table resources_, scopes_, attribute_sets_, samples_;  // by what came in: entries, sample nodes
  Table leaving_resources_, leaving_scopes_, profiles_, leaving_samples_;  // by what leaves: nodes
  std::vector<std::unique_ptr<ResourceEntry>> resource_entries_;
  std::vector<std::unique_ptr<ScopeEntry>> scope_entries_;
  std::vector<AttributeSet> attribute_set_entries_;
  uint64_t profiles_kept_apart_ = 0;
  std::string head_;

  // Of the request being merged.
  const RequestColumns* columns_ = nullptr;
  const Fingerprinter* fingerprinter_ = nullptr;
  BatchContent* content_ = nullptr;
};

}  // namespace flameway
