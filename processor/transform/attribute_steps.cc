// SPDX-License-Identifier: Apache-2.0
#include "processor/transform/attribute_steps.h"

#include "processor/transform/values.h"

namespace flameway {

TransformHooks AttributeActions::hooks() const {
  const ottl::ContextSet sees = selection_ == nullptr ? ottl::ContextSet() : selection_->contexts();
  return {.resources = owner_ == AttributeOwner::kResource,
          .scopes = owner_ == AttributeOwner::kScope,
          .profiles = owner_ == AttributeOwner::kProfile,
          .samples = owner_ == AttributeOwner::kSample,
          .samples_see_resource = sees.Has(ottl::Context::kResource),
          .samples_see_scope = sees.Has(ottl::Context::kScope),
          .mappings = owner_ == AttributeOwner::kMapping,
          .locations = owner_ == AttributeOwner::kLocation};
}

RowVerdict AttributeActions::Apply(AttributeList& attributes, const RowsAround& around) {
  std::vector<ottl::Entry> entries = ReadAttributes(attributes, arena_);
  RowVerdict verdict = RowVerdict::kKeep;
  bool selected = true;
  if (selection_ != nullptr) {
    std::vector<ottl::Entry> resource;
    if (around.resource != nullptr) resource = ReadAttributes(around.resource->attributes, arena_);
    selected = selection_->Selects(
        {.resource = resource,
         .scope_name = around.scope == nullptr ? std::string_view() : around.scope->name,
         .scope_version = around.scope == nullptr ? std::string_view() : around.scope->version,
         .attributes = entries},
        arena_);
  }
  if (selected) {
    actions_->Apply(entries, arena_);
    verdict = WriteAttributes(entries, attributes);
  }
  arena_.Clear();
  return verdict;
}

RowVerdict AttributeActions::OnResource(ResourceRow& row) {
  const ResourceRow self = row;  // what is selected by is the resource before it changes
  return Apply(row.attributes, {.resource = &self});
}

RowVerdict AttributeActions::OnScope(ScopeRow& row, const RowsAround& around) {
  const ScopeRow self = row;
  return Apply(row.attributes, {.resource = around.resource, .scope = &self});
}

RowVerdict AttributeActions::OnProfile(ProfileRow& row, const RowsAround& around) {
  return Apply(row.attributes, around);
}

RowVerdict AttributeActions::OnSample(SampleRow& row, const RowsAround& around) {
  return Apply(row.attributes, around);
}

RowVerdict AttributeActions::OnMapping(MappingRow& row) { return Apply(row.attributes, {}); }

RowVerdict AttributeActions::OnLocation(LocationRow& row) { return Apply(row.attributes, {}); }

TransformHooks RedactAttributes::hooks() const {
  return {.resources = true,
          .scopes = true,
          .profiles = true,
          .samples = true,
          .mappings = true,
          .locations = true};
}

// The original payload goes: it is what the profile was made from, in a form of its own, often
// compressed, so nobody can say that what is blocked is not in it.
RowVerdict RedactAttributes::OnProfile(ProfileRow& row, const RowsAround&) {
  const RowVerdict verdict = Apply(row.attributes);
  if (row.payload.empty() && row.payload_format.empty()) return verdict;
  row.payload.clear();
  row.payload_format.clear();
  return RowVerdict::kChanged;
}

RowVerdict RedactAttributes::Apply(AttributeList& attributes) {
  std::vector<ottl::Entry> entries = ReadAttributes(attributes, arena_);
  redaction_->Apply(entries, arena_);
  const RowVerdict verdict = WriteAttributes(entries, attributes);
  arena_.Clear();
  return verdict;
}

}  // namespace flameway
