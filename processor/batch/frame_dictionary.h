// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "processor/batch/dictionary.h"
#include "processor/batch/table.h"
#include "processor/transform/chain.h"

namespace flameway {

// The way of frames into a batch through transforms that change nothing but what stacks are made of
// (symbols; conditions on frames): all else takes the plain way, at its speed. And so do the frames
// that no transform minds, which are nearly all: a location is shown to the chain once, what became
// of it is remembered across batches, and one that stays as it is costs a probe more than without
// transforms, once per batch.
//
// Rows lie in the tables of the Dictionary, each under its key, the fingerprint of its value.
// Equal values meet there, whatever they came in as. What came in and left as something else
// stands in the same tables as an alias, under the fingerprint it came in with. For that, a value
// that would itself leave as something else, were it to come in, has another key (Salted).
//
// Stacks are known by the fingerprints of their frames as they came in. Where two different
// locations became one row, the first stands for both: it is the row's face. A stack that holds
// another one is an alias too, of the stack of its frames' faces. So stacks are not hashed again
// but for those that hold a row of two origins.
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

  // The row of a stack.
  StackId Stack(WireIndex index) { return StackId(RowOf(Translate(index.value))); }
  // What samples of the stack are known by: all stacks that leave as one row have one face. Valid
  // until the next new stack.
  const Fingerprint& Face(WireIndex index);

  void Clear();   // for a new batch
  void Shrink();  // the same, and gives up memory, but for what is remembered across batches
  [[nodiscard]] size_t memory_bytes() const;
  [[nodiscard]] size_t remembered_bytes() const;

 private:
  // A number with a flag, as tables and `known` hold it.
  //   row             as it came in, or the first to become this row
  //   row | kAlias    became the row of another; its face is in faces_
  //   mark | kMarked  of locations: a stack has to decide about it; index into marked_
  // 0 means not known; so row 0, which may be only an alias, can be told from it.
  static constexpr uint32_t kAlias = 1u << 31;
  static constexpr uint32_t kMarked = 1u << 30;
  static uint32_t RowOf(uint32_t number) { return number & ~kAlias; }

  // What the chain makes of a location.
  struct Outcome {
    TransformChain::Marks marks{};
    uint32_t changed = kUnchanged;  // index into changed_
    bool marked = false;
  };
  // A location that leaves as something else. Laid out flat, in order of first appearance, which is
  // about that of use: each batch writes them anew.
  struct Changed {
    Fingerprint key;
    uint64_t address = 0;
    ListSpan lines;               // of changed_lines_
    uint32_t other = kUnchanged;  // index into changed_others_, unless what is there was kept
    bool is_null = false;
  };
  struct ChangedLine {
    Fingerprint function, name, system_name, filename;
    int64_t start_line = 0, line = 0, column = 0;
    uint32_t text = 0;  // of changed_text_: the three, one behind the other
    uint32_t name_bytes = 0, system_name_bytes = 0, filename_bytes = 0;
  };
  // What transforms seldom touch.
  struct ChangedOther {
    std::optional<MappingRow> mapping;
    AttributeList attributes;
    bool mapping_kept = false;
    bool attributes_kept = false;
  };
  // A row, and what stacks that hold it are known by.
  struct Place {
    uint32_t row = 0;
    Fingerprint face;
  };
  // A location of this batch that is marked.
  struct Marked {
    uint32_t outcome = 0;
    bool placed = false;  // once a stack keeps it
    Place place;
  };

  const Outcome& OutcomeOf(uint32_t location);
  bool IsMarked(uint32_t location) {
    return outcome_of_[location] != kAsItCame && OutcomeOf(location).marked;
  }
  uint32_t RunChain(uint32_t location);
  uint32_t Remember(const LocationRow& row, ChangedOther other);
  void PrefetchChanged(const Outcome& outcome) const;
  [[nodiscard]] bool IsStable(const LocationRow& row) const;
  [[nodiscard]] Fingerprint Salted(const Fingerprint& key) const;
  [[nodiscard]] Fingerprint KeyOf(uint32_t location, const Outcome& outcome) const;

  // The number of a location. Its row is written unless a stack has to decide about it.
  uint32_t Location(uint32_t location);
  uint32_t Mark(uint32_t location, const Outcome& outcome);
  uint32_t PutChanged(uint32_t location, const Changed& changed);
  Place PlaceOf(uint32_t location);
  template <typename WriteRow>
  Place PlaceOf(const Fingerprint& key, const WriteRow& write);

  // The number of a stack.
  uint32_t Translate(uint32_t stack);
  // Of a stack of which the chain decides what stays: that, into places_. Whether all of it would
  // stay again, were it to come in as a stack.
  [[nodiscard]] bool Select(std::span<const uint32_t> frames);
  [[nodiscard]] bool SelectionIsStable(bool truncated);
  // The number of places_ as a stack, for one that came in as `incoming` and was found, or added,
  // as `found`.
  uint32_t PutPlaces(const Fingerprint& incoming, bool stable, const Table::Found& found);
  uint32_t IdentityOf(const Fingerprint& key);
  Place TruncatedFrame();
  [[nodiscard]] Fingerprint FaceOfPlaces();
  static void SetFace(std::vector<Fingerprint>& faces, uint32_t row, const Fingerprint& face);

  // The number under `key` in a table of the dictionary: of a new row, flagged as said, if there is
  // none. `write` fills that row.
  template <typename WriteRow>
  uint32_t Put(Table& table, OutputTable& out, const Fingerprint& key, const WriteRow& write,
               uint32_t flag = 0);
  void Settle(const Table::Found& found, OutputTable& out);
  StringId Put(std::string_view text, const Fingerprint& print);
  void PutList(const AttributeList& attributes, OutputTable& out);
  MappingId Put(const MappingRow& row);
  FunctionId PutFunction(const ChangedLine& line);
  // Fills the open row of locations.
  void Write(uint32_t location, const Changed& changed);

  static constexpr uint32_t kUnchanged = UINT32_MAX;

  std::unique_ptr<TransformChain> chain_;
  StackHook judged_;  // which stacks the chain is asked about
  const RequestColumns* columns_ = nullptr;
  const Fingerprinter* fingerprinter_ = nullptr;
  DictionaryRows* rows_ = nullptr;
  Dictionary* values_ = nullptr;

  // Across batches, bounded: outcome and 1 by what came in. Outcome 0 is that of most.
  Table remembered_;
  std::vector<Outcome> outcomes_;
  std::vector<Changed> changed_;
  std::vector<ChangedLine> changed_lines_;
  std::string changed_text_;
  std::vector<ChangedOther> changed_others_;
  uint32_t truncated_frame_ = kUnchanged;  // index into changed_, once it is there

  // Of the batch.
  Table marks_;  // by what came in: index into marked_
  std::vector<Marked> marked_;
  std::vector<Fingerprint> location_faces_, stack_faces_;  // by row, where there is an alias
  Table identities_;
  uint32_t identity_count_ = 0;

  static constexpr uint32_t kAsItCame = 1;
  Buffer<uint32_t> outcome_of_;  // by location of the request: the outcome and 1; 0: not looked up

  // Of the stack at hand.
  std::vector<TransformChain::Marks> marks_of_frames_;
  std::vector<uint32_t> identities_of_frames_, kept_, order_;
  std::vector<Place> places_;
  std::vector<Fingerprint> faces_;
};

}  // namespace flameway
