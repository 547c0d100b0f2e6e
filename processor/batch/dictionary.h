// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include "processor/batch/output_table.h"
#include "processor/batch/table.h"
#include "processor/model/buffer.h"
#include "processor/model/ids.h"
#include "processor/request/columns.h"

namespace flameway {

// The tables of a batch; row 0 of each is its zero row from the start.
struct DictionaryRows {
  DictionaryRows();

  OutputTable strings, attributes, functions, links;
  OutputTable mappings, locations;  // their lists: attributes
  OutputTable stacks;               // their lists: locations, leaf first

  void Reset();  // empty but for the zero rows; keeps memory
  [[nodiscard]] size_t encoded_bytes_bound() const;
  [[nodiscard]] size_t memory_bytes() const;
};

// Translates the rows of requests into rows of the batch, top-down: what is known by its
// fingerprint is not descended into, so a row is looked at once per request and its parts only when
// it is new. Adds to the rows it is given.
class Dictionary {
 public:
  // Called when two different values share a fingerprint; checked builds only, which compare at
  // every hit.
  using CollisionHandler = std::function<void(const char* table)>;

  Dictionary();

  // Which rows the next translations speak about. `columns` and `rows` outlive them.
  // `may_reserve`: nobody else adds to the tables, so rows that are not there may have their places
  // reserved while they are looked up.
  void Start(const RequestColumns& columns, DictionaryRows& rows, bool may_reserve);

  StringId String(WireIndex index);
  AttributeId Attribute(WireIndex index);
  LocationId Location(WireIndex index);
  StackId Stack(WireIndex index);
  LinkId Link(WireIndex index);
  // Starts the probe for a stack that will be asked for soon.
  [[gnu::always_inline]] void PrefetchStack(WireIndex index) const {
    stacks_.table.Prefetch(columns_->stacks.fingerprints[index.value]);
  }
  [[nodiscard]] const Fingerprint& StackPrint(WireIndex index) const {
    return columns_->stacks.fingerprints[index.value];
  }
  // The fingerprint of a sample as if its stack were another one.
  [[nodiscard]] Fingerprint SamplePrintWith(const Fingerprint& stack, const IncomingSample& sample,
                                            const Fingerprinter& of) const;
  // Writes the incoming.count numbers of the attributes, ascending: equal sets make equal lists,
  // whatever order they came in.
  void Attributes(ListSpan incoming, uint32_t* numbers);

  // Forgets all rows, for a new batch.
  void Clear();
  [[nodiscard]] size_t memory_bytes() const;
#ifdef FLAMEWAY_CHECKED
  void ReportCollision(const char* table) { on_collision_(table); }
  void set_collision_handler_for_test(CollisionHandler handler) {
    on_collision_ = std::move(handler);
  }
#endif

 private:
  friend class FrameDictionary;  // has its own way with locations and stacks

  // One table's way from the request's row numbers to the batch's.
  struct Translation {
    explicit Translation(const char* name_in) : name(name_in) {}
    const char* name;
    Table table;
    // By request row: its batch row, the slot reserved for it (Table::IsReserved), or 0 if it was
    // not looked up yet.
    Buffer<uint32_t> known;
  };

  [[nodiscard]] static bool IsKnown(uint32_t known) {
    return known != 0 && !Table::IsReserved(known);
  }
  FunctionId Function(WireIndex index);
  MappingId Mapping(WireIndex index);
  // Nothing of the column is known yet.
  template <typename Row>
  static void Open(const Column<Row>& column, Translation& to);
  template <typename Row>
  bool LookUp(const Column<Row>& column, Translation& to, uint32_t row);
  template <typename Row, typename RowOf, typename SeeNew>
  void LookUpMany(const Column<Row>& column, Translation& to, size_t count, const RowOf& row_of,
                  const SeeNew& see_new);
  // All rows of the two largest tables, then what their new rows bring: in each step many probes
  // are under way at a time.
  void LookUpAttributes();
  void LookUpLocations();
  void LookUpFunctions();
  void LookUpStrings();
  void WriteFrames(std::span<const uint32_t> frames, uint32_t* numbers);
  // Into the open row of locations.
  void Write(const IncomingLocation& location);

  // Looks `index` up in `to`; if it is new, `encode` writes it as the next row of `out`, its parts
  // translated first.
  template <typename Row, typename Encode>
  uint32_t Translate(const Column<Row>& column, WireIndex index, Translation& to, OutputTable& out,
                     const Encode& encode);

  const RequestColumns* columns_ = nullptr;
  DictionaryRows* rows_ = nullptr;
  Translation strings_{"string"}, attributes_{"attribute"}, functions_{"function"},
      mappings_{"mapping"}, locations_{"location"}, stacks_{"stack"}, links_{"link"};
  bool may_reserve_ = false;
  Buffer<uint32_t> new_locations_, new_functions_;  // of the request
  Buffer<uint32_t> new_frames_;                     // of the stack at hand
#ifdef FLAMEWAY_CHECKED
  CollisionHandler on_collision_;
#endif
};

}  // namespace flameway
