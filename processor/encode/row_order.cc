// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/row_order.h"

#include <algorithm>
#include <array>
#include <compare>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "processor/encode/row_rewriter.h"
#include "processor/encode/stack_order.h"
#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

void CountUses(std::span<const uint32_t> rows, std::vector<uint32_t>& uses) {
  for (const uint32_t row : rows) ++uses[row];
}

std::vector<uint32_t> LocationUses(const BatchContent& content) {
  std::vector<uint32_t> uses(content.rows.locations.size());
  CountUses(content.rows.stacks.lists(), uses);
  return uses;
}

std::vector<uint32_t> AttributeUses(const BatchContent& content) {
  std::vector<uint32_t> uses(content.rows.attributes.size());
  CountUses(content.rows.mappings.lists(), uses);
  CountUses(content.rows.locations.lists(), uses);
  for (const ProfileNode& node : content.profiles) CountUses(content.List(node.attributes), uses);
  for (const SampleNode& node : content.samples) {
    if (node.shape != SampleShape::kNone) CountUses(content.List(node.attributes), uses);
  }
  return uses;
}

// The first bytes of a text, so that most comparisons are of one word.
uint64_t Beginning(std::string_view text) {
  std::array<char, 8> bytes{};
  std::copy_n(text.begin(), std::min(text.size(), bytes.size()), bytes.begin());
  uint64_t word;
  std::memcpy(&word, bytes.data(), sizeof word);
  return __builtin_bswap64(word);
}

template <size_t N>
struct Keyed {
  std::array<uint64_t, N> key;
  uint32_t row;
  friend auto operator<=>(const Keyed&, const Keyed&) = default;
};

// Rows 1 and on by `key(row)`, and rows with equal keys by `content(row)`, so that the order does
// not depend on how rows arrived. Few have equal keys.
template <size_t N, typename Key, typename Content>
RowNumbering Sorted(uint32_t size, const Key& key, const Content& content) {
  std::vector<Keyed<N>> keyed(size);
  for (uint32_t row = 1; row < size; ++row) keyed[row] = {key(row), row};
  const auto end = keyed.end();
  std::sort(keyed.begin() + 1, end);  // row 0 is always there
  std::vector<std::pair<std::string, uint32_t>> equal;
  for (auto first = keyed.begin(); first != end;) {
    const auto last =
        std::find_if(first, end, [&](const Keyed<N>& k) { return k.key != first->key; });
    if (last - first > 1) {
      equal.clear();
      for (auto k = first; k != last; ++k) {
        if (k->row != 0) equal.emplace_back(content(k->row), k->row);
      }
      std::sort(equal.begin(), equal.end());
      for (auto k = last; !equal.empty(); equal.pop_back()) (--k)->row = equal.back().second;
    }
    first = last;
  }
  std::vector<uint32_t> rows(size);
  std::transform(keyed.begin(), keyed.end(), rows.begin(), [](const Keyed<N>& k) { return k.row; });
  return RowNumbering::InOrder(std::move(rows));
}

// A row as the message has it, but for the order of its fields.
template <typename Rewrite>
std::string AsWritten(const OutputTable& table, uint32_t row, const RowNumberings& numberings,
                      const Rewrite& rewrite) {
  constexpr size_t kUsualBytes = 256;
  wire::BackWriter out(kUsualBytes);
  std::vector<uint32_t> list;
  for (const uint32_t attribute : table.list(row))
    list.push_back(numberings.attributes.NumberOf(attribute));
  std::sort(list.begin(), list.end());
  for (const uint32_t number : list) out.Varint(number);
  RowRewriter rewriter(numberings);
  (rewriter.*rewrite)(table.content(row), out);
  return std::string(out.message());
}

RowNumbering SortTexts(const OutputTable& table) {
  std::vector<Keyed<1>> keyed(table.size());
  for (uint32_t row = 1; row < table.size(); ++row) {
    keyed[row] = {{Beginning(table.content(row))}, row};
  }
  std::sort(keyed.begin() + 1, keyed.end(), [&table](const Keyed<1>& a, const Keyed<1>& b) {
    if (a.key != b.key) return a.key < b.key;
    return table.content(a.row) < table.content(b.row);
  });
  std::vector<uint32_t> rows(table.size());
  std::transform(keyed.begin(), keyed.end(), rows.begin(), [](const Keyed<1>& k) { return k.row; });
  return RowNumbering::InOrder(std::move(rows));
}

