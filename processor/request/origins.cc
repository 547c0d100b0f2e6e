// SPDX-License-Identifier: Apache-2.0
#include "processor/request/origins.h"

#include <algorithm>

#include "processor/request/any_value.h"
#include "proto/otlp/fields.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

constexpr size_t kFewKeys = 32;  // comparing each beats hashing up to about here

// The attributes of one resource or scope, collected: first of each key kept, empty keys left out.
class AttributeCollector {
 public:
  explicit AttributeCollector(KeySet& keys) : keys_(keys) { keys_.Clear(); }

  // Yields the canonical KeyValue, valid until the next one, or nothing if it is to be left out.
  bool Add(Decoder& decoder, std::string_view key_value, std::string_view& canonical,
           Reason& reason) {
    canonical = {};
    std::string_view key;
    std::string_view value;
    if (!decoder.CountElements(1, key_value.data()) ||
        !DecodeKeyValue(decoder, key_value, key, value, reason)) {
      return false;
    }
    if (key.empty()) {
      decoder.Repair(Reason::kEmptyKey);
      return true;
    }
    if (!keys_.Add(decoder.fingerprinter, key)) {
      decoder.Repair(Reason::kDuplicateResourceKey);
      return true;
    }
    set_ += decoder.fingerprinter.Bytes(value);
    ++count_;
    canonical = value;
    return true;
  }

  [[nodiscard]] const Fingerprint& set() const { return set_; }
  [[nodiscard]] uint64_t count() const { return count_; }

 private:
  KeySet& keys_;
  Fingerprint set_;
  uint64_t count_ = 0;
};

// A message in its canonical form, written field by field: what came as long as that is the same, a
// copy from the first field on that differs.
class CanonicalMessage {
 public:
  // `memory` is for the copy.
  CanonicalMessage(std::string_view came, std::string& memory)
      : came_(came), rest_(came), copy_(memory) {}

  void Append(std::string_view bytes) {
    if (!differs_) {
      if (bytes.data() == rest_.data() || rest_.starts_with(bytes)) {
        rest_.remove_prefix(bytes.size());
        return;
      }
      StartCopy();
    }
    copy_.append(bytes);
  }
  void AppendField(uint32_t field, std::string_view content) {
    char head[2 * wire::kMaxVarintBytes];
    char* p = wire::WriteVarint(head, wire::Tag(field, wire::WireType::kBytes));
    p = wire::WriteVarint(p, content.size());
    Append({head, static_cast<size_t>(p - head)});
    Append(content);
  }

  // Of the copy, which may be larger than what came.
  [[nodiscard]] size_t copied_bytes() const { return differs_ ? copy_.size() : 0; }
  // Yields what came, or the copy in scratch. Nothing is appended after that.
  bool Finish(Decoder& decoder, std::string_view& kept) {
    kept = came_;
    if (!differs_ && rest_.empty()) return true;
    if (!differs_) StartCopy();
    return decoder.CopyToScratch(copy_, kept);
  }

 private:
  void StartCopy() {
    copy_.assign(came_, 0, came_.size() - rest_.size());
    differs_ = true;
  }

  std::string_view came_;
  std::string_view rest_;
  std::string& copy_;
  bool differs_ = false;
};

// Appends the EntityRef to scratch.entities, its fields in ascending order, whatever order they
// came in.
bool AppendEntityRef(Decoder& decoder, std::string_view entity, OriginsScratch& scratch,
                     Reason& reason) {
  std::string_view schema_url;
  std::string_view type;
  scratch.id_keys.clear();
  scratch.description_keys.clear();
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
        wire::Writer(&scratch.id_keys).BytesField(otlp::EntityRef::id_keys, text);
        break;
      default:
        wire::Writer(&scratch.description_keys).BytesField(otlp::EntityRef::description_keys, text);
    }
  }
  if (!decoder.Finish(fields)) return false;
  std::string& canonical = scratch.entity;
  canonical.clear();
  wire::Writer writer(&canonical);
  if (!schema_url.empty()) writer.BytesField(otlp::EntityRef::schema_url, schema_url);
  if (!type.empty()) writer.BytesField(otlp::EntityRef::type, type);
  canonical.append(scratch.id_keys).append(scratch.description_keys);
  wire::Writer(&scratch.entities).BytesField(otlp::Resource::entity_refs, canonical);
  return decoder.ExpansionFits(scratch.entities.size(), entity.data());
}

