// SPDX-License-Identifier: Apache-2.0
// Rows of a request as transforms see them: copies, with all they refer to.
#pragma once

#include "processor/model/fingerprint.h"
#include "processor/request/columns.h"
#include "processor/transform/rows.h"

namespace flameway {

[[nodiscard]] AttributeList AttributesOf(const RequestColumns& columns, ListSpan list);
[[nodiscard]] FunctionRow RowOf(const RequestColumns& columns, const IncomingFunction& function);
[[nodiscard]] MappingRow RowOf(const RequestColumns& columns, const IncomingMapping& mapping);
[[nodiscard]] LocationRow RowOf(const RequestColumns& columns, const IncomingLocation& location);

[[nodiscard]] bool IsNull(const Attribute& attribute);

// The fingerprints that rows of these values have in a request; of a list, that of the set, without
// null attributes.
[[nodiscard]] Fingerprint PrintOf(const Attribute& attribute, const Fingerprinter& of);
[[nodiscard]] Fingerprint PrintOf(const AttributeList& attributes, const Fingerprinter& of);
[[nodiscard]] Fingerprint PrintOf(const FunctionRow& row, const Fingerprinter& of);
[[nodiscard]] Fingerprint PrintOf(const MappingRow& row, const Fingerprinter& of);
[[nodiscard]] Fingerprint PrintOf(const LocationRow& row, const Fingerprinter& of);

}  // namespace flameway
