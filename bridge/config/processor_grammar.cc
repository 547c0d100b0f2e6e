// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/processor_grammar.h"

#include <algorithm>
#include <chrono>

#include "bridge/config/batch_grammar.h"
#include "bridge/config/transform_grammar.h"
#include "fmt/format.h"

namespace flameway {
namespace {

// Whole MiB, at least one, so that the result can be printed as limit_mib.
size_t PercentOf(size_t total, int percent) {
  const size_t bytes = total / 100 * static_cast<size_t>(percent);
  return std::max<size_t>(bytes >> 20, 1) << 20;
}

size_t DefaultSpike(size_t limit_bytes) { return limit_bytes / 5; }

// One of <key>_mib and <key>_percentage; the first wins, as in the Collector. 0 when neither says
// anything.
size_t ReadBytes(Section& section, std::string_view mib_key, std::string_view percent_key,
                 size_t printed_bytes, size_t total_memory_bytes) {
  size_t mib = printed_bytes >> 20;
  int percent = 0;
  if (printed_bytes == 0 || (printed_bytes & ((1 << 20) - 1)) == 0) {
    section.Integer(mib_key, mib, 0, int64_t{1} << 40);
  }
  if (section.Has(percent_key)) {
    section.Integer(percent_key, percent, 0, 100);
  } else {
    section.Ignored(percent_key, "");
  }
  if (mib != 0 && percent != 0) {
    section.Report(percent_key, DiagnosticCode::kWithoutEffect,
                   fmt::format("`{}` has no effect beside `{}`", percent_key, mib_key));
  }
  if (mib != 0) return mib << 20;
  if (percent == 0) return 0;
  if (total_memory_bytes != 0) return PercentOf(total_memory_bytes, percent);
  section.Report(percent_key, DiagnosticCode::kBadValue, "the memory of this machine is not known",
                 fmt::format("use `{}`", mib_key));
  return 0;
}

void DescribeMemoryLimiter(Section& section, size_t total_memory_bytes,
                           MemoryLimiterOptions& limiter) {
  std::chrono::milliseconds interval = limiter.check_interval;
  section.Duration("check_interval", interval);
  if (interval.count() <= 0) {
    section.Report("check_interval", DiagnosticCode::kBadValue,
                   "`check_interval` must be above zero");
  } else {
    limiter.check_interval = interval;
  }
  const bool printing = limiter.limit_bytes != 0;
  if (!printing && !section.Has("check_interval")) {
    section.Report("check_interval", DiagnosticCode::kMissing,
                   "a memory_limiter needs `check_interval`", "1s is usual");
  }
  limiter.limit_bytes =
      ReadBytes(section, "limit_mib", "limit_percentage", limiter.limit_bytes, total_memory_bytes);
  if (limiter.limit_bytes == 0) {
    section.Report("limit_mib", DiagnosticCode::kMissing,
                   "a memory_limiter needs `limit_mib` or `limit_percentage`");
  }
  limiter.spike_limit_bytes = ReadBytes(section, "spike_limit_mib", "spike_limit_percentage",
                                        limiter.spike_limit_bytes, total_memory_bytes);
  if (limiter.spike_limit_bytes == 0) {
    limiter.spike_limit_bytes = DefaultSpike(limiter.limit_bytes);
  } else if (limiter.limit_bytes != 0 && limiter.spike_limit_bytes >= limiter.limit_bytes) {
    section.Report(section.Has("spike_limit_mib") ? "spike_limit_mib" : "spike_limit_percentage",
                   DiagnosticCode::kConflict, "the spike limit must be below the limit");
    limiter.spike_limit_bytes = 0;
  }
  // About Go's garbage collector.
  for (const std::string_view key :
       {"min_gc_interval_when_soft_limited", "min_gc_interval_when_hard_limited",
        "max_gc_interval_when_soft_limited", "max_gc_interval_when_hard_limited"}) {
    section.Ignored(key, "");
  }
}

void DescribeQueueBatchProcessor(Section& section, BatchPolicy& batch) {
  constexpr std::string_view kWhy = "an open batch is bounded by its size and by memory instead";
  QueueOptions::Sizer sizer = QueueOptions::Sizer::kRequests;
  if (section.Has("sizer")) section.Enum("sizer", sizer, kSizers);
  section.Ignored("sizer", "");
  section.Ignored("num_consumers", kWhy);
  section.Ignored("queue_size", kWhy);
  section.Ignored("block_on_overflow", "");
  section.Ignored("enabled", "");
  section.Unsupported("wait_for_result", "requests are answered once they are in a batch");
  section.Unsupported("storage", "open batches are kept in memory");
  section.Always("batch", [&](Section& child) { DescribeQueueBatch(child, sizer, batch); });
}

}  // namespace

std::optional<ProcessorConfig> DefaultProcessor(std::string_view type, Coalesce coalesce) {
  ProcessorConfig processor;
  if (type == "memory_limiter") {
    processor.options = MemoryLimiterOptions();
  } else if (type == "batch" || type == "queue_batch" || type == "queuebatch") {
    processor.options = BatchPolicy{.coalesce = coalesce};
  } else if (auto transform = DefaultTransform(type)) {
    processor.options = *std::move(transform);
  } else {
    return std::nullopt;
  }
  return processor;
}

void DescribeProcessor(Section& section, std::string_view type, size_t total_memory_bytes,
                       ProcessorConfig& processor) {
  if (auto* limiter = std::get_if<MemoryLimiterOptions>(&processor.options)) {
    DescribeMemoryLimiter(section, total_memory_bytes, *limiter);
  } else if (auto* transform = std::get_if<TransformOptions>(&processor.options)) {
    processor.recipe = DescribeTransform(section, type, *transform);
  } else if (type == "batch") {
    DescribeBatchProcessor(section, std::get<BatchPolicy>(processor.options));
  } else {
    DescribeQueueBatchProcessor(section, std::get<BatchPolicy>(processor.options));
  }
}

}  // namespace flameway
