// SPDX-License-Identifier: Apache-2.0
#include "tests/processor/merge_agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "processor/processor.h"
#include "tests/processor/joined.h"
#include "tests/processor/plain_message.h"
#include "tests/processor/request_meaning.h"
#include "tests/support/expanded_profiles.h"
#include "tests/support/schema.h"
#include "tests/support/well_formed.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;
using Edit = void (*)(schema::Profile&);

constexpr DecodeContext kAs1_10 = {.known_dialect = Dialect::kV1_10};

ExportProfilesServiceRequest WithProfiles(ExportProfilesServiceRequest request, Edit edit) {
  for (auto& resource : *request.mutable_resource_profiles()) {
    for (auto& scope : *resource.mutable_scope_profiles()) {
      for (auto& profile : *scope.mutable_profiles()) edit(profile);
    }
  }
  return request;
}

// Where windows are joined they cannot be compared.
void ForgetWindow(schema::Profile& profile) {
  profile.clear_time_unix_nano();
  profile.clear_duration_nano();
}
// A payload goes with one part of a split, so samples and payloads are compared apart.
void ForgetPayload(schema::Profile& profile) {
  profile.clear_original_payload();
  profile.clear_original_payload_format();
}
void ForgetSamples(schema::Profile& profile) { profile.clear_samples(); }

ExpandedProfiles Expanded(const std::vector<ExportProfilesServiceRequest>& requests, Edit edit) {
  ExpandedProfiles expanded;
  for (const auto& request : requests) expanded.Add(WithProfiles(request, edit));
  return expanded;
}

std::string Difference(std::string_view what,
                       const std::vector<ExportProfilesServiceRequest>& expected,
                       const std::vector<ExportProfilesServiceRequest>& actual, Edit edit) {
  const ExpandedProfiles a = Expanded(expected, edit);
  const ExpandedProfiles b = Expanded(actual, edit);
  return a == b ? "" : fmt::format("{}:\n{}", what, a.DiffText(b, 40));
}

