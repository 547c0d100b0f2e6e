// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/row_order.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <string_view>

#include "processor/batch/row_encoders.h"
#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"

namespace flameway {
namespace {

void CountUses(std::span<const uint32_t> rows, Buffer<uint32_t>& uses) {
  for (const uint32_t row : rows) ++uses[row];
}

uint64_t Pair(uint32_t high, uint32_t low) { return uint64_t{high} << 32 | low; }
uint64_t Pair(uint32_t high, uint64_t low) { return Pair(high, static_cast<uint32_t>(low)); }

// `none`: of an empty list.
uint32_t FirstOf(std::span<const uint32_t> list, const RowNumbering& numbering, uint32_t none) {
  uint32_t first = none;
  for (const uint32_t row : list) first = std::min(first, numbering.NumberOf(row));
  return first;
}

// Gives `see` each sample of a resource, its last scope and profile first.
template <typename See>
void VisitSamples(const BatchContent& content, const RowNumberings& numberings, uint32_t resource,
                  const See& see) {
  const std::vector<ScopeNode>& scopes = content.scopes;
  const std::vector<ProfileNode>& profiles = content.profiles;
  for (uint32_t s = content.resources[resource].last_scope; s != kNoRow; s = scopes[s].previous) {
    for (uint32_t p = scopes[s].last_profile; p != kNoRow; p = profiles[p].previous) {
      const ListSpan span = numberings.samples_of[p];
      for (uint32_t i = 0; i < span.count; ++i)
        see(content.samples[numberings.samples[span.begin + i]]);
    }
  }
}

}  // namespace

void RowSorter::CountLocationUses(const BatchContent& content) {
  uses_.Clear();
  uses_.Resize(content.rows.locations.size(), 0);
  CountUses(content.rows.stacks.lists(), uses_);
}

void RowSorter::CountAttributeUses(const BatchContent& content) {
  uses_.Clear();
  uses_.Resize(content.rows.attributes.size(), 0);
  CountUses(content.rows.mappings.lists(), uses_);
  CountUses(content.rows.locations.lists(), uses_);
  for (const ProfileNode& node : content.profiles) CountUses(content.List(node.attributes), uses_);
  for (const SampleNode& node : content.samples) {
    if (node.shape != SampleShape::kNone) CountUses(content.List(node.attributes), uses_);
  }
}

// Marks the rows that are among the most used, whose numbers take one byte when they come first.
void RowSorter::MarkOftenUsed() {
  constexpr uint32_t kOneByteNumbers = 128;
  marks_.Clear();
  marks_.Resize(uses_.size(), 0);
  if (uses_.size() <= kOneByteNumbers) return;
  rows_.Clear();
  rows_.Append(uses_);
  std::nth_element(rows_.begin(), rows_.begin() + kOneByteNumbers, rows_.end(), std::greater<>());
  // Those as often used as the first that has no room have none either: which of them arrived first
  // must not matter.
  const uint32_t too_few = rows_[kOneByteNumbers];
  for (size_t row = 0; row < uses_.size(); ++row) marks_[row] = uses_[row] > too_few ? 1 : 0;
}

// Appends a row as the message has it, but for the order of its fields, to equal_.
template <typename Rewrite>
void RowSorter::WriteEqual(const OutputTable& table, uint32_t row, const Rewrite& rewrite) {
  const size_t begin = texts_.size();
  rows_.Clear();
  for (const uint32_t attribute : table.list(row))
    rows_.Append(numberings_.attributes.NumberOf(attribute));
  std::sort(rows_.begin(), rows_.end());
  for (const uint32_t number : rows_) texts_.Varint(number);
  const std::string_view content = table.content(row);
  wire::BackCursor out = texts_.Open(RowRewriter::RoomFor(content.size()));
  (rewriter_.*rewrite)(content, out);
  texts_.Close(out);
  equal_.Append({.begin = begin, .end = texts_.size(), .row = row});
}

// Rows 1 and on by `key_of(row)`, and rows with equal keys by what is written of them, so that the
// order does not depend on how rows arrived. Few have equal keys.
template <size_t N, typename KeyOf, typename Rewrite>
void RowSorter::Sort(const OutputTable& table, Buffer<Key<N>>& keys, RowNumbering& order,
                     const KeyOf& key_of, const Rewrite& rewrite) {
  keys.Clear();
  Key<N>* const key = keys.Reserve(table.size());
  keys.Extend(table.size());
  key[0] = {};  // row 0 is always there, and first
  for (uint32_t row = 1; row < table.size(); ++row) key[row] = key_of(row);
  const std::span<KeyedRow> sorted = sorter_.Sort(std::span<const Key<N>>(keys));
  for (auto first = sorted.begin(); first != sorted.end();) {
    auto last = first + 1;
    while (last != sorted.end() && last->key == first->key && key[last->row] == key[first->row])
      ++last;
    if (last - first > 1) {
      equal_.Clear();
      texts_.Clear();
      for (auto k = first; k != last; ++k) {
        if (k->row != 0) WriteEqual(table, k->row, rewrite);
      }
      const std::string_view texts = texts_.message();  // what was written last stands first
      const auto text = [texts](const Written& w) {
        return texts.substr(texts.size() - w.end, w.end - w.begin);
      };
      std::sort(equal_.begin(), equal_.end(), [&text](const Written& a, const Written& b) {
        const int compared = text(a).compare(text(b));
        return compared != 0 ? compared < 0 : a.row < b.row;
      });
      auto k = last - static_cast<ptrdiff_t>(equal_.size());
      for (const Written& w : equal_) (k++)->row = w.row;
    }
    first = last;
  }
  order.OrderAs(sorted.size(), [&sorted](uint32_t number) { return sorted[number].row; });
}

// What follows reads rows the batch wrote itself: nothing in them is unexpected.

void RowSorter::SortAttributes(const OutputTable& table) {
  const auto key_of = [&](uint32_t row) {
    uint32_t key = 0;
    uint64_t value = 0;
    for (wire::Reader fields(table.content(row)); fields.Next();) {
      if (fields.field() == otlp::KeyValueAndUnit::key_strindex)
        key = numberings_.strings.NumberOf(static_cast<uint32_t>(fields.value()));
      if (fields.field() == otlp::KeyValueAndUnit::value) value = WordOf(fields.bytes());
    }
    return Key<2>{Pair(key, ~uses_[row]), value};
  };
  Sort(table, keys_2_, numberings_.attributes, key_of, &RowRewriter::Attribute);
}

void RowSorter::SortFunctions(const OutputTable& table) {
  const auto key_of = [&](uint32_t row) {
    uint64_t values[5] = {};
    (void)wire::ReadVarintFields<4>(table.content(row), values);
    const auto string = [&](uint32_t field) {
      return numberings_.strings.NumberOf(static_cast<uint32_t>(values[field]));
    };
    return Key<2>{
        Pair(string(otlp::Function::filename_strindex), string(otlp::Function::name_strindex)),
        Pair(string(otlp::Function::system_name_strindex), values[otlp::Function::start_line])};
  };
  Sort(table, keys_2_, numberings_.functions, key_of, &RowRewriter::Function);
}

void RowSorter::SortMappings(const OutputTable& table, uint32_t no_attribute) {
  const auto key_of = [&](uint32_t row) {
    uint64_t values[5] = {};
    (void)wire::ReadVarintFields<4>(table.content(row), values);
    const auto filename = static_cast<uint32_t>(values[otlp::Mapping::filename_strindex]);
    return Key<2>{Pair(numberings_.strings.NumberOf(filename),
                       FirstOf(table.list(row), numberings_.attributes, no_attribute)),
                  values[otlp::Mapping::memory_start]};
  };
  Sort(table, keys_2_, numberings_.mappings, key_of, &RowRewriter::Mapping);
}

void RowSorter::SortLocations(const OutputTable& table, uint32_t no_attribute) {
  const auto key_of = [&](uint32_t row) {
    WrittenLocation location = ReadLocation(table.content(row));
    WrittenLine line{};  // the first, which is the innermost
    if (!location.lines.empty()) line = TakeLine(location.lines);
    return Key<4>{uint64_t{marks_[row] == 0},
                  Pair(numberings_.functions.NumberOf(line.function), line.line),
                  Pair(FirstOf(table.list(row), numberings_.attributes, no_attribute),
                       numberings_.mappings.NumberOf(location.mapping)),
                  location.address};
  };
  Sort(table, keys_4_, numberings_.locations, key_of, &RowRewriter::Location);
}

void RowSorter::SortSamples(const BatchContent& content) {
  numberings_.samples.reserve(content.samples.size());
  // Three attributes tell nearly all sets apart, and a word takes three numbers.
  constexpr int kMostBits = 21;
  const int bits =
      std::min(static_cast<int>(std::bit_width(content.rows.attributes.size())), kMostBits);
  for (const ProfileNode& profile : content.profiles) {
    rows_.Clear();
    for (uint32_t i = profile.last_sample; i != kNoRow; i = content.samples[i].previous)
      rows_.Append(i);
    std::reverse(rows_.begin(), rows_.end());
    keys_2_.Clear();
    for (const uint32_t i : rows_) {
      const SampleNode& node = content.samples[i];
      // The last key leads: in the captures of agents that is the thread's name, which changes
      // least.
      std::array<uint64_t, 3> three{};
      size_t count = 0;
      for (const uint32_t row : content.List(node.attributes)) {
        if (count < three.size()) three[count++] = numberings_.attributes.NumberOf(row) + 1u;
      }
      std::sort(three.begin(), three.end());
      keys_2_.Append({three[2] << 2 * bits | three[1] << bits | three[0],
                      Pair(numberings_.stacks.NumberOf(node.stack.value()), node.link.value())});
    }
    numberings_.samples_of.push_back({.begin = static_cast<uint32_t>(numberings_.samples.size()),
                                      .count = static_cast<uint32_t>(rows_.size())});
    for (const KeyedRow& sorted : sorter_.Sort(std::span<const Key<2>>(keys_2_)))
      numberings_.samples.push_back(rows_[sorted.row]);
  }
}

void RowSorter::SortResources(const BatchContent& content) {
  rows_.Clear();
  for (uint32_t r = content.last_resource; r != kNoRow; r = content.resources[r].previous)
    rows_.Append(r);
  std::reverse(rows_.begin(), rows_.end());
  keys_1_.Clear();
  for (const uint32_t r : rows_) {
    uint64_t least = UINT64_MAX;
    VisitSamples(content, numberings_, r, [&](const SampleNode& node) {
      least = std::min<uint64_t>(least, numberings_.stacks.NumberOf(node.stack.value()));
    });
    keys_1_.Append({least});
  }
  for (const KeyedRow& sorted : sorter_.Sort(std::span<const Key<1>>(keys_1_)))
    numberings_.resources.push_back(rows_[sorted.row]);
}

void RowSorter::NumberLinksAsNamed(const BatchContent& content) {
  const uint32_t size = content.rows.links.size();
  marks_.Clear();
  marks_.Resize(size, 0);
  rows_.Clear();
  const auto name = [this](uint32_t row) {
    if (marks_[row] != 0) return;
    marks_[row] = 1;
    rows_.Append(row);
  };
  name(0);
  for (const uint32_t r : numberings_.resources) {
    VisitSamples(content, numberings_, r, [&](const SampleNode& node) { name(node.link.value()); });
  }
  for (uint32_t row = 1; row < size; ++row) name(row);  // of samples that are gone
  numberings_.links.OrderAs(rows_.size(), [this](uint32_t number) { return rows_[number]; });
}

void RowSorter::ByUse(const BatchContent& content) {
  numberings_.KeepArrival();
  CountAttributeUses(content);
  numberings_.attributes.OrderByUse(uses_);
  CountLocationUses(content);
  numberings_.locations.OrderByUse(uses_);
}

void RowSorter::Sorted(const BatchContent& content) {
  const DictionaryRows& rows = content.rows;
  numberings_.KeepArrival();
  text_sorter_.Sort(rows.strings, numberings_.strings);
  CountAttributeUses(content);
  SortAttributes(rows.attributes);
  SortFunctions(rows.functions);
  SortMappings(rows.mappings, rows.attributes.size());
  CountLocationUses(content);
  MarkOftenUsed();
  SortLocations(rows.locations, rows.attributes.size());
  stacks_.Sort(rows.stacks, numberings_.locations, numberings_.stacks);
  SortSamples(content);
  SortResources(content);
  NumberLinksAsNamed(content);
}

size_t RowSorter::memory_bytes() const {
  return numberings_.capacity_bytes() + rewriter_.capacity_bytes() + stacks_.capacity_bytes() +
         uses_.capacity_bytes() + marks_.capacity_bytes() + rows_.capacity_bytes() +
         keys_1_.capacity_bytes() + keys_2_.capacity_bytes() + keys_4_.capacity_bytes() +
         sorter_.capacity_bytes() + text_sorter_.capacity_bytes() + equal_.capacity_bytes() +
         texts_.capacity();
}

}  // namespace flameway
