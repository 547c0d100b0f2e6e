// SPDX-License-Identifier: Apache-2.0
// What the 1st to the 10,000th request into one open batch cost, one by one: decode and merge, on
// one thread, without sealing. A made-up fleet of small hosts sends them, 128 in each reporting
// interval. The first ones are dearer because all they bring is new; after that the cost must not
// depend on what was merged before.
//
// Verified: the first 256 requests by the expand oracle, all by the number and the sum of the
// times of their samples. Prints CPU; ignores its arguments, which are those of the other benches.
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/traffic/fleet_requests.h"
#include "processor/processor.h"
#include "tests/support/corpus.h"
#include "tests/support/expanded_profiles.h"

namespace flameway {
namespace {

constexpr uint32_t kRequests = 10'000;
constexpr uint32_t kExpanded = 256;  // the oracle takes 0.2 s of CPU for each megabyte
constexpr FleetOptions kFleet = {.hosts = 128, .windows = 79, .cores = 2, .load = 0.3};

ProcessorOptions RoomyOptions() {
  return {
      .batch = {.limits = {.max_encoded_bytes = size_t{2} << 30, .max_rows_per_table = 1u << 28}}};
}

double ThreadSeconds() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

[[noreturn]] void Fail(const char* what) {
  std::fprintf(stderr, "flatness: %s\n", what);
  std::exit(1);
}

auto Parsed(std::string_view message) {
  auto parsed = ParseRequest(message);
  if (!parsed.ok()) Fail("a message does not parse");
  return *std::move(parsed);
}

// Every event counts in both, and merging keeps both.
struct Events {
  uint64_t count = 0;
  uint64_t sum_of_times = 0;  // modulo 2^64
  bool operator==(const Events&) const = default;

  void Add(std::string_view message) {
    const auto request = Parsed(message);
    for (const auto& resource : request.resource_profiles()) {
      for (const auto& scope : resource.scope_profiles()) {
        for (const auto& profile : scope.profiles()) {
          for (const auto& sample : profile.samples()) {
            for (const uint64_t time : sample.timestamps_unix_nano()) {
              ++count;
              sum_of_times += time;
            }
          }
        }
      }
    }
  }
};

struct Cost {
  double seconds = 0;
  size_t bytes = 0;
  [[nodiscard]] double ns_per_byte() const { return seconds * 1e9 / static_cast<double>(bytes); }
};

// CPU of decoding `request` and merging it into the open batch.
Cost Merge(Processor& processor, const std::string& request) {
  const double begin = ThreadSeconds();
  if (processor.Decode(request).outcome != DecodeReport::Outcome::kAccepted) Fail("refused");
  processor.Merge();
  return {.seconds = ThreadSeconds() - begin, .bytes = request.size()};
}

void VerifyMeaning() {
  FleetRequests fleet(kFleet);
  Processor processor(RoomyOptions());
  ExpandedProfiles expected;
  ExpandedProfiles actual;
  for (uint32_t i = 0; i < kExpanded; ++i) {
    const std::string request = fleet.Encode(i);
    expected.Add(Parsed(request));
    (void)Merge(processor, request);
  }
  const SealedBatch batch = processor.Seal();
  for (const EncodedMessage& message : Encode(batch, {}).messages) {
    actual.Add(Parsed(message.bytes));
  }
  if (!(expected == actual)) Fail("the merged output does not mean the same");
}

// Requests `first` to `last`, counted from 1.
void PrintCosts(const std::vector<Cost>& costs, size_t first, size_t last) {
  Cost sum;
  std::vector<double> each;
  for (size_t i = first - 1; i < last; ++i) {
    sum.seconds += costs[i].seconds;
    sum.bytes += costs[i].bytes;
    each.push_back(costs[i].ns_per_byte());
  }
  std::sort(each.begin(), each.end());
  const auto count = static_cast<double>(each.size());
  std::printf("| %zu to %zu | %.0f | %.0f | %.2f | %.2f |\n", first, last,
              sum.seconds * 1e6 / count, static_cast<double>(sum.bytes) / count / 1e3,
              sum.ns_per_byte(), each[each.size() / 2]);
}

int Main() {
#ifndef NDEBUG
  Fail("this is no Release build; its figures would mean nothing");
#endif
  VerifyMeaning();
  FleetRequests fleet(kFleet);
  Processor processor(RoomyOptions());
  std::vector<Cost> costs;
  Events sent;
  for (uint32_t i = 0; i < kRequests; ++i) {
    const std::string request = fleet.Encode(i);
    costs.push_back(Merge(processor, request));
    sent.Add(request);
  }
  Events came_out;
  const SealedBatch batch = processor.Seal();
  size_t bytes_out = 0;
  for (const EncodedMessage& message : Encode(batch, {}).messages) {
    bytes_out += message.bytes.size();
    came_out.Add(message.bytes);
  }
  if (!(sent == came_out)) Fail("events were lost or changed");
  size_t bytes_in = 0;
  for (const Cost& cost : costs) bytes_in += cost.bytes;
  std::printf("%u requests in one batch, verified: %zu -> %zu bytes, %llu events\n\n", kRequests,
              bytes_in, bytes_out, static_cast<unsigned long long>(sent.count));
  std::printf("| requests | us a request | KB a request | ns a byte | ns a byte, median |\n");
  std::printf("|---|---|---|---|---|\n");
  PrintCosts(costs, 1, 1);
  for (size_t first = 2, last = 10; last <= kRequests; first = last + 1, last *= 10) {
    PrintCosts(costs, first, last);
  }
  std::printf("\nin tenths:\n");
  for (size_t first = 1; first < kRequests; first += kRequests / 10) {
    PrintCosts(costs, first, first + kRequests / 10 - 1);
  }
  return 0;
}

}  // namespace
}  // namespace flameway

int main() { return flameway::Main(); }
