// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/split.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "processor/request/request.h"

namespace flameway {
namespace {

// Nothing of ours is refused on its second way in.
RequestOptions Unlimited(const FingerprintSecret& secret) {
  constexpr uint32_t kNoLimit = std::numeric_limits<uint32_t>::max();
  return {.limits = {.max_request_bytes = std::numeric_limits<size_t>::max(),
                     .max_elements = kNoLimit,
                     .max_rows_per_table = kNoLimit,
                     .max_profiles = kNoLimit,
                     .max_packed_ints = kNoLimit,
                     .max_string_bytes = kNoLimit,
                     .max_payload_bytes = kNoLimit,
                     .max_stack_depth = kNoLimit},
          .secret = secret,
          .accept_1_8 = false,
          .accept_1_9 = false};
}

class Splitter {
 public:
  Splitter(const BatchContent& content, const EncodeOptions& options)
      : options_(options),
        request_(Unlimited(content.secret)),
        // What could be joined is joined; what stayed apart had its reason, which is not in the
        // bytes.
        batch_({.coalesce = Coalesce::kNever}) {
    whole_options_ = options;
    whole_options_.max_message_bytes = 0;
    whole_options_.max_message_samples = 0;
    CountSources(content);
  }

  EncodeResult Split(std::string_view whole) {
    request_.Decode(whole, {.known_dialect = Dialect::kV1_10});
    const auto samples = static_cast<uint32_t>(samples_in_.size());
    // Each part repeats some of the dictionary, so this first cut is a lower bound of the number of
    // parts; each has a sample at least. In samples it is exact: no share is larger than the bound.
    const auto parts =
        static_cast<uint32_t>(std::min(std::max(Parts(whole.size(), options_.max_message_bytes),
                                                Parts(samples, options_.max_message_samples)),
                                       std::max<size_t>(samples, 1)));
    for (uint32_t i = 0; i < parts; ++i) {
      const MergeRange range{.sample_begin = Share(samples, i, parts),
                             .sample_end = Share(samples, i + 1, parts)};
      // A profile without samples starts where the next one does; the last of them at the very end.
      SplitRange(i + 1 == parts ? MergeRange{.sample_begin = range.sample_begin} : range);
    }
    return std::move(result_);
  }

 private:
  static size_t Parts(size_t total, size_t bound) {
    return bound == 0 || total == 0 ? 1 : (total - 1) / bound + 1;
  }
  static uint32_t Share(uint32_t total, uint32_t i, uint32_t parts) {
    return static_cast<uint32_t>(uint64_t{total} * i / parts);
  }

  // How many incoming samples and profiles each sample and profile of the message stands for, in
  // message order.
  void CountSources(const BatchContent& content) {
    const auto chain = [](uint32_t last, const auto& nodes) {
      std::vector<uint32_t> order;
      for (uint32_t i = last; i != kNoRow; i = nodes[i].previous) order.push_back(i);
      std::reverse(order.begin(), order.end());
      return order;
    };
    for (const uint32_t r : chain(content.last_resource, content.resources)) {
      for (const uint32_t s : chain(content.resources[r].last_scope, content.scopes)) {
        for (const uint32_t p : chain(content.scopes[s].last_profile, content.profiles)) {
          profiles_.push_back({.first_sample = static_cast<uint32_t>(samples_in_.size()),
                               .profiles_in = content.profiles[p].profiles_in});
          for (const uint32_t i : chain(content.profiles[p].last_sample, content.samples)) {
            samples_in_.push_back(content.samples[i].samples_in);
          }
        }
      }
    }
  }

