// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/batch_grammar.h"

#include <algorithm>
#include <string>

#include "fmt/format.h"

namespace flameway {
namespace {

// Bounds in samples under the names a block gives them, and our own keys.
void DescribeBounds(Section& section, std::string_view min_key, std::string_view max_key,
                    BatchPolicy& batch) {
  section.Integer(min_key, batch.send_batch_samples);
  section.Integer(max_key, batch.send_batch_max_samples);
  section.Bytes("max_bytes", batch.max_bytes);
  if (batch.send_batch_max_samples > 0 && batch.send_batch_max_samples < batch.send_batch_samples) {
    section.Report(max_key, DiagnosticCode::kConflict,
                   fmt::format("`{}` ({}) is below `{}` ({})", max_key,
                               batch.send_batch_max_samples, min_key, batch.send_batch_samples));
  }
}

// sizer: bytes. BatchPolicy has one bound in bytes, so batches are sealed just below min_size
// instead of just above.
void DescribeByteBounds(Section& section, BatchPolicy& batch) {
  size_t min_bytes =
      batch.send_batch_samples;  // the Collector's default of 8192 holds for both units
  size_t max_bytes = 0;
  section.Bytes("min_size", min_bytes);
  section.Bytes("max_size", max_bytes);
  section.Bytes("max_bytes", batch.max_bytes);
  if (max_bytes > 0 && max_bytes < min_bytes) {
    section.Report("max_size", DiagnosticCode::kConflict,
                   fmt::format("`max_size` ({}) is below `min_size` ({})", max_bytes, min_bytes));
  }
  if (section.Has("max_bytes") && (section.Has("min_size") || section.Has("max_size"))) {
    section.Report("max_bytes", DiagnosticCode::kConflict,
                   "with `sizer: bytes`, `max_bytes` says the same as `min_size` and `max_size`");
  }
  batch.send_batch_samples = 0;
  batch.send_batch_max_samples = 0;
  if (batch.max_bytes == 0) batch.max_bytes = min_bytes > 0 ? min_bytes : max_bytes;
  section.Report(
      "sizer", DiagnosticCode::kAdapted,
      fmt::format("batches are sealed before they exceed {} encoded bytes", batch.max_bytes),
      "bytes bound a batch from above here");
}

}  // namespace

void DescribeBatchProcessor(Section& section, BatchPolicy& batch) {
  section.Duration("timeout", batch.timeout);
  DescribeBounds(section, "send_batch_size", "send_batch_max_size", batch);
  section.Enum("coalesce", batch.coalesce, kCoalesceNames);
  section.Unsupported("metadata_keys", "batches are not kept apart by the senders' metadata");
  section.Ignored("metadata_cardinality_limit", "");
}

void DescribeQueueBatch(Section& section, QueueOptions::Sizer parent, BatchPolicy& batch) {
  section.Duration("flush_timeout", batch.timeout);
  using Sizer = QueueOptions::Sizer;
  static constexpr Section::Choice<Sizer> kBatchSizers[] = {{Sizer::kItems, "items"},
                                                            {Sizer::kBytes, "bytes"}};
  // Printing always speaks of items and puts a bound in bytes into max_bytes.
  Sizer sizer = parent == Sizer::kBytes && (section.Has("min_size") || section.Has("max_size"))
                    ? Sizer::kBytes
                    : Sizer::kItems;
  if (parent == Sizer::kBytes && sizer == Sizer::kItems && !section.Has("sizer")) {
    section.Report("", DiagnosticCode::kAdapted,
                   "without `min_size` and `max_size` the batch counts samples, not bytes");
  }
  section.Enum("sizer", sizer, kBatchSizers);
  if (sizer == Sizer::kBytes) {
    DescribeByteBounds(section, batch);
  } else {
    DescribeBounds(section, "min_size", "max_size", batch);
  }
  section.Enum("coalesce", batch.coalesce, kCoalesceNames);
  section.Child("partition", Section::Presence::kAbsent, [](Section& partition) {
    partition.Unsupported("metadata_keys", "batches are not kept apart by the senders' metadata");
  });
}

}  // namespace flameway
