// SPDX-License-Identifier: Apache-2.0
#include "tests/processor/allocation_count.h"

#include <absl/debugging/symbolize.h>
#include <execinfo.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <map>
#include <string_view>

namespace flameway {
namespace {

constexpr int kFrames = 16;

struct Place {
  std::array<void*, kFrames> frames{};
  int depth = 0;
};

struct Counting {
  bool active = false;
  size_t count = 0;
  std::array<Place, 64> places{};
};
thread_local constinit Counting counting;

[[maybe_unused]] void Note() {
  if (!counting.active) return;
  counting.active = false;  // a backtrace may allocate
  if (counting.count < counting.places.size()) {
    Place& place = counting.places[counting.count];
    place.depth = backtrace(place.frames.data(), kFrames);
  }
  ++counting.count;
  counting.active = true;
}

}  // namespace

AllocationCount::AllocationCount() {
  Place first;
  (void)backtrace(first.frames.data(), kFrames);  // the first one loads a library
  counting.count = 0;
  counting.active = true;
}

AllocationCount::~AllocationCount() { counting.active = false; }

size_t AllocationCount::Stop() {
  counting.active = false;
  return counting.count;
}

namespace {

std::string Callers(const Place& place) {
  std::string text;
  for (int f = 2; f < place.depth; ++f) {  // without Note and the replaced function
    std::array<char, 512> name{};
    // A return address may be that of the next function.
    const void* const call = static_cast<char*>(place.frames[static_cast<size_t>(f)]) - 1;
    const bool known = absl::Symbolize(call, name.data(), static_cast<int>(name.size()));
    const std::string_view shown = known ? name.data() : "?";
    if (shown.find("testing::") != std::string_view::npos) break;
    text.append("  ").append(shown).append("\n");
  }
  return text;
}

}  // namespace

std::string AllocationCount::Places() const {
  static const bool ready = [] {
    absl::InitializeSymbolizer("");
    return true;
  }();
  std::map<std::string, int> times;
  for (size_t i = 0; ready && i < std::min(counting.count, counting.places.size()); ++i)
    ++times[Callers(counting.places[i])];
  std::string text;
  for (const auto& [callers, count] : times) text += std::to_string(count) + " by\n" + callers;
  return text;
}

}  // namespace flameway

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if !defined(__has_feature)
#define FLAMEWAY_REPLACE_MALLOC
#elif !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
#define FLAMEWAY_REPLACE_MALLOC
#endif
#endif

#ifdef FLAMEWAY_REPLACE_MALLOC
// glibc lets a program define these; its own stay reachable under other names, and its free takes
// what they return.
extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) {
  flameway::Note();
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  flameway::Note();
  return __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  flameway::Note();
  return __libc_realloc(old, size);
}
void* memalign(size_t alignment, size_t size) {
  flameway::Note();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  flameway::Note();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** result, size_t alignment, size_t size) {
  flameway::Note();
  *result = __libc_memalign(alignment, size);
  return *result != nullptr ? 0 : ENOMEM;
}
}
#undef FLAMEWAY_REPLACE_MALLOC
#endif
