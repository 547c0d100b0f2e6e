// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/resource_attributes.h"

#include <algorithm>
#include <optional>

#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

using wire::Reader;
using wire::Writer;

// Where a field begins and ends in the message it stands in.
struct Extent {
  const char* begin;
  const char* end;
  [[nodiscard]] std::string_view bytes() const { return {begin, static_cast<size_t>(end - begin)}; }
};

std::string_view KeyOf(std::string_view pair) {
  Reader fields(pair);
  while (fields.Next()) {
    if (fields.field() == otlp::KeyValue::key) return fields.bytes();
  }
  return {};
}

std::optional<std::string> RewriteResource(std::string_view resource,
                                           const ResourceAttributes& attributes) {
  std::string out;
  const char* begin = resource.data();
  Reader fields(resource);
  while (fields.Next()) {
    const Extent extent{begin, fields.position()};
    begin = fields.position();
    if (fields.field() == otlp::Resource::attributes) {
      const std::string_view key = KeyOf(fields.bytes());
      const auto same = [key](const auto& attribute) { return attribute.first == key; };
      if (std::any_of(attributes.begin(), attributes.end(), same)) continue;
    }
    out += extent.bytes();
  }
  if (fields.error() != wire::ReadError::kNone) return std::nullopt;
  for (const auto& [key, value] : attributes) {
    const auto* text = std::get_if<std::string>(&value);
    const AttributeValue encoded = text != nullptr ? AttributeValue(std::string_view(*text))
                                                   : AttributeValue(std::get<int64_t>(value));
    Writer(&out).BytesField(otlp::Resource::attributes, EncodeKeyValue(key, encoded));
  }
  return out;
}

std::optional<std::string> RewriteGroup(std::string_view group,
                                        const ResourceAttributes& attributes) {
  std::string out;
  bool has_resource = false;
  const char* begin = group.data();
  Reader fields(group);
  while (fields.Next()) {
    const Extent extent{begin, fields.position()};
    begin = fields.position();
    if (fields.field() != otlp::ResourceProfiles::resource) {
      out += extent.bytes();
      continue;
    }
    has_resource = true;
    const std::optional<std::string> resource = RewriteResource(fields.bytes(), attributes);
    if (!resource.has_value()) return std::nullopt;
    Writer(&out).BytesField(otlp::ResourceProfiles::resource, *resource);
  }
  if (fields.error() != wire::ReadError::kNone) return std::nullopt;
  if (!has_resource) {
    Writer(&out).BytesField(otlp::ResourceProfiles::resource,
                            *RewriteResource(std::string_view(), attributes));
  }
  return out;
}

}  // namespace

std::string WithResourceAttributes(std::string_view request, const ResourceAttributes& attributes) {
  if (attributes.empty()) return std::string(request);
  std::string out;
  out.reserve(request.size() + request.size() / 8);
  const char* begin = request.data();
  Reader fields(request);
  while (fields.Next()) {
    const Extent extent{begin, fields.position()};
    begin = fields.position();
    if (fields.field() != otlp::ExportProfilesServiceRequest::resource_profiles) {
      out += extent.bytes();
      continue;
    }
    const std::optional<std::string> group = RewriteGroup(fields.bytes(), attributes);
    if (!group.has_value()) return std::string(request);
    Writer(&out).BytesField(otlp::ExportProfilesServiceRequest::resource_profiles, *group);
  }
  if (fields.error() != wire::ReadError::kNone) return std::string(request);
  return out;
}

}  // namespace flameway
