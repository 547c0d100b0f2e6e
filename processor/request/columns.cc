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
  return CapacityBytes(column.rows) + CapacityBytes(column.fingerprints) +
         CapacityBytes(column.reasons);
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
  lines.clear();
  stack_locations.clear();
  attribute_indices.clear();
  resources.clear();
  scopes.clear();
  profiles.clear();
  samples.clear();
}

size_t RequestColumns::capacity_bytes() const {
  return CapacityBytes(strings) + CapacityBytes(attributes) + CapacityBytes(functions) +
         CapacityBytes(mappings) + CapacityBytes(locations) + CapacityBytes(stacks) +
         CapacityBytes(links) + CapacityBytes(lines) + CapacityBytes(stack_locations) +
         CapacityBytes(attribute_indices) + CapacityBytes(resources) + CapacityBytes(scopes) +
         CapacityBytes(profiles) + CapacityBytes(samples);
}

}  // namespace flameway
