// SPDX-License-Identifier: Apache-2.0
#include "processor/request/origins.h"

#include <algorithm>
#include <set>
#include <string>

#include "processor/request/any_value.h"
#include "proto/otlp/fields.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

// The attributes of one resource or scope, collected: first of each key kept, empty keys left out.
class AttributeCollector {
 public:
  // Appends a canonical KeyValue as `field` of `out`, unless it is to be left out.
  bool Add(Decoder& decoder, std::string_view key_value, uint32_t field, std::string& out,
           Reason& reason) {
    std::string_view key;
    std::string& canonical = decoder.text;
    canonical.clear();
    if (!decoder.CountElements(1, key_value.data())) return false;
    if (!AppendKeyValue(decoder, key_value, 0, canonical, key, reason)) return false;
    if (key.empty()) {
      decoder.Repair(Reason::kEmptyKey);
      return true;
    }
    if (Seen(key)) {
      decoder.Repair(Reason::kDuplicateResourceKey);
      return true;
    }
    set_ += decoder.fingerprinter.Bytes(canonical);
    ++count_;
    wire::Writer(&out).BytesField(field, canonical);
    return decoder.ExpansionFits(out.size(), key_value.data());
  }

  [[nodiscard]] const Fingerprint& set() const { return set_; }
  [[nodiscard]] uint64_t count() const { return count_; }

 private:
  bool Seen(std::string_view key) {
    constexpr size_t kFewKeys = 32;  // a scan beats a tree up to about here
    if (many_.empty() && few_.size() < kFewKeys) {
      if (std::find(few_.begin(), few_.end(), key) != few_.end()) return true;
      few_.push_back(key);
      return false;
    }
    if (many_.empty()) many_.insert(few_.begin(), few_.end());
    return !many_.insert(key).second;
  }

  std::vector<std::string_view> few_;
  std::set<std::string_view> many_;  // ordered: no sender can make it degenerate
  Fingerprint set_;
  uint64_t count_ = 0;
};

// Appends the EntityRef with its fields in ascending order, whatever order they came in.
bool AppendEntityRef(Decoder& decoder, std::string_view entity, std::string& out, Reason& reason) {
  std::string_view schema_url;
  std::string_view type;
  std::string id_keys;
  std::string description_keys;
  if (!decoder.CountElements(1, entity.data())) return false;
  wire::Reader fields(entity);
  while (fields.Next()) {
    if (fields.field() > otlp::EntityRef::description_keys) {
      decoder.CountUnknownField();
      continue;
    }
    std::string_view text;
    if (!decoder.CountElements(1, entity.data()) || !decoder.TakeString(fields, text, reason))
      return false;
    switch (fields.field()) {
      case otlp::EntityRef::schema_url:
        schema_url = text;
        break;
      case otlp::EntityRef::type:
        type = text;
        break;
      case otlp::EntityRef::id_keys:
        wire::Writer(&id_keys).BytesField(otlp::EntityRef::id_keys, text);
        break;
      default:
        wire::Writer(&description_keys).BytesField(otlp::EntityRef::description_keys, text);
    }
  }
  if (!decoder.Finish(fields)) return false;
  std::string canonical;
  wire::Writer writer(&canonical);
  if (!schema_url.empty()) writer.BytesField(otlp::EntityRef::schema_url, schema_url);
  if (!type.empty()) writer.BytesField(otlp::EntityRef::type, type);
  canonical.append(id_keys).append(description_keys);
  wire::Writer(&out).BytesField(otlp::Resource::entity_refs, canonical);
  return decoder.ExpansionFits(out.size(), entity.data());
}

// A view of what came in if that is canonical already, which spares the copy.
bool KeepCanonical(Decoder& decoder, std::string_view message, const std::string& canonical,
                   std::string_view& kept) {
  kept = message;
  return canonical == message || decoder.CopyToScratch(canonical, kept);
}

// Yields the canonical message and the fingerprint of its value, order of attributes aside.
bool DecodeResource(Decoder& decoder, std::string_view message, std::string_view& canonical,
                    Fingerprint& print, Reason& reason) {
  std::string out;
  std::string entities;
  AttributeCollector attributes;
  uint32_t dropped = 0;
  wire::Reader fields(message);
  while (fields.Next()) {
    std::string_view part;
    bool ok = true;
    switch (fields.field()) {
      case otlp::Resource::attributes:
        ok = decoder.TakeBytes(fields, part) &&
             attributes.Add(decoder, part, otlp::Resource::attributes, out, reason);
        break;
      case otlp::Resource::dropped_attributes_count:
        ok = decoder.TakeUint32(fields, dropped);
        break;
      case otlp::Resource::entity_refs:
        ok = decoder.TakeBytes(fields, part) && AppendEntityRef(decoder, part, entities, reason);
        break;
      default:
        decoder.CountUnknownField();
    }
    if (!ok) return false;
  }
  if (!decoder.Finish(fields)) return false;
  wire::Writer(&out).VarintFieldUnlessZero(otlp::Resource::dropped_attributes_count, dropped);
  out += entities;
  const Fingerprint e = decoder.fingerprinter.Bytes(entities);
  const uint64_t words[] = {
      attributes.set().low, attributes.set().high, attributes.count(), dropped, e.low, e.high};
  print = decoder.fingerprinter.Words(words);
  return KeepCanonical(decoder, message, out, canonical);
}

