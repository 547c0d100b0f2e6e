// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/config/section.h"
#include "bridge/flow/batch_policy.h"
#include "bridge/queue/queue_options.h"

namespace flameway {

// processors.batch: timeout, send_batch_size, send_batch_max_size.
void DescribeBatchProcessor(Section& section, BatchPolicy& batch);

// sending_queue.batch and queue_batch.batch: flush_timeout, min_size, max_size, sizer. A `sizer`
// left out is the parent's, requests aside; the Collector inherits it only sometimes (core#14687).
void DescribeQueueBatch(Section& section, QueueOptions::Sizer parent, BatchPolicy& batch);

// The names of QueueOptions::Sizer.
inline constexpr Section::Choice<QueueOptions::Sizer> kSizers[] = {
    {QueueOptions::Sizer::kRequests, "requests"},
    {QueueOptions::Sizer::kItems, "items"},
    {QueueOptions::Sizer::kBytes, "bytes"}};

inline constexpr Section::Choice<Coalesce> kCoalesceNames[] = {
    {Coalesce::kNever, "never"}, {Coalesce::kLossless, "lossless"}, {Coalesce::kAll, "all"}};

}  // namespace flameway
