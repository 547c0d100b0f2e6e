// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "processor/batch/dictionary.h"
#include "processor/batch/table.h"
#include "processor/transform/chain.h"

namespace flameway {

// The way of stacks into a batch through transforms that change nothing but what stacks are made of
// (symbols; conditions on frames): all else takes the plain way, at its speed.
//
// Values meet in the Dictionary, whatever they came in as. Before it stand two maps by what came
// in: from a location to its row, from a stack to its row. A location is shown to the chain once
// and what became of it is remembered across batches, so that nearly all of a batch's new
// locations cost a probe more than without transforms.
//
// One thread. Owns the chain.
class FrameDictionary {
 public:
  // Whether this is enough for a chain; TransformingMerger does all of them.
  [[nodiscard]] static bool Suffices(const TransformChain& chain);

  explicit FrameDictionary(std::unique_ptr<TransformChain> chain);

  // Which request the next stacks are of. `values` was started with the same; all outlive them.
  void Start(const RequestColumns& columns, const Fingerprinter& fingerprinter,
             DictionaryRows& rows, Dictionary& values);

  struct Stack {
    StackId number;
    // The first stack that became this row, by what it came in with. Samples of different stacks
    // that leave as one are known by it.
    Fingerprint first;
  };
  // Valid until the next call.
  const Stack& Translate(WireIndex index);
  [[gnu::always_inline]] void PrefetchStack(WireIndex index) const {
    stacks_.Prefetch(columns_->stacks.fingerprints[index.value]);
  }

  void Clear();   // for a new batch
  void Shrink();  // the same, and gives up memory, but for what is remembered across batches
  [[nodiscard]] size_t memory_bytes() const;
  [[nodiscard]] size_t remembered_bytes() const;

 private:
  // What the chain makes of a location.
  struct Outcome {
    TransformChain::Marks marks{};
    uint32_t changed = kUnchanged;  // index into changed_
    bool marked = false;
  };
  struct Changed {
    LocationRow row;
    Fingerprint print;
    std::vector<Fingerprint> functions;  // of its lines
    // What the chain left as it came in.
    bool mapping_kept = false;
    bool attributes_kept = false;
  };
  // A location of this batch that is marked.
  struct Marked {
    uint32_t outcome = 0;
    uint32_t number = kUnset;  // of its row, once a stack keeps it
  };

  const Outcome& OutcomeOf(uint32_t location);
  uint32_t RunChain(uint32_t location);
  // Of a location: its row, or a Marked and kMarked, or 0 for one that is neither in the batch nor
  // marked.
  uint32_t Resolve(uint32_t location);
  // The row of a location that a stack keeps.
  uint32_t Keep(uint32_t location);
  uint32_t PutOutcome(uint32_t location, const Outcome& outcome);
  // Into numbers_: the rows of the frames that stay.
  void TranslateWithCare(std::span<const uint32_t> frames);
  // Frames that stay, into kept_. True: [truncated] belongs before them.
  bool Select(std::span<const uint32_t> frames);
  uint32_t TruncatedFrame();

  [[nodiscard]] Fingerprint PrintOf(const AttributeList& attributes) const;
  [[nodiscard]] Fingerprint PrintOf(const FunctionRow& row) const;
  [[nodiscard]] Fingerprint PrintOf(const MappingRow& row) const;
  [[nodiscard]] Fingerprint PrintOf(const LocationRow& row) const;
  // The row of a value in a table of the dictionary, written by `write` if it is new.
  template <typename Write>
  uint32_t Put(Table& table, OutputTable& out, const Fingerprint& print, const Write& write);
  StringId Put(std::string_view text);
  void PutList(const AttributeList& attributes, OutputTable& out);
  MappingId Put(const MappingRow& row);
  FunctionId Put(const FunctionRow& row, const Fingerprint& print);
  uint32_t Put(const Changed& changed, uint32_t location);
  uint32_t PutStack(std::span<const uint32_t> locations);

  static constexpr uint32_t kUnchanged = UINT32_MAX;
  static constexpr uint32_t kUnset = UINT32_MAX;
  static constexpr uint32_t kMarked = 1u << 31;

  std::unique_ptr<TransformChain> chain_;
  bool every_stack_ = false;  // a transform may shorten stacks of which no frame is marked
  const RequestColumns* columns_ = nullptr;
  const Fingerprinter* fingerprinter_ = nullptr;
  DictionaryRows* rows_ = nullptr;
  Dictionary* values_ = nullptr;

  // Across batches, bounded: outcome and 1 by what came in. Outcome 0 is that of most.
  Table remembered_;
  std::vector<Outcome> outcomes_;
  std::vector<Changed> changed_;

  // Of the batch.
  Table locations_;  // by what came in: the row, or a Marked and kMarked
  std::vector<Marked> marked_;
  Table stacks_;  // by what came in: index into translated_
  std::vector<Stack> translated_;
  std::vector<uint32_t> first_of_row_;  // by row of the stack table: index into translated_
  Table identities_;
  uint32_t identity_count_ = 0;

  // By location of the request.
  Buffer<uint32_t> known_;       // as Resolve says
  Buffer<uint32_t> outcome_of_;  // the outcome and 1; 0: not looked up yet

  // Of the stack at hand.
  std::vector<TransformChain::Marks> marks_;
  std::vector<uint32_t> identities_of_frames_, kept_, numbers_;
};

}  // namespace flameway