  void SplitRange(const MergeRange& range) {
    batch_.Merge(request_, range);
    if (batch_.empty()) return;
    const SealedBatch sealed = batch_.Seal();
    EncodeResult part = Encode(sealed, whole_options_);
    EncodedMessage& message = part.messages.front();
    CountSources(range, message);
    if (options_.max_message_bytes == 0 || message.bytes.size() <= options_.max_message_bytes) {
      result_.messages.push_back(std::move(message));
      return;
    }
    const uint32_t end = std::min(range.sample_end, static_cast<uint32_t>(samples_in_.size()));
    if (end - range.sample_begin > 1) {
      const uint32_t middle = range.sample_begin + (end - range.sample_begin) / 2;
      SplitRange({.sample_begin = range.sample_begin, .sample_end = middle});
      SplitRange({.sample_begin = middle, .sample_end = range.sample_end});
      return;
    }
    // Several profiles may start at one sample: those that have none of their own.
    const auto [first, last] = ProfilesIn(range);
    if (last - first > 1) {
      MergeRange half = range;
      half.profile_begin = first;
      half.profile_end = first + (last - first) / 2;
      SplitRange(half);
      half.profile_begin = half.profile_end;
      half.profile_end = last;
      SplitRange(half);
      return;
    }
    const uint32_t points = PointsIn(range);
    if (points > 1) {
      const uint32_t middle = range.point_begin + points / 2;
      MergeRange half = range;
      half.point_end = middle;
      SplitRange(half);
      half.point_begin = middle;
      half.point_end = range.point_end;
      SplitRange(half);
      return;
    }
    result_.oversize_profiles += message.profiles_in;
    result_.oversize_samples += message.samples_in;
  }

  // Numbers of the first profile that is in the range and of the one after the last.
  [[nodiscard]] std::pair<uint32_t, uint32_t> ProfilesIn(const MergeRange& range) const {
    uint32_t first = UINT32_MAX;
    uint32_t last = 0;
    for (uint32_t i = 0; i < profiles_.size(); ++i) {
      if (!Holds(range, i)) continue;
      first = std::min(first, i);
      last = i + 1;
    }
    return {first, last};
  }

  // Whether any part of the profile is in the range: a sample of its own, or its start.
  [[nodiscard]] bool Holds(const MergeRange& range, uint32_t profile) const {
    if (profile < range.profile_begin || profile >= range.profile_end) return false;
    const IncomingProfile& incoming = request_.columns().profiles[profile];
    const uint32_t begin = incoming.samples.begin;
    const uint32_t end = begin + incoming.samples.count;
    return Starts(range, profile) || (begin < range.sample_end && end > range.sample_begin);
  }
  [[nodiscard]] bool Starts(const MergeRange& range, uint32_t profile) const {
    const uint32_t first = profiles_[profile].first_sample;
    return profile >= range.profile_begin && profile < range.profile_end &&
           first >= range.sample_begin && first < range.sample_end;
  }

  [[nodiscard]] uint32_t PointsIn(const MergeRange& range) const {
    if (range.sample_begin >= request_.columns().samples.size()) return 0;
    const IncomingSample& sample = request_.columns().samples[range.sample_begin];
    if (sample.shape == SampleShape::kMultiValue) return 0;  // its values belong together
    const uint32_t points = std::max(sample.timestamp_count, sample.value_count);
    return std::min(points, range.point_end) - std::min(points, range.point_begin);
  }

  // A sample or profile that is cut counts where it starts, so the parts sum to the whole.
  void CountSources(const MergeRange& range, EncodedMessage& message) const {
    message.profiles_in = 0;
    message.samples_in = 0;
    if (range.point_begin > 0) return;
    for (uint32_t i = 0; i < profiles_.size(); ++i) {
      if (Starts(range, i)) message.profiles_in += profiles_[i].profiles_in;
      if (i < range.profile_begin || i >= range.profile_end) continue;
      const ListSpan& samples = request_.columns().profiles[i].samples;
      const uint32_t end = std::min(range.sample_end, samples.begin + samples.count);
      for (uint32_t s = std::max(range.sample_begin, samples.begin); s < end; ++s) {
        message.samples_in += samples_in_[s];
      }
    }
  }

  struct ProfileSource {
    uint32_t first_sample = 0;
    uint32_t profiles_in = 0;
  };

  EncodeOptions options_;
  EncodeOptions whole_options_;
  Request request_;
  Batch batch_;
  std::vector<uint32_t> samples_in_;
  std::vector<ProfileSource> profiles_;
  EncodeResult result_;
};

}  // namespace

EncodeResult SplitEncoded(const BatchContent& content, std::string_view whole,
                          const EncodeOptions& options) {
  return Splitter(content, options).Split(whole);
}

}  // namespace flameway
