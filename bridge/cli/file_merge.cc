// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/file_merge.h"

#include <utility>

#include "bridge/cli/file_limits.h"
#include "bridge/cli/process_secret.h"
#include "fmt/format.h"

namespace flameway {

FileMergeOptions FileMergeOptions::ForFiles() {
  FileMergeOptions options;
  options.processor.request.limits = FileRequestLimits();
  options.processor.request.secret = DrawProcessSecret();
  options.processor.batch.limits = FileBatchLimits();
  return options;
}

FileMerge::FileMerge(const FileMergeOptions& options)
    : processor_(options.processor, options.transforms.NewChain([this](std::string_view what) {
        if (totals_.transform_failures++ == 0) totals_.first_failure = what;
      })),
      rewriter_(options.processor),
      encode_(options.encode),
      group_(options.group) {}

const DecodeReport& FileMerge::Add(std::string_view request, const DecodeContext& context) {
  const DecodeReport& report = processor_.Decode(request, context);
  totals_.profiles_rejected += report.profiles_rejected;
  if (report.outcome != DecodeReport::Outcome::kAccepted) {
    ++totals_.requests_refused;
    return report;
  }
  if (!processor_.Fits()) Flush();
  processor_.Merge();
  ++totals_.requests;
  totals_.bytes_in += request.size();
  totals_.profiles_in += report.profiles_accepted();
  totals_.samples_in += report.samples_accepted();
  if (++in_group_ == group_) Flush();
  return report;
}

absl::Status FileMerge::Finish() {
  if (in_group_ > 0) Flush();
  return status_;
}

void FileMerge::Flush() {
  in_group_ = 0;
  const SealedBatch sealed = processor_.Seal();
  totals_.profiles_filtered += sealed.counts().dropped_profiles;
  totals_.samples_filtered += sealed.counts().dropped_samples;
  EncodeResult encoded = Encode(sealed, encode_);
  totals_.oversize_samples += encoded.oversize_samples;
  for (EncodedMessage& message : encoded.messages) {
    if (status_.ok()) status_ = Canonicalize(std::string(message.bytes));
  }
}

// Rows are numbered in the order in which they arrive, which for a merged batch depends on how its
// profiles were spread over requests. Sending the finished message through the core once more
// numbers them in the order in which the message itself mentions them; from then on merging the
// file again changes no byte.
absl::Status FileMerge::Canonicalize(std::string message) {
  const DecodeReport& report = rewriter_.Decode(message);
  if (report.outcome != DecodeReport::Outcome::kAccepted || report.profiles_rejected > 0) {
    return absl::InternalError(
        fmt::format("the merged message is not valid: {}; please report this", report.Message()));
  }
  totals_.profiles_out += report.profiles_received;
  totals_.samples_out += report.samples_received;
  rewriter_.Merge();
  EncodeOptions options = encode_;
  options.max_message_bytes = 0;
  EncodeResult rewritten = Encode(rewriter_.Seal(), options);
  // Other numbers can take other lengths; a part that was cut to its bound keeps to it.
  const bool keeps_bound = rewritten.messages.size() == 1 &&
                           (encode_.max_message_bytes == 0 ||
                            rewritten.messages.front().bytes.size() <= encode_.max_message_bytes);
  if (keeps_bound) message = rewritten.messages.front().bytes;
  totals_.bytes_out += message.size();
  messages_.push_back(std::move(message));
  return absl::OkStatus();
}

}  // namespace flameway
