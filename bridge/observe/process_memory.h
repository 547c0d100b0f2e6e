// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace flameway {

// How this process takes memory from the system, and gives it back. A gateway reads requests of up
// to 64 MiB; left alone, the C library keeps what one of them needed and comes to three times as
// much after a few. Both do nothing where the library is not glibc.

// Large blocks come from the system one by one and go back when they are freed. Called by main
// before threads start. Without it the library raises its own threshold with the first large block
// that is freed, up to 32 MiB. The price is page faults: measured, half a second of CPU for each GB
// in such blocks.
void GiveLargeBlocksBack();

// Gives back the free pages between blocks in use. After something large that was made of small
// blocks; a millisecond or so, during which allocations wait.
void GiveFreePagesBack();

}  // namespace flameway
