// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace flameway::wire {

// What a machine has beyond the instructions of every x86-64. Fast ways ask for it by these words,
// and each has a twin that does the same without.
struct Instructions {
  // PEXT, and not the one of AMD's first two Zens, which takes as long as hundreds of other
  // instructions (https://uops.info, PEXT, Zen+ and Zen2).
  bool fast_pext = false;
  // AVX-512 with VBMI2 and VAES (Ice Lake, Zen 4, and later): 64 bytes at a time are compressed by
  // a mask, or put through a round of AES.
  bool wide_bytes = false;

  [[nodiscard]] static Instructions OfThisMachine() {
    Instructions all;
#if defined(__x86_64__)
    const bool has_bmi2 = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
    all.fast_pext = has_bmi2 && !__builtin_cpu_is("amdfam17h");
    all.wide_bytes = has_bmi2 && HasVaes() && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2");
#endif
    return all;
  }

 private:
#if defined(__x86_64__)
  // The compilers have no word for it yet (clang 14).
  static bool HasVaes() {
    constexpr unsigned kExtendedFeatures = 7;
    constexpr unsigned kVaes = 1u << 9;
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    return __get_cpuid_count(kExtendedFeatures, 0, &eax, &ebx, &ecx, &edx) != 0 &&
           (ecx & kVaes) != 0;
  }
#endif
};

}  // namespace flameway::wire
