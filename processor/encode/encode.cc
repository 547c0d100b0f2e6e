// SPDX-License-Identifier: Apache-2.0
// ExportProfilesServiceRequest: resource_profiles*, dictionary; each message ascending by field
// number. Written back to front, so every chain of nodes is met last first and every length is
// known when it is due.
#include "processor/encode/encode.h"

#include <algorithm>
#include <span>
#include <string>
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
  // `set` is memory to work in. The message is written into that of `memory`.
  MessageEncoder(const BatchContent& content, const EncodeOptions& options, RowSorter& sorter,
                 Buffer<uint32_t>& set, EncodedMessage memory)
      : content_(content),
        sorted_(options.row_order == RowOrder::kSorted),
        numberings_(sorter.numberings()),
        rewriter_(sorter.rewriter()),
        out_(std::move(memory.storage), memory.capacity, content.encoded_bytes_bound()),
        set_(set) {
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
    EncodeTable(tables::stack_table, rows.stacks, numbers.stacks, [&](uint32_t row) {
      EncodeList(otlp::Stack::location_indices, rows.stacks.list(row), numbers.locations);
    });
    EncodeTable(tables::attribute_table, rows.attributes, numbers.attributes, [&](uint32_t row) {
      EncodeContent(rows.attributes.content(row), &RowRewriter::Attribute);
    });
    out_.Bytes(added_strings_);
    EncodeTable(tables::string_table, rows.strings, numbers.strings,
                [&](uint32_t row) { out_.Bytes(rows.strings.content(row)); });
    EncodeTable(tables::link_table, rows.links, numbers.links,
                [&](uint32_t row) { out_.Bytes(rows.links.content(row)); });
    EncodeTable(tables::function_table, rows.functions, numbers.functions, [&](uint32_t row) {
      EncodeContent(rows.functions.content(row), &RowRewriter::Function);
    });
    EncodeTable(tables::location_table, rows.locations, numbers.locations, [&](uint32_t row) {
      EncodeSet(otlp::Location::attribute_indices, rows.locations.list(row));
      EncodeContent(rows.locations.content(row), &RowRewriter::Location);
    });
    EncodeTable(tables::mapping_table, rows.mappings, numbers.mappings, [&](uint32_t row) {
      EncodeSet(otlp::Mapping::attribute_indices, rows.mappings.list(row));
      EncodeContent(rows.mappings.content(row), &RowRewriter::Mapping);
    });
    out_.BytesPrefix(otlp::ExportProfilesServiceRequest::dictionary, mark);
  }

  template <typename EncodeRow>
  void EncodeTable(uint32_t field, const OutputTable& table, const RowNumbering& numbering,
                   const EncodeRow& encode_row) {
    for (uint32_t number = table.size(); number-- > 0;) {
      const size_t mark = out_.size();
      encode_row(numbering.RowAt(number));
      out_.BytesPrefix(field, mark);
    }
  }

  // Rows by use name rows as they arrived, as the batch wrote them.
  template <typename Rewrite>
  void EncodeContent(std::string_view content, const Rewrite& rewrite) {
    if (sorted_) {
      (rewriter_.*rewrite)(content, out_);
    } else {
      out_.Bytes(content);
    }
  }

  // Attributes, whose order means nothing.
  void EncodeSet(uint32_t field, std::span<const uint32_t> rows) {
    if (!sorted_) return EncodeList(field, rows, numberings_.attributes);
    if (rows.empty()) return;
    set_.Clear();
    for (const uint32_t row : rows) set_.Append(numberings_.attributes.NumberOf(row));
    std::sort(set_.begin(), set_.end());
    const size_t mark = out_.size();
    for (size_t i = set_.size(); i-- > 0;) out_.Varint(set_[i]);
    out_.BytesPrefix(field, mark);
  }

  void EncodeList(uint32_t field, std::span<const uint32_t> rows, const RowNumbering& numbering) {
    if (rows.empty()) return;
    const size_t mark = out_.size();
    for (size_t i = rows.size(); i-- > 0;) out_.Varint(numbering.NumberOf(rows[i]));
    out_.BytesPrefix(field, mark);
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
    EncodeSet(otlp::Profile::attribute_indices, content_.List(node.attributes));
    out_.VarintFieldUnlessZero(otlp::Profile::duration_nano, node.duration_nano);
    if (node.time_unix_nano != 0)
      out_.Fixed64Field(otlp::Profile::time_unix_nano, node.time_unix_nano);
    if (sorted_) {
      const ListSpan samples = numberings_.samples_of[number];
      for (uint32_t i = samples.count; i-- > 0;)
        EncodeSample(numberings_.samples[samples.begin + i]);
    } else {
      for (uint32_t i = node.last_sample; i != kNoRow; i = content_.samples[i].previous)
        EncodeSample(i);
    }
    EncodeContent(content_.Text(node.head), &RowRewriter::Head);
    out_.BytesPrefix(otlp::ScopeProfiles::profiles, mark);
  }

  void EncodeSample(uint32_t number) {
    const SampleNode& node = content_.samples[number];
    const size_t mark = out_.size();
    if (node.shape == SampleShape::kAggregate) {
      const size_t values = out_.size();
      out_.Varint(static_cast<uint64_t>(node.total));
      out_.BytesPrefix(otlp::Sample::values, values);
    } else {
      EncodePoints(node);
    }
    out_.VarintFieldUnlessZero(otlp::Sample::link_index,
                               numberings_.links.NumberOf(node.link.value()));
    EncodeSet(otlp::Sample::attribute_indices, content_.List(node.attributes));
    out_.VarintFieldUnlessZero(otlp::Sample::stack_index,
                               numberings_.stacks.NumberOf(node.stack.value()));
    out_.BytesPrefix(otlp::Profile::samples, mark);
  }

  void EncodePoints(const SampleNode& node) {
    size_t mark = out_.size();
    for (uint32_t i = node.last_chunk; i != Points::kNoChunk;) {
      const Points::Chunk chunk = content_.points.at(i);
      out_.Bytes(chunk.timestamps);
      i = chunk.previous;
    }
    if (out_.size() != mark) out_.BytesPrefix(otlp::Sample::timestamps_unix_nano, mark);
    if (node.shape == SampleShape::kEvents) return;
    mark = out_.size();
    for (uint32_t i = node.last_chunk; i != Points::kNoChunk;) {
      const Points::Chunk chunk = content_.points.at(i);
      out_.Bytes(chunk.values);
      i = chunk.previous;
    }
    out_.BytesPrefix(otlp::Sample::values, mark);
  }

  const BatchContent& content_;
  bool sorted_;
  const RowNumberings& numberings_;
  RowRewriter& rewriter_;
  wire::BackWriter out_;
  std::vector<std::string> resources_, scopes_;  // with references; empty when written inline
  std::string added_strings_;
  Buffer<uint32_t>& set_;
};

}  // namespace

EncodedMessage Encoder::EncodeWhole(const BatchContent& content, const EncodeOptions& options,
                                    EncodedMessage memory) {
  return MessageEncoder(content, options, sorter_, set_, std::move(memory)).Encode();
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
