// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace flameway {

// Pages of 2 MiB, for what is large and read all over: with those of 4 KiB, a probe of a large
// table misses the address cache each time (2 % off merging the fleet). Asked for, not needed:
// Linux gives them where transparent huge pages are not switched off.
inline constexpr size_t kHugePage = size_t{2} << 20;

// Of a std::vector whose size is a power of two of bytes: begins on a huge page if it fills one.
template <typename T>
struct HugePageAllocator {
  using value_type = T;

  HugePageAllocator() = default;
  template <typename Other>
  explicit HugePageAllocator(const HugePageAllocator<Other>&) {}

  [[nodiscard]] T* allocate(size_t count) {
    size_t bytes = count * sizeof(T);
    if (bytes < kHugePage) return static_cast<T*>(::operator new(bytes, kAlignment));
    bytes = (bytes + kHugePage - 1) & ~(kHugePage - 1);
    void* const block = std::aligned_alloc(kHugePage, bytes);
    if (block == nullptr) std::abort();  // as operator new without a handler
#ifdef __linux__
    (void)madvise(block, bytes, MADV_HUGEPAGE);
#endif
    return static_cast<T*>(block);
  }
  void deallocate(T* block, size_t count) {
    if (count * sizeof(T) < kHugePage) return ::operator delete(block, kAlignment);
    std::free(block);
  }
  friend bool operator==(HugePageAllocator, HugePageAllocator) { return true; }

 private:
  static constexpr std::align_val_t kAlignment{alignof(T)};
};

}  // namespace flameway