// Yields the canonical message and the fingerprint of its value, order of attributes aside.
bool DecodeResource(Decoder& decoder, OriginsScratch& scratch, std::string_view message,
                    std::string_view& canonical, Fingerprint& print, Reason& reason) {
  CanonicalMessage out(message, scratch.copy);
  scratch.entities.clear();
  AttributeCollector attributes(scratch.keys);
  uint32_t dropped = 0;
  wire::Reader fields(message);
  while (fields.Next()) {
    std::string_view part;
    std::string_view attribute;
    bool ok = true;
    switch (fields.field()) {
      case otlp::Resource::attributes:
        if (!decoder.TakeBytes(fields, part) || !attributes.Add(decoder, part, attribute, reason))
          return false;
        if (!attribute.empty()) out.AppendField(otlp::Resource::attributes, attribute);
        ok = decoder.ExpansionFits(out.copied_bytes(), message.data());
        break;
      case otlp::Resource::dropped_attributes_count:
        ok = decoder.TakeUint32(fields, dropped);
        break;
      case otlp::Resource::entity_refs:
        ok = decoder.TakeBytes(fields, part) && AppendEntityRef(decoder, part, scratch, reason);
        break;
      default:
        decoder.CountUnknownField();
    }
    if (!ok) return false;
  }
  if (!decoder.Finish(fields)) return false;
  std::string& head = scratch.head;
  head.clear();
  wire::Writer(&head).VarintFieldUnlessZero(otlp::Resource::dropped_attributes_count, dropped);
  out.Append(head);
  out.Append(scratch.entities);
  const Fingerprint e = decoder.fingerprinter.Bytes(scratch.entities);
  const uint64_t words[] = {
      attributes.set().low, attributes.set().high, attributes.count(), dropped, e.low, e.high};
  print = decoder.fingerprinter.Words(words);
  return out.Finish(decoder, canonical);
}

