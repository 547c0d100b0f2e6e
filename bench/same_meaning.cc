// SPDX-License-Identifier: Apache-2.0
#include "bench/same_meaning.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/support/corpus.h"

namespace flameway {
namespace {

void Expand(std::string_view message, ExpandedProfiles& to) {
  const auto parsed = ParseRequest(message);
  if (!parsed.ok()) {
    std::fprintf(stderr, "not a request: %s\n", std::string(parsed.status().message()).c_str());
    std::exit(1);
  }
  to.Add(*parsed);
}

}  // namespace

SameMeaning::SameMeaning(const CorpusSet& set) : set_(set) {
  for (const std::string& request : set.requests) Expand(request, expected_);
}

void SameMeaning::Add(std::string_view message) {
  bytes_ += message.size();
  Expand(message, actual_);
}

void SameMeaning::Require(std::string_view what) const {
  if (expected_ == actual_) return;
  std::fprintf(stderr, "%s: %s does not mean the same\n%s", set_.name.c_str(),
               std::string(what).c_str(), expected_.DiffText(actual_, 20).c_str());
  std::exit(1);
}

}  // namespace flameway
