// SPDX-License-Identifier: Apache-2.0
// Between attributes as rows hold them (canonical AnyValues) and as OTTL and attribute actions see
// them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "processor/ottl/value.h"
#include "processor/transform/rows.h"
#include "processor/transform/transform.h"

namespace flameway {

// The value of a canonical AnyValue. Texts view `canonical`, lists and maps stand in `arena`.
[[nodiscard]] ottl::Value ReadValue(std::string_view canonical, ottl::Arena& arena);
// The canonical AnyValue of a value; nil is the empty one.
[[nodiscard]] std::string WriteValue(const ottl::Value& value);

// Views of `attributes`.
[[nodiscard]] std::vector<ottl::Entry> ReadAttributes(const AttributeList& attributes,
                                                      ottl::Arena& arena);
// Makes `attributes` say what `entries` say, which may view them. A key that was there keeps its
// unit. An entry without a key is left out, of repeated keys the first stays.
[[nodiscard]] RowVerdict WriteAttributes(const std::vector<ottl::Entry>& entries,
                                         AttributeList& attributes);

}  // namespace flameway
