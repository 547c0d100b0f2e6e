// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// otlp::Sample::stack_index and so on: the schema's own names, from fields.def.
namespace flameway::otlp {

#define FLAMEWAY_FIELD(message, field, number) \
  namespace message {                          \
  inline constexpr uint32_t field = number;    \
  }
#include "proto/otlp/fields.def"
#undef FLAMEWAY_FIELD

}  // namespace flameway::otlp
