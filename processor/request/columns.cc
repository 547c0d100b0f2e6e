// SPDX-License-Identifier: Apache-2.0
#include "processor/request/columns.h"

namespace flameway {
namespace {

template <typename Row>
size_t CapacityBytes(const std::vector<Row>& rows) {
  return rows.capacity() * sizeof(Row);
}

template <typename Row>
size_t CapacityBytes(const Column<Row>& column) {
  return column.rows.capacity_bytes() + column.fingerprints.capacity_bytes() +
         column.reasons.capacity_bytes();
}

}  // namespace

void RequestColumns::Clear() {
  strings.Clear();
  attributes.Clear();
  functions.Clear();
  mappings.Clear();
  locations.Clear();
  stacks.Clear();
  links.Clear();
  lines.Clear();
  stack_locations.Clear();
  attribute_indices.Clear();
  resources.clear();
  scopes.clear();
  profiles.clear();
  samples.Clear();
}

size_t RequestColumns::capacity_bytes() const {
  return CapacityBytes(strings) + CapacityBytes(attributes) + CapacityBytes(functions) +
         CapacityBytes(mappings) + CapacityBytes(locations) + CapacityBytes(stacks) +
         CapacityBytes(links) + lines.capacity_bytes() + stack_locations.capacity_bytes() +
         attribute_indices.capacity_bytes() + CapacityBytes(resources) + CapacityBytes(scopes) +
         CapacityBytes(profiles) + samples.capacity_bytes();
}

bool RequestColumns::all_good() const {
  return strings.all_good() && attributes.all_good() && functions.all_good() &&
         mappings.all_good() && locations.all_good() && stacks.all_good() && links.all_good();
}

}  // namespace flameway