bool DecodeScope(Decoder& decoder, std::string_view message, std::string_view& canonical,
                 Fingerprint& print, Reason& reason) {
  std::string out;
  AttributeCollector attributes;
  std::string_view name;
  std::string_view version;
  uint32_t dropped = 0;
  wire::Reader fields(message);
  while (fields.Next()) {
    std::string_view part;
    bool ok = true;
    switch (fields.field()) {
      case otlp::InstrumentationScope::name:
        ok = decoder.TakeString(fields, name, reason);
        break;
      case otlp::InstrumentationScope::version:
        ok = decoder.TakeString(fields, version, reason);
        break;
      case otlp::InstrumentationScope::attributes:
        ok = decoder.TakeBytes(fields, part) &&
             attributes.Add(decoder, part, otlp::InstrumentationScope::attributes, out, reason);
        break;
      case otlp::InstrumentationScope::dropped_attributes_count:
        ok = decoder.TakeUint32(fields, dropped);
        break;
      default:
        decoder.CountUnknownField();
    }
    if (!ok) return false;
  }
  if (!decoder.Finish(fields)) return false;
  std::string head;
  wire::Writer writer(&head);
  if (!name.empty()) writer.BytesField(otlp::InstrumentationScope::name, name);
  if (!version.empty()) writer.BytesField(otlp::InstrumentationScope::version, version);
  wire::Writer(&out).VarintFieldUnlessZero(otlp::InstrumentationScope::dropped_attributes_count,
                                           dropped);
  const Fingerprint h = decoder.fingerprinter.Bytes(head);
  const uint64_t words[] = {
      attributes.set().low, attributes.set().high, attributes.count(), dropped, h.low, h.high};
  print = decoder.fingerprinter.Words(words);
  return KeepCanonical(decoder, message, head + out, canonical);
}

// The three fields that ResourceProfiles and ScopeProfiles share in shape: who, what is below,
// schema URL.
struct Envelope {
  std::string_view origin;
  std::string_view schema_url;
  std::vector<std::string_view> children;
};

bool OpenEnvelope(Decoder& decoder, std::string_view message, Envelope& envelope, Reason& reason) {
  static_assert(otlp::ResourceProfiles::resource == otlp::ScopeProfiles::scope &&
                otlp::ResourceProfiles::scope_profiles == otlp::ScopeProfiles::profiles &&
                otlp::ResourceProfiles::schema_url == otlp::ScopeProfiles::schema_url);
  int origins = 0;
  wire::Reader fields(message);
  while (fields.Next()) {
    std::string_view part;
    bool ok = true;
    switch (fields.field()) {
      case otlp::ResourceProfiles::resource:
        ok = decoder.TakeBytes(fields, envelope.origin);
        ++origins;
        break;
      case otlp::ResourceProfiles::scope_profiles:
        ok = decoder.TakeBytes(fields, part) && decoder.CountElements(1, part.data());
        envelope.children.push_back(part);
        break;
      case otlp::ResourceProfiles::schema_url:
        ok = decoder.TakeString(fields, envelope.schema_url, reason);
        break;
      default:
        decoder.CountUnknownField();
    }
    if (!ok) return false;
  }
  if (!decoder.Finish(fields)) return false;
  return origins <= 1 ||
         decoder.JoinOccurrences(message, otlp::ResourceProfiles::resource, envelope.origin);
}

bool DecodeScopeProfiles(Decoder& decoder, std::string_view message, const Fingerprint& resource,
                         Reason reason, std::vector<std::string_view>& profile_messages) {
  RequestColumns& columns = decoder.columns;
  Envelope envelope;
  if (!OpenEnvelope(decoder, message, envelope, reason)) return false;
  IncomingScope scope{.schema_url = envelope.schema_url};
  Fingerprint print;
  if (!DecodeScope(decoder, envelope.origin, scope.scope, print, reason)) return false;
  decoder.plain &= reason == Reason::kNone;  // there may be no profile to refuse for it
  const Fingerprint url = decoder.fingerprinter.Bytes(scope.schema_url);
  const uint64_t words[] = {resource.low, resource.high, print.low, print.high, url.low, url.high};
  scope.fingerprint = decoder.fingerprinter.Words(words);
  scope.profiles = {.begin = static_cast<uint32_t>(columns.profiles.size()),
                    .count = static_cast<uint32_t>(envelope.children.size())};
  if (columns.profiles.size() + envelope.children.size() > decoder.limits.max_profiles) {
    return decoder.Fail(Reason::kTooManyElements, message.data());
  }
  columns.scopes.push_back(scope);
  for (const std::string_view profile : envelope.children) {
    profile_messages.push_back(profile);
    columns.profiles.push_back({.reason = reason});
  }
  return true;
}

}  // namespace

bool DecodeOrigins(Decoder& decoder, const std::vector<std::string_view>& resource_profiles,
                   std::vector<std::string_view>& profile_messages) {
  RequestColumns& columns = decoder.columns;
  for (const std::string_view message : resource_profiles) {
    Reason reason = Reason::kNone;
    Envelope envelope;
    if (!OpenEnvelope(decoder, message, envelope, reason)) return false;
    IncomingResource resource{.schema_url = envelope.schema_url};
    Fingerprint print;
    if (!DecodeResource(decoder, envelope.origin, resource.resource, print, reason)) return false;
    decoder.plain &= reason == Reason::kNone;  // there may be no profile to refuse for it
    const Fingerprint url = decoder.fingerprinter.Bytes(resource.schema_url);
    const uint64_t words[] = {print.low, print.high, url.low, url.high};
    resource.fingerprint = decoder.fingerprinter.Words(words);
    resource.scopes = {.begin = static_cast<uint32_t>(columns.scopes.size()),
                       .count = static_cast<uint32_t>(envelope.children.size())};
    columns.resources.push_back(resource);
    for (const std::string_view scope : envelope.children) {
      if (!DecodeScopeProfiles(decoder, scope, resource.fingerprint, reason, profile_messages))
        return false;
    }
  }
  return true;
}

}  // namespace flameway
