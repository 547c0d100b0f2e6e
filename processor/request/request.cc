// SPDX-License-Identifier: Apache-2.0
#include "processor/request/request.h"

#include <algorithm>
#include <cstdint>

#include "processor/request/column_prints.h"
#include "processor/request/decoder.h"
#include "processor/request/dialect_sniffer.h"
#include "processor/request/dictionary.h"
#include "processor/request/profile_decoder.h"

namespace flameway {
namespace {

// What a batch's own bound (BatchContent::encoded_bytes_bound) may grow by beside the bytes that
// came in. Row numbers may take more bytes in the batch than in the request: at most 4, the batch's
// tables being bounded by 2^28 rows. Tags and lengths of a row grow by a few bytes more.
constexpr size_t kIndexGrowth = 4;
constexpr size_t kRowGrowth = 24;
constexpr size_t kSampleGrowth = 48;  // with the head of its chunk of points
constexpr size_t kNodeGrowth = 88;    // of profiles, scopes and resources

size_t EncodedBytesBound(std::string_view bytes, const RequestColumns& columns,
                         size_t scratch_bytes) {
  const size_t rows = columns.strings.size() + columns.attributes.size() +
                      columns.functions.size() + columns.mappings.size() +
                      columns.locations.size() + columns.stacks.size() + columns.links.size() +
                      columns.lines.size();
  const size_t nodes = columns.profiles.size() + columns.scopes.size() + columns.resources.size();
  const size_t indices = columns.stack_locations.size() + columns.attribute_indices.size();
  return bytes.size() + scratch_bytes + kRowGrowth * rows + kSampleGrowth * columns.samples.size() +
         kNodeGrowth * nodes + kIndexGrowth * indices;
}

}  // namespace

Request::Request(const RequestOptions& options)
    : options_(options), fingerprinter_(options.secret, options.hash) {}

const DecodeReport& Request::Decode(std::string_view bytes, const DecodeContext& context) {
  report_.Clear();
  scratch_.Reset();
  index_.Clear();
  profile_messages_.clear();
  columns_.Clear();
  encoded_bytes_bound_ = 0;
  flawless_ = false;
  if (DecodeWith(bytes, context)) {
    SettleVerdicts();
    flawless_ = flawless_ && NothingWasAmiss();
  } else {
    // What a refused request held is not known, so nothing of it is counted.
    report_.samples_received = 0;
  }
  if (report_.outcome != DecodeReport::Outcome::kAccepted) columns_.Clear();
  return report_;
}

bool Request::DecodeWith(std::string_view bytes, const DecodeContext& context) {
  Decoder decoder(options_.limits, fingerprinter_, columns_, scratch_, report_);
  decoder.bytes = bytes;
  decoder.instructions = options_.instructions;
  decoder.index_list = std::move(index_list_);
  decoder.text = std::move(text_);
  const bool accepted = DecodeInto(decoder, context);
  index_list_ = std::move(decoder.index_list);
  index_list_.Clear();
  text_ = std::move(decoder.text);
  return accepted;
}

bool Request::DecodeInto(Decoder& decoder, const DecodeContext& context) {
  const std::string_view bytes = decoder.bytes;
  if (bytes.size() > std::min<size_t>(options_.limits.max_request_bytes, UINT32_MAX))
    return decoder.Fail(Reason::kRequestTooLarge, nullptr);
  DictionaryDecoder dictionary(decoder);
  if (!IndexTables(decoder, dictionary, index_)) return false;
  if (!dictionary.Decode(index_)) return false;
  if (!DecodeOrigins(decoder, index_.resource_profiles, origins_, profile_messages_)) return false;
  report_.dialect = context.known_dialect ? *context.known_dialect
                                          : SniffDialect(decoder, index_.resource_profiles,
                                                         context.assumed_dialect, report_);
  const bool accepted[] = {options_.accept_1_8, options_.accept_1_9, options_.accept_1_10};
  if (!profile_messages_.empty() && !accepted[static_cast<size_t>(report_.dialect)]) {
    return decoder.Fail(Reason::kSchemaNotAccepted, nullptr);
  }
  ProfileDecoder profiles(decoder, collected_, report_.dialect);
  for (size_t i = 0; i < profile_messages_.size(); ++i) {
    if (!profiles.Decode(profile_messages_[i], columns_.profiles[i])) return false;
  }
  PrintSamples(fingerprinter_, columns_);
  encoded_bytes_bound_ = EncodedBytesBound(bytes, columns_, scratch_.used_bytes());
  flawless_ = decoder.plain && !decoder.references_seen;
  return true;
}

bool Request::NothingWasAmiss() const {
  return report_.outcome == DecodeReport::Outcome::kAccepted && report_.profiles_rejected == 0 &&
         report_.dialect == Dialect::kV1_10 && !report_.dialect_conflict &&
         report_.unknown_fields == 0 && columns_.all_good() &&
         std::all_of(report_.repaired_by_reason.begin(), report_.repaired_by_reason.end(),
                     [](uint64_t count) { return count == 0; });
}

// Counts the verdicts, and turns "every profile refused" into a refusal of the request: senders
// take a partial success for a success.
void Request::SettleVerdicts() {
  report_.profiles_received = columns_.profiles.size();
  for (uint32_t r = 0; r < columns_.resources.size(); ++r) {
    const ListSpan& scopes = columns_.resources[r].scopes;
    for (uint32_t s = 0; s < scopes.count; ++s) {
      const ListSpan& profiles = columns_.scopes[scopes.begin + s].profiles;
      for (uint32_t p = 0; p < profiles.count; ++p) {
        const IncomingProfile& profile = columns_.profiles[profiles.begin + p];
        if (profile.reason == Reason::kNone) {
          report_.samples_repaired_away += profile.empty_samples;
          report_.repaired_by_reason[static_cast<size_t>(Reason::kSampleEmpty)] +=
              profile.empty_samples;
          continue;
        }
        ++report_.profiles_rejected;
        ++report_.rejected_by_reason[static_cast<size_t>(profile.reason)];
        report_.samples_rejected += profile.samples.count + profile.empty_samples;
        if (report_.examples.size() < DecodeReport::kMaxExamples) {
          report_.examples.push_back({.resource_index = r,
                                      .scope_index = s,
                                      .profile_index = p,
                                      .reason = profile.reason});
        }
      }
    }
  }
  if (report_.profiles_rejected > 0 && report_.profiles_accepted() == 0) {
    report_.outcome = DecodeReport::Outcome::kInvalid;
    report_.reason = report_.examples.front().reason;
  }
}

}  // namespace flameway
