// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "processor/batch/output_table.h"
#include "processor/encode/row_numbering.h"

namespace flameway {

// The rows of a table of stacks, compared by the numbers of their locations from the root to the
// leaf. Looks at each frame about once, plus n log n; memory: 4 bytes a frame, 16 a stack.
[[nodiscard]] std::vector<uint32_t> StacksFromTheRoot(const OutputTable& stacks,
                                                      const RowNumbering& locations);

}  // namespace flameway
