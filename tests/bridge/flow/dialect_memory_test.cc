// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/dialect_memory.h"

#include "gtest/gtest.h"

namespace flameway {
namespace {

TEST(DialectMemoryTest, RemembersTheLastCertainDialectOfAConnection) {
  DialectMemory memory;
  EXPECT_EQ(memory.Recall(1), std::nullopt);
  memory.Remember(1, Dialect::kV1_8);
  memory.Remember(2, Dialect::kV1_10);
  EXPECT_EQ(memory.Recall(1), Dialect::kV1_8);
  memory.Remember(1, Dialect::kV1_9);
  EXPECT_EQ(memory.Recall(1), Dialect::kV1_9);
}

TEST(DialectMemoryTest, ForgetsIdleConnectionsAndKeepsBusyOnes) {
  DialectMemory memory;
  memory.Remember(1'000'000, Dialect::kV1_8);
  memory.Remember(1'000'001, Dialect::kV1_8);
  for (uint64_t connection = 0; connection < 3 * DialectMemory::kGenerationSize; ++connection) {
    memory.Remember(connection, Dialect::kV1_10);
    EXPECT_EQ(memory.Recall(1'000'000), Dialect::kV1_8);
  }
  EXPECT_EQ(memory.Recall(1'000'001), std::nullopt);
}

}  // namespace
}  // namespace flameway
