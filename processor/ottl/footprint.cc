// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/footprint.h"

#include <algorithm>
#include <utility>

namespace flameway::ottl {
namespace {

void AddOnce(PathUse use, std::vector<PathUse>& uses) {
  if (std::find(uses.begin(), uses.end(), use) == uses.end()) uses.push_back(std::move(use));
}

}  // namespace

void Footprint::Read(PathUse use) {
  contexts_read.Add(TraitsOf(use.path).context);
  AddOnce(std::move(use), reads);
}

void Footprint::Write(PathUse use) {
  contexts_written.Add(TraitsOf(use.path).context);
  AddOnce(std::move(use), writes);
}

void Footprint::Add(const Footprint& other) {
  for (const PathUse& use : other.reads) Read(use);
  for (const PathUse& use : other.writes) Write(use);
}

}  // namespace flameway::ottl
