// SPDX-License-Identifier: Apache-2.0
// ExportProfilesServiceRequest: resource_profiles*, dictionary; each message ascending by field
// number. Written back to front, so every chain of nodes is met last first and every length is
// known when it is due.
#include "processor/encode/encode.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "processor/encode/references.h"
#include "processor/encode/row_order.h"
#include "processor/encode/row_rewriter.h"
#include "processor/encode/split.h"
#include "proto/otlp/fields.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

class MessageEncoder {
 public:
  // The message is written into the memory of `message`.
  MessageEncoder(const BatchContent& content, const EncodeOptions& options, RowSorter& sorter,
                 EncoderMemory& memory, EncodedMessage message)
      : content_(content),
        sorted_(options.row_order == RowOrder::kSorted),
        numberings_(sorter.numberings()),
        rewriter_(sorter.rewriter()),
        out_(std::move(message.storage), message.capacity, content.encoded_bytes_bound() + kRoom),
        memory_(memory) {
    if (sorted_) {
      sorter.Sorted(content);
    } else {
      sorter.ByUse(content);
    }
    if (options.attribute_references) RewriteOrigins();
  }

  EncodedMessage Encode() {
    EncodeDictionary();
    if (sorted_) {
      const std::vector<uint32_t>& resources = numberings_.resources;
      for (size_t i = resources.size(); i-- > 0;) EncodeResource(resources[i]);
    } else {
      for (uint32_t i = content_.last_resource; i != kNoRow; i = content_.resources[i].previous)
        EncodeResource(i);
    }
    EncodedMessage message{.bytes = out_.message()};
    message.capacity = out_.capacity();
    message.storage = out_.TakeStorage();
    return message;
  }

 private:
  void RewriteOrigins() {
    ReferenceWriter references(content_, numberings_.strings);
    for (const ResourceNode& node : content_.resources) {
      resources_.push_back(
          references.Rewrite(content_.Text(node.resource), otlp::Resource::attributes));
    }
    for (const ScopeNode& node : content_.scopes) {
      scopes_.push_back(
          references.Rewrite(content_.Text(node.scope), otlp::InstrumentationScope::attributes));
    }
    added_strings_ = references.added_rows();
  }

  void EncodeDictionary() {
    namespace tables = otlp::ProfilesDictionary;
    const size_t mark = out_.size();
    const DictionaryRows& rows = content_.rows;
    const RowNumberings& numbers = numberings_;
    EncodeStacks();
    EncodeTable(tables::attribute_table, rows.attributes, numbers.attributes,
                [this](std::string_view row, std::span<const uint32_t>, wire::BackCursor& out) {
                  Write(&RowRewriter::Attribute, row, out);
                });
    out_.Bytes(added_strings_);
    const auto as_it_is = [](std::string_view row, std::span<const uint32_t>,
                             wire::BackCursor& out) { out.Bytes(row); };
    EncodeTable(tables::string_table, rows.strings, numbers.strings, as_it_is);
    EncodeTable(tables::link_table, rows.links, numbers.links, as_it_is);
    EncodeTable(tables::function_table, rows.functions, numbers.functions,
                [this](std::string_view row, std::span<const uint32_t>, wire::BackCursor& out) {
                  Write(&RowRewriter::Function, row, out);
                });
    // The order of fields is chosen for the compressor: docs/decisions/0009-sorted-rows.md.
    EncodeTable(
        tables::location_table, rows.locations, numbers.locations,
        [this](std::string_view row, std::span<const uint32_t> list, wire::BackCursor& out) {
          out.Bytes(TakeAddress(row));
          EncodeSet(otlp::Location::attribute_indices, list, out);
          Write(&RowRewriter::Location, row, out);
        });
    EncodeTable(
        tables::mapping_table, rows.mappings, numbers.mappings,
        [this](std::string_view row, std::span<const uint32_t> list, wire::BackCursor& out) {
          EncodeSet(otlp::Mapping::attribute_indices, list, out);
          Write(&RowRewriter::Mapping, row, out);
        });
    out_.BytesPrefix(otlp::ExportProfilesServiceRequest::dictionary, mark);
  }

