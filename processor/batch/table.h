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
  // Room for so many more rows: until they are there, no slot moves.
  void Reserve(size_t rows) {
    while (4 * (used_ + rows) > 3 * slots_.size()) Grow();
  }
  // Find for prints[i] of a request, or a reserved slot if it is not there: then Settle gives that
  // its number, by a mere store where a second probe would wait for the cache. Whoever else finds
  // the slot is told i. numbers[i], 0 so far, becomes the number or the slot, or stays 0 if another
  // row with the same print has the slot. One that an earlier request left unsettled goes to the
  // next that asks.
  void FindOrReserve(std::span<const Fingerprint> prints, uint32_t* numbers, size_t i) {
    const Fingerprint& print = prints[i];
    Slot& slot = Probe(print);
    const bool is_full = IsFull(slot);
    numbers[i] = slot.number;
    if (is_full && !IsReserved(slot.number)) return;
    numbers[i] = 0;
    const size_t other = slot.number & ~kReserved;
    if (is_full && other < prints.size() && IsReserved(numbers[other]) && prints[other] == print)
      return;
    used_ += is_full ? 0 : 1;
    slot = {print.low, Tag(print), kReserved | static_cast<uint32_t>(i)};
    numbers[i] = kReserved | static_cast<uint32_t>(&slot - slots_.data());
  }
  static constexpr uint32_t kReserved = 1u << 31;
  [[nodiscard]] static bool IsReserved(uint32_t number) { return number >= kReserved; }
  void Settle(uint32_t reserved, uint32_t number) { slots_[reserved & ~kReserved].number = number; }
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
