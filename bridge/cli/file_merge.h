// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "processor/processor.h"
#include "processor/transform/plan.h"

namespace flameway {

struct FileMergeOptions {
  ProcessorOptions processor;  // FileMergeOptions::ForFiles fills it
  EncodeOptions encode;
  size_t group = 0;  // accepted requests per output message; 0: all into one
  TransformPlan transforms;

  // Without the bounds of a server, and with a secret of this process.
  [[nodiscard]] static FileMergeOptions ForFiles();
};

struct FileMergeTotals {
  uint64_t requests = 0;          // accepted, at least in part
  uint64_t requests_refused = 0;  // whole
  uint64_t bytes_in = 0;          // of accepted requests
  uint64_t profiles_in = 0;       // accepted
  uint64_t profiles_rejected = 0;
  uint64_t profiles_out = 0;
  uint64_t samples_in = 0;  // accepted
  uint64_t samples_out = 0;
  uint64_t bytes_out = 0;
  uint64_t profiles_filtered = 0;  // by transforms
  uint64_t samples_filtered = 0;
  uint64_t transform_failures = 0;  // conditions and statements that failed on a row
  std::string first_failure;
  uint64_t oversize_samples = 0;  // alone too large for max_message_bytes; left out
};

// Folds requests through the very core that the gateway runs. Holds the open batch and all finished
// messages. One thread.
class FileMerge {
 public:
  explicit FileMerge(const FileMergeOptions& options);
  FileMerge(const FileMerge&) = delete;
  FileMerge& operator=(const FileMerge&) = delete;

  // Decodes one request and merges what it accepts. The report lives until the next call.
  const DecodeReport& Add(std::string_view request, const DecodeContext& context);
  // Ends the last message. Fails only if the core refuses what it wrote itself, which is a bug.
  [[nodiscard]] absl::Status Finish();

  [[nodiscard]] const FileMergeTotals& totals() const { return totals_; }
  // Complete after Finish; may be moved out.
  [[nodiscard]] std::vector<std::string>& messages() { return messages_; }

 private:
  void Flush();
  [[nodiscard]] absl::Status Canonicalize(std::string message);

  Processor processor_;
  Processor rewriter_;  // of Canonicalize
  EncodeOptions encode_;
  size_t group_;
  size_t in_group_ = 0;
  absl::Status status_;
  FileMergeTotals totals_;
  std::vector<std::string> messages_;
};

}  // namespace flameway
