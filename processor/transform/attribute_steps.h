// SPDX-License-Identifier: Apache-2.0
// The processors `attributes`, `resource` and `redaction`.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "processor/attributes/actions.h"
#include "processor/attributes/redaction.h"
#include "processor/attributes/selection.h"
#include "processor/ottl/value.h"
#include "processor/transform/transform.h"

namespace flameway {

// Whose attributes are changed.
enum class AttributeOwner : uint8_t { kResource, kScope, kProfile, kSample, kMapping, kLocation };

// Actions on the attributes of one kind of row. A mapping or location is one for all resources and
// scopes, so a selection for them may only look at their own attributes.
class AttributeActions final : public Transform {
 public:
  // Compiled once, shared by the chains of all threads. `selection` null: all rows.
  AttributeActions(AttributeOwner owner, std::shared_ptr<const attributes::Actions> actions,
                   std::shared_ptr<const attributes::Selection> selection)
      : owner_(owner), actions_(std::move(actions)), selection_(std::move(selection)) {}

  [[nodiscard]] TransformHooks hooks() const override;
  RowVerdict OnResource(ResourceRow& row) override;
  RowVerdict OnScope(ScopeRow& row, const RowsAround& around) override;
  RowVerdict OnProfile(ProfileRow& row, const RowsAround& around) override;
  RowVerdict OnSample(SampleRow& row, const RowsAround& around) override;
  RowVerdict OnMapping(MappingRow& row) override;
  RowVerdict OnLocation(LocationRow& row) override;

 private:
  RowVerdict Apply(AttributeList& attributes, const RowsAround& around);

  AttributeOwner owner_;
  std::shared_ptr<const attributes::Actions> actions_;
  std::shared_ptr<const attributes::Selection> selection_;
  ottl::Arena arena_;
};

// Masks and removes attributes wherever they stand.
class RedactAttributes final : public Transform {
 public:
  explicit RedactAttributes(std::shared_ptr<const attributes::Redaction> redaction)
      : redaction_(std::move(redaction)) {}

  [[nodiscard]] TransformHooks hooks() const override;
  RowVerdict OnResource(ResourceRow& row) override { return Apply(row.attributes); }
  RowVerdict OnScope(ScopeRow& row, const RowsAround&) override { return Apply(row.attributes); }
  RowVerdict OnProfile(ProfileRow& row, const RowsAround& around) override;
  RowVerdict OnSample(SampleRow& row, const RowsAround&) override { return Apply(row.attributes); }
  RowVerdict OnMapping(MappingRow& row) override { return Apply(row.attributes); }
  RowVerdict OnLocation(LocationRow& row) override { return Apply(row.attributes); }

 private:
  RowVerdict Apply(AttributeList& attributes);

  std::shared_ptr<const attributes::Redaction> redaction_;
  ottl::Arena arena_;
};

}  // namespace flameway