uint64_t Pair(uint32_t high, uint32_t low) { return uint64_t{high} << 32 | low; }
uint64_t Pair(uint32_t high, uint64_t low) { return Pair(high, static_cast<uint32_t>(low)); }

uint32_t FirstOf(std::span<const uint32_t> list, const RowNumbering& numbering) {
  uint32_t first = UINT32_MAX;
  for (const uint32_t row : list) first = std::min(first, numbering.NumberOf(row));
  return first;
}

// What follows reads rows the batch wrote itself: nothing in them is unexpected.

// By row: whether it is among the most used, whose numbers take one byte when they come first.
std::vector<bool> OftenUsed(const std::vector<uint32_t>& uses) {
  constexpr uint32_t kOneByteNumbers = 128;
  std::vector<bool> often(uses.size());
  if (uses.size() <= kOneByteNumbers) return often;
  std::vector<uint32_t> sorted = uses;
  std::nth_element(sorted.begin(), sorted.begin() + kOneByteNumbers, sorted.end(),
                   std::greater<>());
  // Those as often used as the first that has no room have none either: which of them arrived first
  // must not matter.
  for (size_t row = 0; row < uses.size(); ++row) often[row] = uses[row] > sorted[kOneByteNumbers];
  return often;
}

RowNumbering SortAttributes(const OutputTable& table, const RowNumberings& numberings,
                            const std::vector<uint32_t>& uses) {
  const auto key_of = [&](uint32_t row) {
    uint32_t key = 0;
    uint64_t value = 0;
    for (wire::Reader fields(table.content(row)); fields.Next();) {
      if (fields.field() == otlp::KeyValueAndUnit::key_strindex)
        key = numberings.strings.NumberOf(static_cast<uint32_t>(fields.value()));
      if (fields.field() == otlp::KeyValueAndUnit::value) value = Beginning(fields.bytes());
    }
    return std::array{Pair(key, ~uses[row]), value};
  };
  return Sorted<2>(table.size(), key_of, [&](uint32_t row) {
    return AsWritten(table, row, numberings, &RowRewriter::Attribute);
  });
}

RowNumbering SortFunctions(const OutputTable& table, const RowNumberings& numberings) {
  const auto key_of = [&](uint32_t row) {
    uint64_t values[5] = {};
    (void)wire::ReadVarintFields<4>(table.content(row), values);
    const auto string = [&](uint32_t field) {
      return numberings.strings.NumberOf(static_cast<uint32_t>(values[field]));
    };
    return std::array{
        Pair(string(otlp::Function::filename_strindex), string(otlp::Function::name_strindex)),
        Pair(string(otlp::Function::system_name_strindex), values[otlp::Function::start_line])};
  };
  return Sorted<2>(table.size(), key_of, [&](uint32_t row) {
    return AsWritten(table, row, numberings, &RowRewriter::Function);
  });
}

RowNumbering SortMappings(const OutputTable& table, const RowNumberings& numberings) {
  const auto key_of = [&](uint32_t row) {
    uint64_t values[5] = {};
    (void)wire::ReadVarintFields<4>(table.content(row), values);
    const auto filename = static_cast<uint32_t>(values[otlp::Mapping::filename_strindex]);
    return std::array{Pair(numberings.strings.NumberOf(filename),
                           FirstOf(table.list(row), numberings.attributes)),
                      values[otlp::Mapping::memory_start]};
  };
  return Sorted<2>(table.size(), key_of, [&](uint32_t row) {
    return AsWritten(table, row, numberings, &RowRewriter::Mapping);
  });
}

RowNumbering SortLocations(const OutputTable& table, const RowNumberings& numberings,
                           const std::vector<bool>& often) {
  const auto key_of = [&](uint32_t row) {
    uint32_t mapping = 0;
    uint64_t address = 0;
    uint64_t line[4] = {};
    for (wire::Reader fields(table.content(row)); fields.Next();) {
      if (fields.field() == otlp::Location::mapping_index) {
        mapping = numberings.mappings.NumberOf(static_cast<uint32_t>(fields.value()));
      } else if (fields.field() == otlp::Location::address) {
        address = fields.value();
      } else {
        (void)wire::ReadVarintFields<3>(fields.bytes(), line);
        break;  // the first line, which is the innermost
      }
    }
    const auto function = static_cast<uint32_t>(line[otlp::Line::function_index]);
    return std::array{
        uint64_t{!often[row]}, Pair(FirstOf(table.list(row), numberings.attributes), mapping),
        Pair(numberings.functions.NumberOf(function), line[otlp::Line::line]), address};
  };
  return Sorted<4>(table.size(), key_of, [&](uint32_t row) {
    return AsWritten(table, row, numberings, &RowRewriter::Location);
  });
}

