// SPDX-License-Identifier: Apache-2.0
#include "bridge/observe/process_readings.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

namespace flameway {
namespace {

double CpuSeconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double ResidentBytes() {
  // The second number of statm is resident pages.
  std::ifstream statm("/proc/self/statm");
  double total_pages = 0;
  double resident_pages = 0;
  if (!(statm >> total_pages >> resident_pages)) return 0;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace

void RegisterProcessReadings(Registry& registry) {
  using Clock = std::chrono::steady_clock;
  registry.Add(Metric::kUptime, {}, [start = Clock::now()] {
    return std::chrono::duration<double>(Clock::now() - start).count();
  });
  registry.Add(Metric::kCpuSeconds, {}, CpuSeconds);
  registry.Add(Metric::kMemoryRss, {}, ResidentBytes);
}

}  // namespace flameway
