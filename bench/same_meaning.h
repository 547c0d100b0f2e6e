// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "bench/corpus_set.h"
#include "tests/support/expanded_profiles.h"

namespace flameway {

// Whether what a benchmark is about to time means what went in, told by the expand oracle.
class SameMeaning {
 public:
  explicit SameMeaning(const CorpusSet& set);

  // A message that came out. Ends the program unless it can be parsed.
  void Add(std::string_view message);
  // Ends the program with what differs unless the messages together mean what the set means.
  // `what` names them.
  void Require(std::string_view what) const;
  [[nodiscard]] size_t bytes() const { return bytes_; }

 private:
  const CorpusSet& set_;
  ExpandedProfiles expected_;
  ExpandedProfiles actual_;
  size_t bytes_ = 0;
};

}  // namespace flameway
