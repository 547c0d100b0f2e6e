// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "processor/model/buffer.h"

namespace flameway {

// Lists that come in pieces or need rewriting, collected here and then copied to scratch. Kept from
// request to request.
struct CollectedLists {
  [[nodiscard]] size_t capacity_bytes() const {
    return timestamps.capacity() + values.capacity() + profile_attributes.capacity_bytes() +
           attribute_keys.capacity_bytes();
  }

  std::string timestamps;
  std::string values;
  Buffer<uint32_t> profile_attributes;
  Buffer<uint64_t> attribute_keys;  // of the request: half the fingerprint of each attribute's key
};

}  // namespace flameway
