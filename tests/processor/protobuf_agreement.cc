// SPDX-License-Identifier: Apache-2.0
#include "tests/processor/protobuf_agreement.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "processor/processor.h"
#include "processor/request/utf8.h"
#include "proto/wire/reader.h"
#include "proto/wire/writer.h"
#include "tests/support/expanded_profiles.h"
#include "tests/support/schema.h"
#include "tests/support/well_formed.h"

namespace flameway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using schema::ExportProfilesServiceRequest;

// A message written plainly.
class PlainWriter {
 public:
  // False when a part of the message is damaged. `lists` counts those around it.
  bool Append(std::string_view message, const Descriptor& type, int lists, std::string& out) {
    wire::Reader fields(message);
    while (fields.Next()) {
      const FieldDescriptor* field = type.FindFieldByNumber(static_cast<int>(fields.field()));
      if (field == nullptr) continue;
      wire::Writer writer(&out);
      switch (fields.type()) {
        case wire::WireType::kVarint:
          writer.VarintField(fields.field(), fields.value());
          break;
        case wire::WireType::kFixed64:
          writer.Fixed64Field(fields.field(), fields.value());
          break;
        case wire::WireType::kBytes:
          if (!AppendBytes(fields.bytes(), *field, lists, out)) return false;
          break;
        default:
          break;
      }
    }
    return fields.error() == wire::ReadError::kNone;
  }

  // The decoder does not look below its depth limit, so it cannot be held to what is there.
  [[nodiscard]] bool too_deep() const { return too_deep_; }

 private:
  bool AppendBytes(std::string_view bytes, const FieldDescriptor& field, int lists,
                   std::string& out) {
    wire::Writer writer(&out);
    if (field.type() == FieldDescriptor::TYPE_STRING) {
      writer.BytesField(static_cast<uint32_t>(field.number()), RepairUtf8(bytes, scratch_));
      return true;
    }
    if (field.type() != FieldDescriptor::TYPE_MESSAGE) {
      writer.BytesField(static_cast<uint32_t>(field.number()), bytes);
      return true;
    }
    const Descriptor& type = *field.message_type();
    lists += type.name() == "ArrayValue" || type.name() == "KeyValueList" ? 1 : 0;
    if (lists > 32) {
      too_deep_ = true;
      return true;
    }
    std::string inner;
    if (!Append(bytes, type, lists, inner)) return false;
    writer.BytesField(static_cast<uint32_t>(field.number()), inner);
    return true;
  }

  Scratch scratch_;
  bool too_deep_ = false;
};

bool ParsesWithProtobuf(std::string_view bytes, ExportProfilesServiceRequest& request) {
  google::protobuf::io::CodedInputStream input(reinterpret_cast<const uint8_t*>(bytes.data()),
                                               static_cast<int>(bytes.size()));
  input.SetRecursionLimit(10'000);
  return request.ParseFromCodedStream(&input) && input.ConsumedEntireMessage();
}

// Repairs that do not change what libprotobuf reads, or not in the oracle's eyes.
bool OnlyHarmlessRepairs(const DecodeReport& report) {
  constexpr Reason kHarmless[] = {
      Reason::kDuplicateField, Reason::kBadUtf8,      Reason::kTableEmpty,
      Reason::kNullAttribute,  Reason::kDuplicateKey, Reason::kDictionaryMissing,
      Reason::kSampleEmpty,    Reason::kBadProfileId, Reason::kKeyConflict,
  };
  for (size_t i = 0; i < kReasonCount; ++i) {
    if (report.repaired_by_reason[i] > 0 &&
        std::ranges::find(kHarmless, static_cast<Reason>(i)) == std::end(kHarmless)) {
      return false;
    }
  }
  return true;
}

std::string AboutRefusal(const DecodeReport& report, std::string_view bytes) {
  // Every profile refused, one by one: the wire was fine.
  if (report.profiles_rejected > 0) return "";
  for (const StricterThanProtobuf& known : kStricterThanProtobuf) {
    if (report.reason == known.reason) return "";
  }
  ExportProfilesServiceRequest request;
  if (!ParsesWithProtobuf(bytes, request)) return "";
  return "refused, but libprotobuf takes it: " + report.Message();
}

std::string AboutOutput(std::string_view merged, const ExportProfilesServiceRequest* meant) {
  ExportProfilesServiceRequest out;
  if (!ParsesWithProtobuf(merged, out)) return "libprotobuf does not take the output";
  for (const std::string& problem : CheckWellFormed(out)) {
    // Lists of pairs inside a value belong to the sender.
    if (!problem.starts_with("kvlist")) return "output: " + problem;
  }
  if (meant == nullptr) return "";
  ExpandedProfiles expected;
  ExpandedProfiles actual;
  expected.Add(*meant);
  actual.Add(out);
  return expected == actual ? "" : "the meaning changed:\n" + expected.DiffText(actual, 40);
}

}  // namespace

std::string DisagreementWithProtobuf(std::string_view bytes) {
  Processor processor({});
  const DecodeReport& report = processor.Decode(bytes, {.known_dialect = Dialect::kV1_10});
  if (report.outcome != DecodeReport::Outcome::kAccepted) return AboutRefusal(report, bytes);

  processor.Merge();
  std::string merged;
  for (const EncodedMessage& message : Encode(processor.Seal(), {}).messages) {
    merged += message.bytes;
  }
  PlainWriter writer;
  std::string plain;
  const bool sound = writer.Append(bytes, *ExportProfilesServiceRequest::descriptor(), 0, plain);
  if (writer.too_deep()) return AboutOutput(merged, nullptr);
  ExportProfilesServiceRequest meant;
  if (!sound || !ParsesWithProtobuf(plain, meant)) {
    // Parts of a message that came in pieces are read as one, protobuf reads each by itself.
    const size_t pieces = report.repaired_by_reason[static_cast<size_t>(Reason::kDuplicateField)];
    return pieces > 0 ? "" : "accepted, but libprotobuf does not take it";
  }
  const bool comparable = report.profiles_rejected == 0 && OnlyHarmlessRepairs(report);
  return AboutOutput(merged, comparable ? &meant : nullptr);
}

}  // namespace flameway
