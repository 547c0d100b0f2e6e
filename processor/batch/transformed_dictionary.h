// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "processor/batch/dictionary.h"
#include "processor/batch/table.h"
#include "processor/transform/chain.h"

namespace flameway {

// Dictionary with transforms: each table has two maps, from the value that came in to the row it
// became, and from the value that leaves to its row. So a row is transformed once in a batch, and
// rows that become equal become one. A row that becomes the null row is row 0.
//
// Slower than Dictionary, which it replaces where a pipeline has transforms: new rows cost a second
// probe, and what the chain wants to see is written out for it.
class TransformedDictionary {
 public:
  explicit TransformedDictionary(TransformChain& chain) : chain_(chain) {}

  // Which rows the next translations speak about. All outlive them.
  void Start(const RequestColumns& columns, const Fingerprinter& fingerprinter,
             DictionaryRows& rows);

  StackId Stack(WireIndex index);
  LinkId Link(WireIndex index);
  // Rows for texts and values that may not have come in.
  StringId Text(std::string_view text);
  AttributeId Value(const Attribute& attribute);
  // Their numbers, ascending, behind those in `numbers`.
  void Values(const AttributeList& attributes, Buffer<uint32_t>& numbers);

  // Of a set of attributes that came in, whatever their order.
  [[nodiscard]] Fingerprint SetPrint(ListSpan incoming) const;
  // Writes their numbers, ascending.
  void Numbers(ListSpan incoming, uint32_t* numbers);

  void Clear();  // for a new batch
  [[nodiscard]] size_t memory_bytes() const;

 private:
  struct Maps {
    Table incoming, leaving;
  };
  // What a location became.
  struct LocationEntry {
    uint32_t number = 0;
    // Where transforms filter frames: what they know of it, what tells it from others, and the row
    // itself until a stack keeps it, so that one which none keeps leaves nothing behind.
    TransformChain::Marks marks{};
    uint32_t identity = 0;
    std::unique_ptr<LocationRow> waiting;
  };

  AttributeId KnownAttribute(uint32_t index);
  MappingId Mapping(WireIndex index);
  MappingId Mapping(const MappingRow& row);
  FunctionId Function(WireIndex index);
  FunctionId Function(const FunctionRow& row);
  LocationEntry& Location(WireIndex index);
  uint32_t PlainLocation(const IncomingLocation& location);
  uint32_t SeenLocation(const LocationRow& row);
  // Of the frames that the transforms leave of a stack, leaf first, into stack_numbers_.
  void SelectFrames(std::span<const uint32_t> frames);
  [[nodiscard]] uint32_t IdentityOf(const LocationRow& row);
  uint32_t TruncatedFrame();
  // Closes the open row of `out`, or finds its like. Null rows are row 0.
  uint32_t Leave(OutputTable& out, Table& leaving);

  TransformChain& chain_;
  const RequestColumns* columns_ = nullptr;
  const Fingerprinter* fingerprinter_ = nullptr;
  DictionaryRows* rows_ = nullptr;
  Table strings_, attributes_, links_;  // never transformed as such: one map serves both ways
  Maps functions_, mappings_, locations_, stacks_;
  std::vector<LocationEntry> location_entries_;
  // By request row: what it became, 0 if not looked up yet. Locations: their entry and 1.
  Buffer<uint32_t> known_attributes_, known_mappings_, known_locations_;
  Table identities_;
  uint32_t identity_count_ = 0;
  // Of the stack at hand.
  std::vector<TransformChain::Marks> stack_marks_;
  std::vector<uint32_t> stack_entries_, stack_identities_, stack_numbers_, kept_;
};

}  // namespace flameway
