// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "processor/ottl/path.h"
#include "processor/ottl/subject.h"
#include "processor/ottl/value.h"
#include "processor/transform/rows.h"

namespace flameway {

// The rows an OTTL condition or statement may see; those not in sight are null. Only the innermost
// is ever written: what lies around it belongs to other rows too.
struct RowsInSight {
  const ResourceRow* resource = nullptr;
  const ScopeRow* scope = nullptr;
  const ProfileRow* profile = nullptr;
  // One of these, the row that is looked at.
  ResourceRow* own_resource = nullptr;
  ScopeRow* own_scope = nullptr;
  ProfileRow* own_profile = nullptr;
  SampleRow* own_sample = nullptr;
  FunctionRow* own_function = nullptr;
  MappingRow* own_mapping = nullptr;
  std::string_view frame_type;
  int64_t line = 0;
};

// Rows by the paths of ottl/paths.def. Lives for one run of a step over one row; caches live as
// long.
class RowSubject final : public ottl::Subject {
 public:
  explicit RowSubject(const RowsInSight& rows) : rows_(rows) {}

  [[nodiscard]] ottl::Value Get(ottl::PathId path, ottl::Arena& arena) const override;
  absl::Status Set(ottl::PathId path, const ottl::Value& value) override;
  [[nodiscard]] std::optional<ottl::Value> GetKey(ottl::PathId path, std::string_view key,
                                                  ottl::Arena& arena) const override;
  absl::Status SetKey(ottl::PathId path, std::string_view key, const ottl::Value& value) override;

  [[nodiscard]] bool changed() const { return changed_; }

 private:
  [[nodiscard]] const AttributeList* MapOf(ottl::PathId path) const;
  [[nodiscard]] AttributeList* OwnMapOf(ottl::PathId path);
  [[nodiscard]] const std::string* TextOf(ottl::PathId path) const;
  [[nodiscard]] std::string* OwnTextOf(ottl::PathId path);
  [[nodiscard]] bool IsCache(const AttributeList& map) const {
    return &map >= std::begin(caches_) && &map < std::end(caches_);
  }
  absl::Status SetNumber(ottl::PathId path, int64_t value);
  absl::Status SetProfileId(std::string_view hex);

  RowsInSight rows_;
  AttributeList caches_[4];  // of resource, scope, profile, sample
  bool changed_ = false;
};

}  // namespace flameway