  // `write(row, list, out)` writes a row and its list of attributes.
  template <typename WriteRow>
  void EncodeTable(uint32_t field, const OutputTable& table, const RowNumbering& numbering,
                   const WriteRow& write) {
    for (uint32_t number = table.size(); number-- > 0;) {
      PrefetchAhead(table, numbering, number);
      const uint32_t row = numbering.RowAt(number);
      const std::string_view content = table.content(row);
      const std::span<const uint32_t> list = table.list(row);
      wire::BackCursor out = Open(kNumber * list.size() + RowRewriter::RoomFor(content.size()));
      const char* const end = out.begin();
      write(content, list, out);
      out.BytesPrefix(field, end);
      out_.Close(out);
    }
  }

  // A row that names others: by use they have the numbers the batch gave them.
  template <typename Rewrite>
  [[gnu::always_inline]] void Write(Rewrite rewrite, std::string_view row, wire::BackCursor& out) {
    if (sorted_) {
      (rewriter_.*rewrite)(row, out);
    } else {
      out.Bytes(row);
    }
  }

  // Rows that do not come as they arrived lie anywhere (a tenth off encoding what is sorted).
  static void PrefetchAhead(const OutputTable& table, const RowNumbering& numbering,
                            uint32_t number) {
    if (numbering.is_arrival()) return;
    if (number >= 2 * kAhead) table.PrefetchPlace(numbering.RowAt(number - 2 * kAhead));
    if (number >= kAhead) table.PrefetchRow(numbering.RowAt(number - kAhead));
  }
  static constexpr uint32_t kAhead = 8;

  void EncodeStacks() {
    const OutputTable& stacks = content_.rows.stacks;
    memory_.frames.Clear();
    for (uint32_t row = 0; row < content_.rows.locations.size(); ++row)
      memory_.frames.Append(wire::PackVarint(numberings_.locations.NumberOf(row)));
    const uint64_t* const frames = memory_.frames.data();
    for (uint32_t number = stacks.size(); number-- > 0;) {
      PrefetchAhead(stacks, numberings_.stacks, number);
      const std::span<const uint32_t> list = stacks.list(numberings_.stacks.RowAt(number));
      wire::BackCursor out = Open(kNumber * list.size());
      const char* const end = out.begin();
      for (size_t i = list.size(); i-- > 0;) out.Packed(frames[list[i]]);
      if (!list.empty()) out.BytesPrefix(otlp::Stack::location_indices, end);
      out.BytesPrefix(otlp::ProfilesDictionary::stack_table, end);
      out_.Close(out);
    }
  }

  // Attributes, whose order means nothing.
  void EncodeSet(uint32_t field, std::span<const uint32_t> rows, wire::BackCursor& out) {
    if (rows.empty()) return;
    const char* const end = out.begin();
    if (!sorted_ || rows.size() == 1) {
      for (size_t i = rows.size(); i-- > 0;) out.Varint(numberings_.attributes.NumberOf(rows[i]));
    } else {
      memory_.set.Clear();
      for (const uint32_t row : rows) memory_.set.Append(numberings_.attributes.NumberOf(row));
      std::sort(memory_.set.begin(), memory_.set.end());
      for (size_t i = rows.size(); i-- > 0;) out.Varint(memory_.set[i]);
    }
    out.BytesPrefix(field, end);
  }

  void EncodeResource(uint32_t number) {
    const ResourceNode& node = content_.resources[number];
    const size_t mark = out_.size();
    if (node.schema_url.size > 0) {
      out_.BytesField(otlp::ResourceProfiles::schema_url, content_.Text(node.schema_url));
    }
    for (uint32_t i = node.last_scope; i != kNoRow; i = content_.scopes[i].previous) EncodeScope(i);
    out_.BytesField(otlp::ResourceProfiles::resource,
                    resources_.empty() ? content_.Text(node.resource) : resources_[number]);
    out_.BytesPrefix(otlp::ExportProfilesServiceRequest::resource_profiles, mark);
  }