// A message of ours: libprotobuf reads it, it keeps the rules, and we take it as it is.
std::string AboutMessage(std::string_view bytes, ExportProfilesServiceRequest& parsed) {
  if (!parsed.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return "libprotobuf does not take the output";
  for (const std::string& problem : CheckWellFormed(parsed)) {
    // Lists of pairs inside a value belong to the sender.
    if (!problem.starts_with("kvlist")) return "output: " + problem;
  }
  Request request{RequestOptions{}};
  const DecodeReport& report = request.Decode(bytes);
  if (report.outcome != DecodeReport::Outcome::kAccepted || report.profiles_rejected > 0)
    return "our own output is refused: " + report.Message();
  if (report.dialect != Dialect::kV1_10) return "our own output is not read as 1.10";
  if (report.unknown_fields > 0) return "our own output has unknown fields";
  for (size_t i = 0; i < kReasonCount; ++i) {
    if (report.repaired_by_reason[i] > 0)
      return fmt::format("our own output needs repair: {}", ReasonWord(static_cast<Reason>(i)));
  }
  return "";
}

// Others hash and read by what every machine has, too.
RequestOptions WithSecret(unsigned char byte) {
  RequestOptions options;
  options.secret.bytes.fill(byte);
  if (byte != 1) {
    options.hash = Fingerprinter::Hash::kXxh3;
    options.instructions = {};
  }
  return options;
}

class MergeCheck {
 public:
  explicit MergeCheck(const MergeStory& story) : story_(story) {}

  std::string Run() {
    for (const std::string& bytes : story_.requests) Understand(bytes);
    Batch batch({.coalesce = story_.coalesce});
    MergeInto(batch, taken_, WithSecret(1));
    if (!problem_.empty() || batch.empty()) return problem_;
    const size_t bound = batch.encoded_bytes_bound();
    SealedBatch sealed = batch.Seal();
    const std::string whole = Whole(sealed);
    if (whole.size() > bound) return "the encoded batch is larger than its bound";
    if (whole.size() > bound_before_last_) return "the last request added more than its bound";
    if (whole != Whole(sealed)) return "encoding twice gives other bytes";
    (void)(Failed(AboutWhole(sealed, whole)) || Failed(AboutReferences(sealed)) ||
           Failed(AboutSorting(sealed)) || Failed(AboutParts(sealed, whole)) ||
           Failed(AboutRepetition(whole)));
    batch.Recycle(std::move(sealed));
    if (problem_.empty()) Failed(AboutOtherWays(batch, whole));
    return problem_;
  }

 private:
  bool Failed(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
    return !problem_.empty();
  }

  // Keeps the request and its meaning if it is taken.
  void Understand(std::string_view bytes) {
    const PlainMessage plain(bytes);
    Request request{RequestOptions{}};
    const DecodeReport& report = request.Decode(bytes, kAs1_10);
    if (report.outcome != DecodeReport::Outcome::kAccepted || plain.too_deep) return;
    ExportProfilesServiceRequest parsed;
    if (!parsed.ParseFromString(plain.bytes)) {
      Failed("accepted, but libprotobuf does not take it");
      return;
    }
    taken_.emplace_back(bytes);
    meant_.push_back(RequestMeaning(parsed).accepted);
    profiles_ += report.profiles_accepted();
    samples_ += report.samples_accepted();
  }

  void MergeInto(Batch& batch, const std::vector<std::string>& requests,
                 const RequestOptions& options) {
    Request request(options);
    for (const std::string& bytes : requests) {
      request.Decode(bytes, kAs1_10);
      bound_before_last_ = batch.encoded_bytes_bound() + request.encoded_bytes_bound();
      batch.Merge(request);
      if (batch.encoded_bytes_bound() > bound_before_last_) {
        Failed("a request made the bound of the batch grow by more than its own");
      }
    }
  }

  static std::string Whole(const SealedBatch& sealed) {
    const EncodeResult result = Encode(sealed, {});
    return std::string(result.messages.at(0).bytes);
  }

  std::string MergedAgain(const std::vector<std::string>& requests, unsigned char secret = 1) {
    Batch batch({.coalesce = story_.coalesce});
    MergeInto(batch, requests, WithSecret(secret));
    return Whole(batch.Seal());
  }

  // Compares meanings as far as the way of joining keeps them.
  std::string Compare(std::string_view what,
                      const std::vector<ExportProfilesServiceRequest>& expected,
                      const std::vector<ExportProfilesServiceRequest>& actual) const {
    const bool windows = story_.coalesce != Coalesce::kAll;
    return Difference(what, expected, actual, windows ? [](schema::Profile&) {} : ForgetWindow);
  }

  std::string AboutWhole(const SealedBatch& sealed, const std::string& whole) {
    if (sealed.counts().profiles != profiles_) return "profiles are counted wrong";
    if (sealed.counts().samples != samples_) return "samples are counted wrong";
    ExportProfilesServiceRequest out;
    if (Failed(AboutMessage(whole, out))) return problem_;
    out_ = {out};
    if (story_.coalesce == Coalesce::kLossless) {
      const std::string unjoined = Unjoined(out);
      if (!unjoined.empty()) return "not joined: " + unjoined;
    }
    return Compare("the output means something else", meant_, out_);
  }

  std::string AboutReferences(const SealedBatch& sealed) {
    const EncodeResult result = Encode(sealed, {.attribute_references = true});
    ExportProfilesServiceRequest out;
    if (Failed(AboutMessage(result.messages.at(0).bytes, out))) return problem_;
    return Compare("with references it means something else", out_, {out});
  }

  std::string AboutSorting(const SealedBatch& sealed) {
    for (const bool references : {false, true}) {
      const EncodeOptions options{.row_order = RowOrder::kSorted,
                                  .attribute_references = references};
      const EncodeResult result = Encode(sealed, options);
      ExportProfilesServiceRequest out;
      if (Failed(AboutMessage(result.messages.at(0).bytes, out))) return problem_;
      if (Failed(Compare("sorted it means something else", out_, {out}))) return problem_;
    }
    return "";
  }

  std::string AboutParts(const SealedBatch& sealed, const std::string& whole) {
    const size_t limit = 1 + whole.size() * (story_.split_share % 256) / 256;
    const EncodeResult result = Encode(
        sealed,
        {.row_order = static_cast<RowOrder>(story_.split_share % 2), .max_message_bytes = limit});
    std::vector<ExportProfilesServiceRequest> parts;
    uint64_t profiles = result.oversize_profiles;
    uint64_t samples = result.oversize_samples;
    for (const EncodedMessage& message : result.messages) {
      if (message.bytes.size() > limit) return "a part is larger than the limit";
      if (Failed(AboutMessage(message.bytes, parts.emplace_back()))) return problem_;
      profiles += message.profiles_in;
      samples += message.samples_in;
    }
    if (profiles != profiles_ || samples != samples_)
      return fmt::format("the parts stand for {} profiles and {} samples of {} and {}", profiles,
                         samples, profiles_, samples_);
    if (result.oversize_profiles > 0 || result.oversize_samples > 0) return "";
    const std::string about_samples =
        Difference("the parts mean something else", out_, parts, ForgetPayload);
    if (!about_samples.empty()) return about_samples;
    return Difference("the parts have other payloads", out_, parts, ForgetSamples);
  }

  std::string AboutRepetition(const std::string& whole) {
    const std::string canonical = MergedAgain({whole});
    if (MergedAgain({canonical}) != canonical) return "merging again gives other bytes";
    ExportProfilesServiceRequest out;
    if (Failed(AboutMessage(canonical, out))) return problem_;
    return Compare("merged again it means something else", out_, {out});
  }

  // `batch` has been used before.
  std::string AboutOtherWays(Batch& batch, const std::string& whole) {
    MergeInto(batch, taken_, WithSecret(1));
    if (Whole(batch.Seal()) != whole) return "in used memory it becomes other bytes";
    if (MergedAgain(taken_, 0xA5) != whole) return "with another secret it becomes other bytes";
    std::vector<std::string> reversed(taken_.rbegin(), taken_.rend());
    ExportProfilesServiceRequest out;
    if (Failed(AboutMessage(MergedAgain(reversed), out))) return problem_;
    return Compare("in the opposite order it means something else", out_, {out});
  }

  const MergeStory& story_;
  std::vector<std::string> taken_;
  std::vector<ExportProfilesServiceRequest> meant_;
  std::vector<ExportProfilesServiceRequest> out_;
  uint64_t profiles_ = 0;
  uint64_t samples_ = 0;
  size_t bound_before_last_ = 0;  // what Batch::Fits would go by
  std::string problem_;
};

}  // namespace

std::string MergeDisagreement(const MergeStory& story) { return MergeCheck(story).Run(); }

}  // namespace flameway