bool DecodeScope(Decoder& decoder, OriginsScratch& scratch, std::string_view message,
                 std::string_view& canonical, Fingerprint& print, Reason& reason) {
  std::string& out = scratch.attributes;
  out.clear();
  AttributeCollector attributes(scratch.keys);
  std::string_view name;
  std::string_view version;
  uint32_t dropped = 0;
  wire::Reader fields(message);
  while (fields.Next()) {
    std::string_view part;
    std::string_view attribute;
    bool ok = true;
    switch (fields.field()) {
      case otlp::InstrumentationScope::name:
        ok = decoder.TakeString(fields, name, reason);
        break;
      case otlp::InstrumentationScope::version:
        ok = decoder.TakeString(fields, version, reason);
        break;
      case otlp::InstrumentationScope::attributes:
        if (!decoder.TakeBytes(fields, part) || !attributes.Add(decoder, part, attribute, reason))
          return false;
        if (!attribute.empty())
          wire::Writer(&out).BytesField(otlp::InstrumentationScope::attributes, attribute);
        ok = decoder.ExpansionFits(out.size(), message.data());
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
  std::string& head = scratch.head;
  head.clear();
  wire::Writer writer(&head);
  if (!name.empty()) writer.BytesField(otlp::InstrumentationScope::name, name);
  if (!version.empty()) writer.BytesField(otlp::InstrumentationScope::version, version);
  wire::Writer(&out).VarintFieldUnlessZero(otlp::InstrumentationScope::dropped_attributes_count,
                                           dropped);
  const Fingerprint h = decoder.fingerprinter.Bytes(head);
  const uint64_t words[] = {
      attributes.set().low, attributes.set().high, attributes.count(), dropped, h.low, h.high};
  print = decoder.fingerprinter.Words(words);
  CanonicalMessage whole(message, scratch.copy);
  whole.Append(head);
  whole.Append(out);
  return whole.Finish(decoder, canonical);
}

// The three fields that ResourceProfiles and ScopeProfiles share in shape: who, what is below,
// schema URL.
struct Envelope {
  explicit Envelope(std::vector<std::string_view>& memory) : children(memory) { children.clear(); }

  std::string_view origin;
  std::string_view schema_url;
  std::vector<std::string_view>& children;
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

bool DecodeScopeProfiles(Decoder& decoder, OriginsScratch& scratch, std::string_view message,
                         const Fingerprint& resource, Reason reason,
                         std::vector<std::string_view>& profile_messages) {
  RequestColumns& columns = decoder.columns;
  Envelope envelope(scratch.profile_messages);
  if (!OpenEnvelope(decoder, message, envelope, reason)) return false;
  IncomingScope scope{.schema_url = envelope.schema_url};
  Fingerprint print;
  if (!DecodeScope(decoder, scratch, envelope.origin, scope.scope, print, reason)) return false;
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

void KeySet::Clear() {
  keys_.Clear();
  slots_.Clear();
}

bool KeySet::Add(const Fingerprinter& fingerprinter, std::string_view key) {
  if (slots_.empty()) {
    if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) return false;
    keys_.Append(key);
    if (keys_.size() > kFewKeys) Rehash(fingerprinter, 4 * kFewKeys);
    return true;
  }
  uint32_t& slot = SlotOf(fingerprinter, key);
  if (slot != 0) return false;
  keys_.Append(key);
  slot = static_cast<uint32_t>(keys_.size());
  if (2 * keys_.size() > slots_.size()) Rehash(fingerprinter, 2 * slots_.size());
  return true;
}

void KeySet::Rehash(const Fingerprinter& fingerprinter, size_t slots) {
  slots_.Clear();
  slots_.Resize(slots, 0);
  for (uint32_t i = 0; i < keys_.size(); ++i) SlotOf(fingerprinter, keys_[i]) = i + 1;
}

uint32_t& KeySet::SlotOf(const Fingerprinter& fingerprinter, std::string_view key) {
  const size_t mask = slots_.size() - 1;  // a power of two
  size_t at = fingerprinter.Bytes(key).low & mask;
  while (slots_[at] != 0 && keys_[slots_[at] - 1] != key) at = (at + 1) & mask;
  return slots_[at];
}

size_t OriginsScratch::capacity_bytes() const {
  size_t bytes = keys.capacity_bytes();
  for (const std::string* text :
       {&copy, &attributes, &entities, &head, &entity, &id_keys, &description_keys})
    bytes += text->capacity();
  return bytes +
         (scope_messages.capacity() + profile_messages.capacity()) * sizeof(std::string_view);
}

bool DecodeOrigins(Decoder& decoder, const std::vector<std::string_view>& resource_profiles,
                   OriginsScratch& scratch, std::vector<std::string_view>& profile_messages) {
  RequestColumns& columns = decoder.columns;
  for (const std::string_view message : resource_profiles) {
    Reason reason = Reason::kNone;
    Envelope envelope(scratch.scope_messages);
    if (!OpenEnvelope(decoder, message, envelope, reason)) return false;
    IncomingResource resource{.schema_url = envelope.schema_url};
    Fingerprint print;
    if (!DecodeResource(decoder, scratch, envelope.origin, resource.resource, print, reason))
      return false;
    decoder.plain &= reason == Reason::kNone;  // there may be no profile to refuse for it
    const Fingerprint url = decoder.fingerprinter.Bytes(resource.schema_url);
    const uint64_t words[] = {print.low, print.high, url.low, url.high};
    resource.fingerprint = decoder.fingerprinter.Words(words);
    resource.scopes = {.begin = static_cast<uint32_t>(columns.scopes.size()),
                       .count = static_cast<uint32_t>(envelope.children.size())};
    columns.resources.push_back(resource);
    for (const std::string_view scope : envelope.children) {
      if (!DecodeScopeProfiles(decoder, scratch, scope, resource.fingerprint, reason,
                               profile_messages)) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace flameway