  void EncodeScope(uint32_t number) {
    const ScopeNode& node = content_.scopes[number];
    const size_t mark = out_.size();
    if (node.schema_url.size > 0) {
      out_.BytesField(otlp::ScopeProfiles::schema_url, content_.Text(node.schema_url));
    }
    for (uint32_t i = node.last_profile; i != kNoRow; i = content_.profiles[i].previous)
      EncodeProfile(i);
    out_.BytesField(otlp::ScopeProfiles::scope,
                    scopes_.empty() ? content_.Text(node.scope) : scopes_[number]);
    out_.BytesPrefix(otlp::ResourceProfiles::scope_profiles, mark);
  }

  void EncodeProfile(uint32_t number) {
    const ProfileNode& node = content_.profiles[number];
    const size_t mark = out_.size();
    const std::span<const uint32_t> attributes = content_.List(node.attributes);
    wire::BackCursor tail = Open(kNumber * attributes.size());
    EncodeSet(otlp::Profile::attribute_indices, attributes, tail);
    out_.Close(tail);
    out_.VarintFieldUnlessZero(otlp::Profile::duration_nano, node.duration_nano);
    if (node.time_unix_nano != 0)
      out_.Fixed64Field(otlp::Profile::time_unix_nano, node.time_unix_nano);
    if (sorted_) {
      const ListSpan span = numberings_.samples_of[number];
      const uint32_t* const samples = numberings_.samples.data() + span.begin;
      for (uint32_t i = span.count; i-- > 0;) {
        if (i >= 2 * kAhead) __builtin_prefetch(&content_.samples[samples[i - 2 * kAhead]]);
        if (i >= kAhead) PrefetchParts(content_.samples[samples[i - kAhead]]);
        EncodeSample(samples[i]);
      }
    } else {
      for (uint32_t i = node.last_sample; i != kNoRow; i = content_.samples[i].previous)
        EncodeSample(i);
    }
    EncodeHead(content_.Text(node.head));
    out_.BytesPrefix(otlp::ScopeProfiles::profiles, mark);
  }

  [[gnu::always_inline]] void PrefetchParts(const SampleNode& node) const {
    __builtin_prefetch(content_.lists.data() + node.attributes.begin);
    if (node.shape != SampleShape::kAggregate) content_.points.Prefetch(node.measured);
  }

  // With a payload in it, if there is one.
  void EncodeHead(std::string_view head) {
    if (!sorted_) return out_.Bytes(head);
    wire::BackCursor out = Open(RowRewriter::RoomFor(head.size()));
    rewriter_.Head(head, out);
    out_.Close(out);
  }

  // The order of fields is chosen for the compressor: docs/decisions/0009-sorted-rows.md.
  void EncodeSample(uint32_t number) {
    const SampleNode& node = content_.samples[number];
    const std::span<const uint32_t> attributes = content_.List(node.attributes);
    const Points::Chunk newest = NewestChunk(node);
    wire::BackCursor out = Open(kNumber * attributes.size() + PointBytes(newest));
    const char* const end = out.begin();
    out.VarintFieldUnlessZero(otlp::Sample::stack_index,
                              numberings_.stacks.NumberOf(node.stack.value()));
    if (node.shape == SampleShape::kAggregate) {
      const char* const values_end = out.begin();
      out.Varint(static_cast<uint64_t>(content_.Total(node)));
      out.BytesPrefix(otlp::Sample::values, values_end);
    } else {
      EncodePoints(node.shape, newest, out);
    }
    EncodeSet(otlp::Sample::attribute_indices, attributes, out);
    out.VarintFieldUnlessZero(otlp::Sample::link_index,
                              numberings_.links.NumberOf(node.link.value()));
    out.BytesPrefix(otlp::Profile::samples, end);
    out_.Close(out);
  }