void SortSamples(const BatchContent& content, RowNumberings& numberings) {
  numberings.samples.reserve(content.samples.size());
  std::vector<Keyed<2>> keyed;
  for (const ProfileNode& profile : content.profiles) {
    keyed.clear();
    for (uint32_t i = profile.last_sample; i != kNoRow; i = content.samples[i].previous) {
      const SampleNode& node = content.samples[i];
      // Three attributes tell nearly all sets apart. The last key leads: in the captures of agents
      // that is the thread's name, which changes least.
      std::array<uint64_t, 3> three{};
      size_t count = 0;
      for (const uint32_t row : content.List(node.attributes)) {
        if (count < three.size()) three[count++] = numberings.attributes.NumberOf(row) + 1u;
      }
      std::sort(three.begin(), three.end());
      constexpr int kBits = 21;
      keyed.push_back({{three[2] << 2 * kBits | three[1] << kBits | three[0],
                        Pair(numberings.stacks.NumberOf(node.stack.value()), node.link.value())},
                       i});
    }
    std::sort(keyed.begin(), keyed.end());
    numberings.samples_of.push_back({.begin = static_cast<uint32_t>(numberings.samples.size()),
                                     .count = static_cast<uint32_t>(keyed.size())});
    for (const Keyed<2>& k : keyed) numberings.samples.push_back(k.row);
  }
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

void SortResources(const BatchContent& content, RowNumberings& numberings) {
  std::vector<Keyed<1>> keyed;
  for (uint32_t r = content.last_resource; r != kNoRow; r = content.resources[r].previous) {
    uint64_t least = UINT64_MAX;
    VisitSamples(content, numberings, r, [&](const SampleNode& node) {
      least = std::min<uint64_t>(least, numberings.stacks.NumberOf(node.stack.value()));
    });
    keyed.push_back({{least}, r});
  }
  std::sort(keyed.begin(), keyed.end());
  for (const Keyed<1>& k : keyed) numberings.resources.push_back(k.row);
}

RowNumbering LinksAsNamed(const BatchContent& content, const RowNumberings& numberings) {
  const uint32_t size = content.rows.links.size();
  std::vector<bool> named(size);
  std::vector<uint32_t> rows;
  rows.reserve(size);
  const auto name = [&](uint32_t row) {
    if (named[row]) return;
    named[row] = true;
    rows.push_back(row);
  };
  name(0);
  for (const uint32_t r : numberings.resources) {
    VisitSamples(content, numberings, r, [&](const SampleNode& node) { name(node.link.value()); });
  }
  for (uint32_t row = 1; row < size; ++row) name(row);  // of samples that are gone
  return RowNumbering::InOrder(std::move(rows));
}

}  // namespace

RowNumberings NumberByUse(const BatchContent& content) {
  RowNumberings numberings;
  numberings.attributes = RowNumbering::ByUse(AttributeUses(content));
  numberings.locations = RowNumbering::ByUse(LocationUses(content));
  return numberings;
}

RowNumberings NumberSorted(const BatchContent& content) {
  const DictionaryRows& rows = content.rows;
  RowNumberings numberings;
  numberings.strings = SortTexts(rows.strings);
  numberings.attributes = SortAttributes(rows.attributes, numberings, AttributeUses(content));
  numberings.functions = SortFunctions(rows.functions, numberings);
  numberings.mappings = SortMappings(rows.mappings, numberings);
  numberings.locations =
      SortLocations(rows.locations, numberings, OftenUsed(LocationUses(content)));
  numberings.stacks = RowNumbering::InOrder(StacksFromTheRoot(rows.stacks, numberings.locations));
  SortSamples(content, numberings);
  SortResources(content, numberings);
  numberings.links = LinksAsNamed(content, numberings);
  return numberings;
}

}  // namespace flameway
