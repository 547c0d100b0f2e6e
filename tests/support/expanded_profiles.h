// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <set>
#include <string>

#include "tests/support/measurements.h"
#include "tests/support/schema.h"
#include "tests/support/text_store.h"

namespace flameway {

// The slow, plain answer to "is it still the same data?": every sample of a set of requests with
// all references resolved, grouped by what it says, in an order that does not depend on the
// requests. Two sets are equal if and only if they say the same, however they were split, joined,
// numbered or ordered. It reads libprotobuf messages and shares no code with the product.
//
//   ExpandedProfiles sent, received;
//   for (const auto& request : in) sent.Add(request);
//   for (const auto& request : out) received.Add(request);
//   EXPECT_EQ(sent, received) << sent.DiffText(received, 40);
//
// A key is: resource (attribute set, entity references, dropped count, schema URL), scope (the same
// with name and version), profile (sample type, period type, period, attribute set, dropped count,
// original payload, valid profile_id), stack, attribute set, link. What was measured:
// measurements.h. Time windows count for values without timestamps and for payloads only. Not
// compared: profiles without samples and payload, samples with neither values nor timestamps
// (counted in empty_samples), indices, order, duplicate and unused rows, inline versus reference
// form.
//
// Cost: about 1 microsecond per row and sample plus the text of each distinct row.
class ExpandedProfiles {
 public:
  void Add(const schema::ExportProfilesServiceRequest& request);

  friend bool operator==(const ExpandedProfiles& a, const ExpandedProfiles& b) {
    return a.samples_ == b.samples_;
  }

  // For GoogleTest's failure messages.
  friend void PrintTo(const ExpandedProfiles& expanded, std::ostream* out);

  // What this (expected) says otherwise than actual: first which parts of keys only one of them
  // has, then the samples that differ, each as several lines. Empty if equal.
  [[nodiscard]] std::string DiffText(const ExpandedProfiles& actual, size_t max_lines) const;
  // One line per distinct sample key and measurements, in order; two equal sets have equal texts.
  [[nodiscard]] std::string FullText() const;

  [[nodiscard]] size_t distinct_samples() const { return samples_.size(); }
  [[nodiscard]] uint64_t empty_samples() const { return empty_samples_; }

  // What a sample key is made of, and how many different ones were seen.
  enum class Part { kResource, kScope, kProfile, kStack, kAttributes, kLink };
  static constexpr size_t kParts = 6;
  [[nodiscard]] size_t distinct(Part part) const {
    return parts_[static_cast<size_t>(part)].size();
  }

 private:
  // Remembers the text as one of its part and returns the line of the key that names it.
  std::string KeyLine(Part part, const std::string& text);
  [[nodiscard]] std::string PartsDiffText(const ExpandedProfiles& actual) const;

  TextStore texts_;
  std::map<TextDigest, Measurements> samples_;
  std::array<std::set<TextDigest>, kParts> parts_;
  uint64_t empty_samples_ = 0;
};

}  // namespace flameway
