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

// Fingerprint of a row -> its number in the batch. Open addressing with linear probes at half load,
// 16 bytes a slot. Fingerprints are keyed by a secret, so nobody can choose where they fall. Of
// their 128 bits 88 are kept, which halves what a probe must bring into the cache: that two of a
// million different rows share them has odds of 2^-49. Clear costs nothing: slots carry the epoch
// they were written in.
class Table {
 public:
  Table() : slots_(kInitialSlots) {}

  struct Found {
    uint32_t number;  // of the row; the proposed one if it was added
    bool added;
  };
  // One cache miss when the table is large; Prefetch ahead hides it.
  Found FindOrAdd(const Fingerprint& fingerprint, uint32_t number) {
    if (4 * (used_ + 1) > 3 * slots_.size()) Grow();
    Slot& slot = Probe(fingerprint);
    if (IsFull(slot)) return {slot.number, false};
    slot = {fingerprint.low, Tag(fingerprint), number};
    ++used_;
    return {number, true};
  }
  // The row's number, or 0 if it is not there; for tables whose row 0 is never looked up.
  [[nodiscard]] uint32_t Find(const Fingerprint& fingerprint) const {
    const Slot& slot = const_cast<Table*>(this)->Probe(fingerprint);
    return IsFull(slot) ? slot.number : 0;
  }
  // Find for many, into numbers[i]: with the next probes under way they cost a fraction of what
  // they cost one by one (a sixth off merging the fleet).
  void FindAll(std::span<const Fingerprint> prints, Buffer<uint32_t>& numbers) const {
    constexpr size_t kAhead = 20;
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
    __builtin_prefetch(&slots_[Home(fingerprint.low)]);
  }

  void Clear() {
    used_ = 0;
    if (++epoch_ > kEpochs) {
      std::fill(slots_.begin(), slots_.end(), Slot{});
      epoch_ = 1;
    }
  }
  [[nodiscard]] size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  static constexpr size_t kInitialSlots = 64;
  static constexpr int kEpochBits = 8;
  static constexpr uint32_t kEpochs = (1u << kEpochBits) - 1;  // and 0, of fresh slots
  // Aligned, so that a probe and its prefetch touch one cache line.
  struct alignas(16) Slot {
    uint64_t low = 0;
    uint32_t tag = 0;
    uint32_t number = 0;
  };
  using Slots = std::vector<Slot, HugePageAllocator<Slot>>;

  // What of the fingerprint's other half a slot keeps, and its epoch.
  [[nodiscard]] uint32_t Tag(const Fingerprint& fingerprint) const {
    return static_cast<uint32_t>(fingerprint.high) << kEpochBits | epoch_;
  }
  [[nodiscard]] bool IsFull(const Slot& slot) const { return (slot.tag & kEpochs) == epoch_; }
  [[nodiscard]] size_t Home(uint64_t low) const {
    return static_cast<size_t>(low) & (slots_.size() - 1);
  }
  Slot& Probe(const Fingerprint& fingerprint) { return Probe(fingerprint.low, Tag(fingerprint)); }
  // Where the row stands, or the empty slot it may go to.
  Slot& Probe(uint64_t low, uint32_t tag) {
    size_t i = Home(low);
    while (IsFull(slots_[i]) && (slots_[i].low != low || slots_[i].tag != tag))
      i = (i + 1) & (slots_.size() - 1);
    return slots_[i];
  }
  void Grow() {
    Slots old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (IsFull(slot)) Probe(slot.low, slot.tag) = slot;
    }
  }

  Slots slots_;  // a power of two
  size_t used_ = 0;
  uint32_t epoch_ = 1;
};

}  // namespace flameway
