// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "processor/model/buffer.h"
#include "processor/request/decoder.h"

namespace flameway {

// The keys of one resource or scope, to find those that come twice. Keeps its memory.
class KeySet {
 public:
  void Clear();
  // Whether the key is new.
  bool Add(const Fingerprinter& fingerprinter, std::string_view key);
  [[nodiscard]] size_t capacity_bytes() const {
    return keys_.capacity_bytes() + slots_.capacity_bytes();
  }

 private:
  void Rehash(const Fingerprinter& fingerprinter, size_t slots);
  // The slot of the key, or where it belongs.
  uint32_t& SlotOf(const Fingerprinter& fingerprinter, std::string_view key);

  Buffer<std::string_view> keys_;
  // Positions in keys_, and 1; 0 is free. Placed by keyed fingerprints, so that no sender can make
  // it degenerate. Empty as long as there are few keys, which are compared one by one.
  Buffer<uint32_t> slots_;
};

// What DecodeOrigins works in, kept from request to request. Bounded as what it collects is: by the
// elements of a request and by what it may expand to.
struct OriginsScratch {
  // Of the resource or scope at hand: its canonical message, in pieces, where that is not what
  // came, and an entity in pieces.
  std::string copy, attributes, entities, head;
  std::string entity, id_keys, description_keys;
  KeySet keys;
  // Of the one ResourceProfiles and the one ScopeProfiles that are open.
  std::vector<std::string_view> scope_messages, profile_messages;

  [[nodiscard]] size_t capacity_bytes() const;
};

// Decodes who produced the profiles: resources and scopes, with their attributes resolved to inline
// form. Adds one entry to columns.profiles and one message to `profile_messages` for each profile,
// carrying the reason if its resource or scope cannot be used. The profiles themselves are not
// looked at.
bool DecodeOrigins(Decoder& decoder, const std::vector<std::string_view>& resource_profiles,
                   OriginsScratch& scratch, std::vector<std::string_view>& profile_messages);

}  // namespace flameway
