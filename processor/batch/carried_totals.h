// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "processor/batch/content.h"

namespace flameway {

// A sample that took over the sum of its identity when the sum left 64 bits. Until the batch is
// sealed, SampleNode::last_chunk of such a plain sample names the sample it took over from.
struct CarriedTotal {
  uint32_t sample = 0;
  uint32_t profile = 0;
};

// Rewrites the samples that share an identity so that they say its exact sum in one way, whatever
// the order of arrival: as few as possible, all but the last at the end of the range, none left
// over. So a batch means and weighs the same in any grouping. Cost: linear in the samples of the
// profiles concerned.
void SettleCarriedTotals(std::span<const CarriedTotal> carried, BatchContent& content);

}  // namespace flameway
