// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace flameway {

// Pages of 2 MiB, for what is large and read all over: with those of 4 KiB, a probe of a large
// table misses the address cache each time (5 % off merging the fleet). Asked for, not needed:
// Linux gives them where transparent huge pages are not switched off.
inline constexpr size_t kHugePage = size_t{2} << 20;

// Asks for the huge pages that lie in a block.
inline void AdviseHugePages(void* block, size_t bytes) {
#ifdef __linux__
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(block) + kHugePage - 1) & ~(kHugePage - 1);
  const uintptr_t end = (reinterpret_cast<uintptr_t>(block) + bytes) & ~(kHugePage - 1);
  if (begin < end) (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#else
  (void)block;
  (void)bytes;
#endif
}

// Of a std::vector whose size is a power of two of bytes: begins on a huge page if it fills one.
template <typename T>
struct HugePageAllocator {
  using value_type = T;

  HugePageAllocator() = default;
  template <typename Other>
  explicit HugePageAllocator(const HugePageAllocator<Other>&) {}

  [[nodiscard]] T* allocate(size_t count) {
    const size_t bytes = count * sizeof(T);
    if (bytes < kHugePage) return static_cast<T*>(::operator new(bytes, kAlignment));
    void* const block = std::aligned_alloc(kHugePage, (bytes + kHugePage - 1) & ~(kHugePage - 1));
    if (block == nullptr) std::abort();  // as operator new without a handler
    AdviseHugePages(block, bytes);
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
