// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "processor/batch/content.h"

namespace flameway {

// Notes that the new sample `rest` goes on with the sum of `full`.
void CarryOver(BatchContent& content, uint32_t full, uint32_t rest, uint32_t profile);

// Rewrites the samples that share an identity so that they say its exact sum in one way, whatever
// the order of arrival: as few as possible, all but the last at the end of the range, none left
// over. So a batch means and weighs the same in any grouping. Cost: linear in the samples of the
// profiles concerned.
void SettleCarriedTotals(BatchContent& content);

}  // namespace flameway
