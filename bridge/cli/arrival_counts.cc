// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/arrival_counts.h"

#include <algorithm>
#include <optional>

#include "bridge/cli/quantity.h"
#include "bridge/traffic/request_times.h"
#include "fmt/format.h"

namespace flameway {

bool ArrivalCounts::Count(const TrafficArrival& arrival, TrafficReceiverOptions::Bodies bodies) {
  const int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
  if (first_ == 0) first_ = now;
  last_ = now;
  wire_bytes_ += arrival.wire_bytes;
  if (bodies == TrafficReceiverOptions::Bodies::kDecompressed) {
    const std::optional<RequestTimes> times =
        arrival.error == DecompressError::kNone ? RequestTimes::Of(arrival.body) : std::nullopt;
    if (!times.has_value()) {
      ++undecodable_;
      return false;
    }
    bytes_ += arrival.body.size();
    profiles_ += times->profiles();
    samples_ += times->samples();
  }
  ++requests_;
  return true;
}

double ArrivalCounts::Seconds() const { return static_cast<double>(last_ - first_) / 1e9; }

std::string ArrivalCounts::Line() const {
  return fmt::format("{} requests  {} samples  {}  on the wire {}", FormatCount(requests_),
                     FormatCount(samples_), FormatBytes(bytes_), FormatBytes(wire_bytes_));
}

void ArrivalCounts::PrintText(std::chrono::nanoseconds cpu, const Console& console) const {
  const double seconds = Seconds();
  console.out() << fmt::format("requests     {:>12}  in {:.2f} s from the first to the last\n",
                               FormatCount(requests_), seconds);
  if (undecodable_ > 0)
    console.out() << fmt::format("undecodable  {:>12}\n", FormatCount(undecodable_));
  console.out() << fmt::format("profiles     {:>12}\nsamples      {:>12}\n", FormatCount(profiles_),
                               FormatCount(samples_));
  console.out() << fmt::format("bytes        {:>12}  on the wire {}\n", FormatBytes(bytes_),
                               FormatBytes(wire_bytes_));
  console.out() << fmt::format("own CPU      {:>10.2f} s\n",
                               std::chrono::duration<double>(cpu).count());
}

void ArrivalCounts::WriteJson(std::chrono::nanoseconds cpu, JsonWriter* json) const {
  json->Key("requests").Value(requests_.load()).Key("undecodable").Value(undecodable_.load());
  json->Key("profiles").Value(profiles_.load()).Key("samples").Value(samples_.load());
  json->Key("bytes").Value(bytes_.load()).Key("wire_bytes").Value(wire_bytes_.load());
  json->Key("seconds").Ratio(Seconds());
  json->Key("cpu_seconds").Ratio(std::chrono::duration<double>(cpu).count());
}

}  // namespace flameway
