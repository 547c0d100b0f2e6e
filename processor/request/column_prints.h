// SPDX-License-Identifier: Apache-2.0
// The fingerprints of a whole table at once, after its rows have been decoded: nothing here
// depends on what a row looks like, so many rows are under way at a time. Half the cost of a
// fingerprint at the end of each row. Each fills `fingerprints` for all of `rows`; the tables
// referred to have theirs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "processor/model/buffer.h"
#include "processor/model/fingerprint.h"
#include "processor/request/columns.h"
#include "proto/wire/instructions.h"

namespace flameway {

// The rows that are empty, longer than `max_bytes` or have a byte that is not ASCII are appended
// to `unusual`.
void PrintStrings(const Fingerprinter& of, wire::Instructions may_use,
                  Column<std::string_view>& strings, size_t max_bytes, Buffer<uint32_t>& unusual);
void PrintFunctions(const Fingerprinter& of, RequestColumns& columns);
void PrintLocations(const Fingerprinter& of, RequestColumns& columns);
void PrintStacks(const Fingerprinter& of, RequestColumns& columns);
// Their identities.
void PrintSamples(const Fingerprinter& of, RequestColumns& columns);

}  // namespace flameway
