// SPDX-License-Identifier: Apache-2.0
// ExportProfilesServiceRequest: resource_profiles*, dictionary; each message ascending by field
// number. Written back to front, so every chain of nodes is met last first and every length is
// known when it is due.
#include "processor/encode/encode.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "processor/encode/references.h"
#include "processor/encode/row_numbering.h"
#include "processor/encode/split.h"
#include "proto/otlp/fields.h"
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

class MessageEncoder {
 public:
  MessageEncoder(const BatchContent& content, const EncodeOptions& options)
      : content_(content),
        attributes_(AttributeUses(content)),
        locations_(LocationUses(content)),
        out_(content.encoded_bytes_bound()) {
    if (options.attribute_references) RewriteOrigins();
  }

  EncodedMessage Encode() {
    EncodeDictionary();
    for (uint32_t i = content_.last_resource; i != kNoRow; i = content_.resources[i].previous)
      EncodeResource(i);
    EncodedMessage message{.bytes = out_.message()};
    message.storage = out_.TakeStorage();
    return message;
  }

 private:
  void RewriteOrigins() {
    ReferenceWriter references(content_);
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
    EncodeTable(tables::stack_table, rows.stacks, nullptr, otlp::Stack::location_indices,
                &locations_);
    EncodeTable(tables::attribute_table, rows.attributes, &attributes_, 0, nullptr);
    out_.Bytes(added_strings_);
    EncodeTable(tables::string_table, rows.strings, nullptr, 0, nullptr);
    EncodeTable(tables::link_table, rows.links, nullptr, 0, nullptr);
    EncodeTable(tables::function_table, rows.functions, nullptr, 0, nullptr);
    EncodeTable(tables::location_table, rows.locations, &locations_,
                otlp::Location::attribute_indices, &attributes_);
    EncodeTable(tables::mapping_table, rows.mappings, nullptr, otlp::Mapping::attribute_indices,
                &attributes_);
    out_.BytesPrefix(otlp::ExportProfilesServiceRequest::dictionary, mark);
  }

  // Rows in the order of `numbering`, or of arrival without one; their lists as `list_field` under
  // `list_numbering`.
  void EncodeTable(uint32_t field, const OutputTable& table, const RowNumbering* numbering,
                   uint32_t list_field, const RowNumbering* list_numbering) {
    for (uint32_t i = table.size(); i-- > 0;) {
      const uint32_t row = numbering == nullptr ? i : numbering->RowAt(i);
      const size_t mark = out_.size();
      if (list_numbering != nullptr) EncodeList(list_field, table.list(row), *list_numbering);
      out_.Bytes(table.content(row));
      out_.BytesPrefix(field, mark);
    }
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
    EncodeList(otlp::Profile::attribute_indices, content_.List(node.attributes), attributes_);
    out_.VarintFieldUnlessZero(otlp::Profile::duration_nano, node.duration_nano);
    if (node.time_unix_nano != 0)
      out_.Fixed64Field(otlp::Profile::time_unix_nano, node.time_unix_nano);
    for (uint32_t i = node.last_sample; i != kNoRow; i = content_.samples[i].previous)
      EncodeSample(i);
    out_.Bytes(content_.Text(node.head));
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
    out_.VarintFieldUnlessZero(otlp::Sample::link_index, node.link.value());
    EncodeList(otlp::Sample::attribute_indices, content_.List(node.attributes), attributes_);
    out_.VarintFieldUnlessZero(otlp::Sample::stack_index, node.stack.value());
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
  RowNumbering attributes_, locations_;
  wire::BackWriter out_;
  std::vector<std::string> resources_, scopes_;  // with references; empty when written inline
  std::string added_strings_;
};

}  // namespace

EncodeResult Encode(const SealedBatch& batch, const EncodeOptions& options) {
  if (batch.empty()) return {};
  const BatchContent& content = batch.content();
  EncodedMessage whole = MessageEncoder(content, options).Encode();
  const bool too_large =
      options.max_message_bytes > 0 && whole.bytes.size() > options.max_message_bytes;
  const bool too_many =
      options.max_message_samples > 0 && content.samples.size() > options.max_message_samples;
  if (too_large || too_many) {
    // References would have to be resolved again.
    if (options.attribute_references) whole = MessageEncoder(content, {}).Encode();
    return SplitEncoded(content, whole.bytes, options);
  }
  whole.profiles_in = content.counts.profiles - content.counts.dropped_profiles;
  whole.samples_in = content.counts.samples - content.counts.dropped_samples;
  whole.samples_out = content.samples_out();
  EncodeResult result;
  result.messages.push_back(std::move(whole));
  return result;
}

}  // namespace flameway
