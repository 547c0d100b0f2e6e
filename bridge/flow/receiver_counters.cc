// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/receiver_counters.h"

namespace flameway {
namespace {

constexpr std::string_view kAnswerWords[] = {"accepted", "partial", "invalid", "too_large",
                                             "unavailable"};

size_t AnswerSlot(const Answer& answer) {
  switch (answer.kind) {
    case Answer::Kind::kAccepted:
      return answer.rejected_profiles == 0 ? 0 : 1;
    case Answer::Kind::kInvalid:
      return 2;
    case Answer::Kind::kTooLarge:
      return 3;
    case Answer::Kind::kUnavailable:
      return 4;
  }
  return 4;
}

}  // namespace

std::string_view RefusalCauseWord(RefusalCause cause) {
  constexpr std::string_view kWords[kRefusalCauseCount] = {
      "memory",        "inbox_full", "shutdown", "damaged_compression", "request_too_large",
      "ratio_too_high"};
  return kWords[static_cast<size_t>(cause)];
}

void ReceiverCounters::Count(const DecodeReport& report) {
  profiles_received.Add(report.profiles_received);
  for (size_t i = 0; i < kReasonCount; ++i) {
    if (report.rejected_by_reason[i] > 0) profiles_rejected[i].Add(report.rejected_by_reason[i]);
  }
  refused_samples.Add(report.samples_rejected);
  if (report.outcome != DecodeReport::Outcome::kAccepted) {
    if (report.reason != Reason::kNone) undecodable[static_cast<size_t>(report.reason)].Add();
    return;
  }
  profiles_accepted.Add(report.profiles_accepted());
  accepted_samples.Add(report.samples_accepted());
  unknown_fields.Add(report.unknown_fields);
  for (size_t i = 0; i < kReasonCount; ++i) {
    if (report.repaired_by_reason[i] > 0) invalid_elements[i].Add(report.repaired_by_reason[i]);
  }
  by_schema[static_cast<size_t>(report.dialect)].Add();
  if (report.dialect_ambiguous) schema_ambiguous.Add();
  if (report.dialect_conflict) schema_conflict.Add();
}

void ReceiverCounters::CountAnswer(const Answer& answer) { answers[AnswerSlot(answer)].Add(); }

uint64_t ReceiverCounters::rejected_total() const {
  uint64_t total = 0;
  for (const Counter& counter : profiles_rejected) total += counter.value();
  return total;
}

void ReceiverCounters::Register(Registry& registry, const std::string& receiver,
                                const std::string& transport) const {
  const Labels labels = {{"receiver", receiver}, {"transport", transport}};
  const auto with = [&labels](const char* name, std::string_view value) {
    Labels more = labels;
    more.emplace_back(name, value);
    return more;
  };
  constexpr auto kOnceCounted = Registry::Show::kOnceCounted;
  registry.Add(Metric::kAcceptedSamples, labels, accepted_samples);
  registry.Add(Metric::kRefusedSamples, labels, refused_samples);
  registry.Add(Metric::kFailedSamples, labels, failed_samples);
  registry.Add(Metric::kProfilesReceived, labels, profiles_received);
  registry.Add(Metric::kProfilesAccepted, labels, profiles_accepted);
  registry.Add(Metric::kSchemaAmbiguous, labels, schema_ambiguous);
  registry.Add(Metric::kSchemaConflict, labels, schema_conflict);
  registry.Add(Metric::kUnknownFields, labels, unknown_fields);
  registry.Add(Metric::kReceivedWireBytes, labels, wire_bytes);
  registry.Add(Metric::kReceivedRawBytes, labels, raw_bytes);
  for (size_t i = 0; i < kReasonCount; ++i) {
    const Labels reason = with("reason", ReasonWord(static_cast<Reason>(i)));
    registry.Add(Metric::kProfilesRejected, reason, profiles_rejected[i], kOnceCounted);
    registry.Add(Metric::kInvalidElements, reason, invalid_elements[i], kOnceCounted);
    registry.Add(Metric::kRequestsRefused, reason, undecodable[i], kOnceCounted);
  }
  for (size_t i = 0; i < kRefusalCauseCount; ++i) {
    const auto cause = static_cast<RefusalCause>(i);
    registry.Add(Metric::kRequestsRefused, with("reason", RefusalCauseWord(cause)), refused[i],
                 kOnceCounted);
  }
  for (size_t i = 0; i < answers.size(); ++i) {
    registry.Add(Metric::kRequests, with("outcome", kAnswerWords[i]), answers[i]);
  }
  for (size_t i = 0; i < by_schema.size(); ++i) {
    registry.Add(Metric::kRequestsBySchema, with("schema", DialectName(static_cast<Dialect>(i))),
                 by_schema[i]);
  }
}

}  // namespace flameway
