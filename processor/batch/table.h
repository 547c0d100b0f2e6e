// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "processor/model/buffer.h"
#include "processor/model/fingerprint.h"
#include "processor/model/huge_pages.h"

namespace flameway {

// Fingerprint of a row -> its number in the batch. Open addressing with linear probes at half load:
// 32 bytes a row at worst. Fingerprints are keyed by a secret, so nobody can choose where they
// fall. Clear costs nothing: slots carry the epoch they were written in.
class Table {
 public:
  Table() : slots_(kInitialSlots) {}

  struct Found {
    uint32_t number;  // of the row; the proposed one if it was added
    bool added;
  };
  // One cache miss when the table is large; Prefetch ahead hides it.
  Found FindOrAdd(const Fingerprint& fingerprint, uint32_t number) {
    if (2 * (used_ + 1) > slots_.size()) Grow();
    Slot& slot = Probe(fingerprint);
    if (slot.epoch == epoch_) return {slot.number, false};
    slot = {fingerprint, number, epoch_};
    ++used_;
    return {number, true};
  }
  // The row's number, or 0 if it is not there; for tables whose row 0 is never looked up.
  [[nodiscard]] uint32_t Find(const Fingerprint& fingerprint) const {
    const Slot& slot = const_cast<Table*>(this)->Probe(fingerprint);
    return slot.epoch == epoch_ ? slot.number : 0;
  }
  // Find for many, into numbers[i]: with the next probes under way they cost a fraction of what
  // they cost one by one (a sixth off merging the fleet).
  void FindAll(std::span<const Fingerprint> prints, Buffer<uint32_t>& numbers) const {
    constexpr size_t kAhead = 12;
    numbers.Clear();
    uint32_t* const found = numbers.Reserve(prints.size());
    numbers.Extend(prints.size());
    for (size_t i = 0; i < std::min(kAhead, prints.size()); ++i) Prefetch(prints[i]);
    for (size_t i = 0; i < prints.size(); ++i) {
      if (i + kAhead < prints.size()) Prefetch(prints[i + kAhead]);
      found[i] = Find(prints[i]);
    }
  }
  // Makes the fingerprint of a known row mean another row from now on.
  void Replace(const Fingerprint& fingerprint, uint32_t number) {
    Probe(fingerprint).number = number;
  }

  // Inlined by force: GCC takes a function that only prefetches for one without effect and drops
  // the call.
  [[gnu::always_inline]] void Prefetch(const Fingerprint& fingerprint) const {
    __builtin_prefetch(&slots_[Home(fingerprint)]);
  }

  void Clear() {
    used_ = 0;
    if (++epoch_ == 0) {
      std::fill(slots_.begin(), slots_.end(), Slot{});
      epoch_ = 1;
    }
  }
  [[nodiscard]] size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  static constexpr size_t kInitialSlots = 64;
  // Aligned, so that a probe and its prefetch touch one cache line.
  struct alignas(32) Slot {
    Fingerprint fingerprint;
    uint32_t number = 0;
    uint32_t epoch = 0;  // slots of older epochs are empty
  };
  using Slots = std::vector<Slot, HugePageAllocator<Slot>>;

  [[nodiscard]] size_t Home(const Fingerprint& fingerprint) const {
    return static_cast<size_t>(fingerprint.low) & (slots_.size() - 1);
  }
  Slot& Probe(const Fingerprint& fingerprint) {
    size_t i = Home(fingerprint);
    while (slots_[i].epoch == epoch_ && slots_[i].fingerprint != fingerprint)
      i = (i + 1) & (slots_.size() - 1);
    return slots_[i];
  }
  void Grow() {
    Slots old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.epoch == epoch_) Probe(slot.fingerprint) = slot;
    }
  }

  Slots slots_;  // a power of two
  size_t used_ = 0;
  uint32_t epoch_ = 1;
};

}  // namespace flameway
