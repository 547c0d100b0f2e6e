// SPDX-License-Identifier: Apache-2.0
#include "tests/processor/protobuf_agreement.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "processor/processor.h"
#include "tests/processor/plain_message.h"
#include "tests/processor/request_meaning.h"
#include "tests/support/expanded_profiles.h"
#include "tests/support/schema.h"
#include "tests/support/well_formed.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;

bool ParsesWithProtobuf(std::string_view bytes, ExportProfilesServiceRequest& request) {
  const google::protobuf::LogSilencer no_line_for_each_broken_string;
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  input.SetRecursionLimit(10'000);
  return request.ParseFromCodedStream(&input) && input.ConsumedEntireMessage();
}

std::string Merged(const Request& request) {
  Batch batch({});
  batch.Merge(request);
  std::string merged;
  for (const EncodedMessage& message : Encode(batch.Seal(), {}).messages) merged += message.bytes;
  return merged;
}

// Whether the bytes hold what they are refused for.
bool IsShown(Reason reason, const PlainMessage& plain, std::string_view bytes) {
  ExportProfilesServiceRequest request;
  switch (reason) {
    case Reason::kTruncated:
    case Reason::kVarintTooLong:
      // A varint cut off at its tenth byte is both.
      return plain.Shows(Reason::kTruncated) || plain.Shows(Reason::kVarintTooLong);
    case Reason::kSchemaTooOld:
      return plain.Shows(Reason::kWrongWireType);
    case Reason::kRow0NotZero:
      // Where the bytes are damaged elsewhere libprotobuf does not tell.
      return !ParsesWithProtobuf(plain.bytes, request) ||
             (request.dictionary().string_table_size() > 0 &&
              !request.dictionary().string_table(0).empty());
    case Reason::kTooManyElements:
      return bytes.size() > size_t{1} << 20;
    case Reason::kRequestTooLarge:
      return bytes.size() > size_t{16} << 10;
    default:
      return plain.Shows(reason);
  }
}

std::string AboutRefusal(const DecodeReport& report, const PlainMessage& plain,
                         std::string_view bytes) {
  if (!IsShown(report.reason, plain, bytes))
    return fmt::format("refused as {}, which it is not", ReasonWord(report.reason));
  const bool listed = std::ranges::any_of(
      kStricterThanProtobuf, [&](const auto& known) { return known.reason == report.reason; });
  if (listed && (report.reason != Reason::kBadTag || plain.long_tag)) return "";
  ExportProfilesServiceRequest request;
  if (!ParsesWithProtobuf(bytes, request)) return "";
  return "refused, but libprotobuf takes it: " + report.Message();
}

std::string AboutVerdicts(const DecodeReport& report, const RequestMeaning& meaning) {
  if (report.profiles_received != static_cast<uint64_t>(meaning.profiles))
    return fmt::format("{} profiles instead of {}", report.profiles_received, meaning.profiles);
  if (report.profiles_rejected != meaning.refused.size())
    return fmt::format("{} profiles refused instead of {}: {}", report.profiles_rejected,
                       meaning.refused.size(), report.Message());
  for (size_t i = 0; i < report.examples.size(); ++i) {
    const RejectedProfile& example = report.examples[i];
    const ProfilePlace place{.resource = static_cast<int>(example.resource_index),
                             .scope = static_cast<int>(example.scope_index),
                             .profile = static_cast<int>(example.profile_index)};
    if (meaning.refused[i] != place) return "refused another profile: " + example.FieldPath();
  }
  return "";
}

std::string AboutOutput(std::string_view merged, const ExportProfilesServiceRequest& meant) {
  ExportProfilesServiceRequest out;
  if (!ParsesWithProtobuf(merged, out)) return "libprotobuf does not take the output";
  for (const std::string& problem : CheckWellFormed(out)) {
    // Lists of pairs inside a value belong to the sender.
    if (!problem.starts_with("kvlist")) return "output: " + problem;
  }
  ExpandedProfiles expected;
  ExpandedProfiles actual;
  expected.Add(meant);
  actual.Add(out);
  return expected == actual ? "" : "the meaning changed:\n" + expected.DiffText(actual, 40);
}

// What asks for its dialect itself is read as if it had been known.
std::string AboutDialect(std::string_view bytes) {
  Request asked{RequestOptions{}};
  Request known{RequestOptions{}};
  const DecodeReport& report = asked.Decode(bytes);
  const DecodeReport& same = known.Decode(bytes, {.known_dialect = report.dialect});
  const bool equal = report.outcome == same.outcome && report.reason == same.reason &&
                     report.profiles_rejected == same.profiles_rejected &&
                     Merged(asked) == Merged(known);
  return equal ? "" : fmt::format("not read as {}", DialectName(report.dialect));
}

}  // namespace

std::string DisagreementWithProtobuf(std::string_view bytes) {
  const PlainMessage plain(bytes);
  Request request{RequestOptions{}};
  const DecodeReport& report = request.Decode(bytes, {.known_dialect = Dialect::kV1_10});
  const bool all_refused = report.profiles_rejected > 0 && report.profiles_accepted() == 0;
  const bool taken = report.outcome == DecodeReport::Outcome::kAccepted;
  if (!taken && !all_refused) return AboutRefusal(report, plain, bytes);
  if (taken == all_refused) return "the outcome contradicts the verdicts";
  if (plain.too_deep) return "";
  ExportProfilesServiceRequest parsed;
  if (!plain.sound()) return "accepted, but it is not sound";
  if (!ParsesWithProtobuf(plain.bytes, parsed)) return "accepted, but libprotobuf does not take it";
  const RequestMeaning meaning(parsed);
  std::string problem = AboutVerdicts(report, meaning);
  if (problem.empty()) problem = AboutOutput(Merged(request), meaning.accepted);
  if (problem.empty()) problem = AboutDialect(bytes);
  return problem;
}

}  // namespace flameway
