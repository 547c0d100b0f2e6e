// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace flameway {

// Counts what the calling thread asks of malloc and its kin, operator new included, while it is
// alive; one at a time. Works by replacing malloc in the program it is linked into, which
// sanitizers do themselves: under them nothing is counted.
class AllocationCount {
 public:
  static constexpr bool kWorks =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
      false;
#elif defined(__has_feature)
      !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
      true;
#endif

  AllocationCount();
  ~AllocationCount();
  AllocationCount(const AllocationCount&) = delete;
  AllocationCount& operator=(const AllocationCount&) = delete;

  // Ends the count and yields it.
  size_t Stop();
  // Who asked, of the first few dozen: how often, and the callers, innermost first, one to a line.
  [[nodiscard]] std::string Places() const;
};

}  // namespace flameway