  // Without points for a sample that has none.
  [[nodiscard]] Points::Chunk NewestChunk(const SampleNode& node) const {
    if (node.shape == SampleShape::kAggregate || node.measured == Points::kNoChunk) return {};
    return content_.points.at(node.measured);
  }

  // Gives `see` a chunk and those before it. Nearly always it is the only one.
  template <typename See>
  [[gnu::always_inline]] void VisitChunks(Points::Chunk chunk, const See& see) const {
    see(chunk);
    while (chunk.previous != Points::kNoChunk) {
      chunk = content_.points.at(chunk.previous);
      see(chunk);
    }
  }

  [[nodiscard]] size_t PointBytes(const Points::Chunk& newest) const {
    size_t bytes = 0;
    VisitChunks(newest, [&bytes](const Points::Chunk& chunk) {
      bytes += chunk.timestamps.size() + chunk.values.size();
    });
    return bytes;
  }

  void EncodePoints(SampleShape shape, const Points::Chunk& newest, wire::BackCursor& out) {
    const char* end = out.begin();
    VisitChunks(newest, [&out](const Points::Chunk& chunk) { out.Bytes(chunk.timestamps); });
    if (out.begin() != end) out.BytesPrefix(otlp::Sample::timestamps_unix_nano, end);
    if (shape == SampleShape::kEvents) return;
    end = out.begin();
    VisitChunks(newest, [&out](const Points::Chunk& chunk) { out.Bytes(chunk.values); });
    out.BytesPrefix(otlp::Sample::values, end);
  }

  // Room for a row or sample whose lists and contents take at most `most` bytes.
  [[nodiscard]] wire::BackCursor Open(size_t most) { return out_.Open(kRoom + most); }
  static constexpr size_t kRoom = 48;  // for tags, lengths and the numbers of a sample
  static constexpr size_t kNumber = 5;

  const BatchContent& content_;
  bool sorted_;
  const RowNumberings& numberings_;
  RowRewriter& rewriter_;
  wire::BackWriter out_;
  std::vector<std::string> resources_, scopes_;  // with references; empty when written inline
  std::string added_strings_;
  EncoderMemory& memory_;
};

}  // namespace

EncodedMessage Encoder::EncodeWhole(const BatchContent& content, const EncodeOptions& options,
                                    EncodedMessage memory) {
  return MessageEncoder(content, options, sorter_, memory_, std::move(memory)).Encode();
}

void Encoder::Encode(const SealedBatch& batch, const EncodeOptions& options, EncodeResult* result) {
  EncodedMessage whole;
  if (!result->messages.empty()) whole = std::move(result->messages.front());
  result->messages.clear();
  result->oversize_profiles = 0;
  result->oversize_samples = 0;
  if (batch.empty()) return;
  const BatchContent& content = batch.content();
  whole = EncodeWhole(content, options, std::move(whole));
  const bool too_large =
      options.max_message_bytes > 0 && whole.bytes.size() > options.max_message_bytes;
  const bool too_many =
      options.max_message_samples > 0 && content.samples.size() > options.max_message_samples;
  if (too_large || too_many) {
    // References would have to be resolved again, and the parts find the samples as they arrived.
    if (options.attribute_references || options.row_order != RowOrder::kByUse) {
      whole = EncodeWhole(content, {}, std::move(whole));
    }
    *result = SplitEncoded(content, whole.bytes, options);
    return;
  }
  whole.profiles_in = content.counts.profiles - content.counts.dropped_profiles;
  whole.samples_in = content.counts.samples - content.counts.dropped_samples;
  whole.samples_out = content.samples_out();
  result->messages.push_back(std::move(whole));
}

EncodeResult Encode(const SealedBatch& batch, const EncodeOptions& options) {
  EncodeResult result;
  Encoder().Encode(batch, options, &result);
  return result;
}

}  // namespace flameway
