// SPDX-License-Identifier: Apache-2.0
#include "tests/support/measurements.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

namespace flameway {
namespace {

constexpr int kShownItems = 4;

std::string WideText(WideTotal total) {
  if (total == 0) return "0";
  const bool negative = total < 0;
  std::string digits;
  // Negative remainders, not a negated total: the smallest one has no positive twin.
  for (; total != 0; total /= 10) {
    const int digit = static_cast<int>(total % 10);
    digits.insert(digits.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
  }
  return fmt::format("{}{}", negative ? "-" : "", digits);
}

std::string KeyText(uint64_t timestamp) { return fmt::format("@{}", timestamp); }
std::string KeyText(const std::pair<uint64_t, int64_t>& timed) {
  return fmt::format("{}@{}", timed.second, timed.first);
}
std::string KeyText(const Measurements::Window& window) {
  return fmt::format("[{} +{}]", window.first, window.second);
}
std::string KeyText(const std::pair<Measurements::Window, std::vector<int64_t>>& list) {
  return fmt::format("{} in {}", list.second, KeyText(list.first));
}
std::string KeyText(const std::pair<std::vector<uint64_t>, std::vector<int64_t>>& lists) {
  return fmt::format("{} with {}", lists.second, lists.first);
}

std::string AmountText(WideTotal total) { return fmt::format("={}", WideText(total)); }
std::string AmountText(Measurements::Count count) {
  return count == 1 ? "" : fmt::format(" x{}", count);
}

// Items of a that b has not, or has in another amount.
template <typename Map>
void AppendExcess(std::string_view name, const Map& a, const Map& b, std::string* text) {
  int excess = 0;
  for (const auto& [key, amount] : a) {
    const auto found = b.find(key);
    if (found != b.end() && found->second == amount) continue;
    if (++excess > kShownItems) continue;
    if (excess == 1) *text += fmt::format(" {}", name);
    *text += fmt::format(" {}{}", KeyText(key), AmountText(amount));
  }
  if (excess > kShownItems) *text += fmt::format(" and {} more", excess - kShownItems);
}

std::string ExcessText(const Measurements& a, const Measurements& b) {
  std::string text;
  AppendExcess("events", a.events, b.events, &text);
  AppendExcess("timed values", a.timed_values, b.timed_values, &text);
  AppendExcess("totals", a.totals, b.totals, &text);
  AppendExcess("value lists", a.value_lists, b.value_lists, &text);
  AppendExcess("unpaired", a.unpaired, b.unpaired, &text);
  AppendExcess("payloads", a.payloads, b.payloads, &text);
  return text;
}

}  // namespace

void AddSample(const schema::Sample& sample, Measurements::Window window, Measurements* sum) {
  const auto& values = sample.values();
  const auto& timestamps = sample.timestamps_unix_nano();
  if (values.empty()) {
    for (uint64_t timestamp : timestamps) ++sum->events[timestamp];
  } else if (values.size() == timestamps.size()) {
    for (int i = 0; i < values.size(); ++i) ++sum->timed_values[{timestamps[i], values[i]}];
  } else if (!timestamps.empty()) {
    ++sum->unpaired[{{timestamps.begin(), timestamps.end()}, {values.begin(), values.end()}}];
  } else if (values.size() == 1) {
    sum->totals[window] += values[0];
  } else {
    ++sum->value_lists[{window, {values.begin(), values.end()}}];
  }
}

std::string DifferenceText(const Measurements& expected, const Measurements& actual) {
  const std::string lost = ExcessText(expected, actual);
  const std::string invented = ExcessText(actual, expected);
  std::string text;
  if (!lost.empty()) text += "expected:" + lost;
  if (!lost.empty() && !invented.empty()) text += "; ";
  if (!invented.empty()) text += "actual:" + invented;
  return text;
}

std::string MeasurementsText(const Measurements& measurements) {
  return ExcessText(measurements, Measurements());
}

}  // namespace flameway
