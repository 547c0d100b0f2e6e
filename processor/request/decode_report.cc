// SPDX-License-Identifier: Apache-2.0
#include "processor/request/decode_report.h"

#include <algorithm>
#include <string>
#include <utility>

namespace flameway {
namespace {

constexpr size_t kMaxMessageBytes = 1024;
constexpr size_t kMaxReasons = 5;

std::string Quoted(Reason reason) {
  return std::string(ReasonWord(reason)) + " (" + std::string(ReasonAdvice(reason)) + ")";
}

}  // namespace

std::string RejectedProfile::FieldPath() const {
  return "resource_profiles[" + std::to_string(resource_index) + "].scope_profiles[" +
         std::to_string(scope_index) + "].profiles[" + std::to_string(profile_index) + "]";
}

void DecodeReport::Clear() {
  std::vector<RejectedProfile> memory = std::move(examples);
  memory.clear();
  *this = {};
  examples = std::move(memory);
}

std::string DecodeReport::Message() const {
  std::string message;
  if (profiles_rejected > 0) {
    std::vector<std::pair<uint64_t, Reason>> reasons;
    for (size_t i = 0; i < kReasonCount; ++i) {
      if (rejected_by_reason[i] > 0)
        reasons.emplace_back(rejected_by_reason[i], static_cast<Reason>(i));
    }
    std::stable_sort(reasons.begin(), reasons.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    message = std::to_string(profiles_rejected) + " of " + std::to_string(profiles_received) +
              " profiles refused";
    for (size_t i = 0; i < std::min(reasons.size(), kMaxReasons); ++i) {
      message += (i == 0 ? ": " : "; ") + std::to_string(reasons[i].first) + " x " +
                 Quoted(reasons[i].second);
    }
    if (reasons.size() > kMaxReasons) message += "; and others";
  } else if (outcome != Outcome::kAccepted) {
    message = "request refused at byte " + std::to_string(offset) + ": " + Quoted(reason);
  }
  if (message.size() > kMaxMessageBytes) message.resize(kMaxMessageBytes);
  return message;
}

}  // namespace flameway
