// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace flameway {

// Requests to measure with: what several senders sent, as uncompressed bytes.
struct CorpusSet {
  std::string name;
  std::vector<std::string> requests;

  [[nodiscard]] size_t bytes() const;
};

// A small generated set, always; the recordings and the synthetic fleet where they are
// (tests/support/corpus.h). What is missing is said on stderr.
[[nodiscard]] std::vector<CorpusSet> LoadCorpora();

}  // namespace flameway
