// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/message_framing.h"

#include "absl/status/status.h"
#include "fmt/format.h"
#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

size_t LoadLength(std::string_view prefix) {
  size_t length = 0;
  for (size_t i = 0; i < kLengthPrefixBytes; ++i) {
    length = length << 8 | static_cast<unsigned char>(prefix[i]);
  }
  return length;
}

bool RecordsFill(std::string_view content) {
  while (content.size() >= kLengthPrefixBytes) {
    const size_t length = LoadLength(content);
    content.remove_prefix(kLengthPrefixBytes);
    if (length > content.size()) return false;
    content.remove_prefix(length);
  }
  return content.empty();
}

bool FieldsFill(std::string_view content) {
  wire::Reader fields(content);
  while (fields.Next()) {
  }
  return fields.error() == wire::ReadError::kNone;
}

bool StartsLikeRequest(std::string_view content) {
  constexpr auto kStart = [](uint32_t field) {
    return static_cast<char>(wire::Tag(field, wire::WireType::kBytes));
  };
  using namespace otlp::ExportProfilesServiceRequest;  // NOLINT(build/namespaces): two constants
  return content.front() == kStart(resource_profiles) || content.front() == kStart(dictionary);
}

}  // namespace

absl::StatusOr<Framing> DetectFraming(std::string_view content) {
  if (content.empty()) return Framing::kBare;
  if (StartsLikeRequest(content)) {
    // So does the length of a first record of more than 160 MiB.
    const bool is_records = !FieldsFill(content) && RecordsFill(content);
    return is_records ? Framing::kLengthPrefixed : Framing::kBare;
  }
  if (content.front() == '{' || content.front() == '[') {
    return absl::InvalidArgumentError("looks like JSON; give OTLP protobuf");
  }
  // The first record is whole; whether all are, the cursor tells.
  if (content.size() >= kLengthPrefixBytes &&
      LoadLength(content) <= content.size() - kLengthPrefixBytes) {
    return Framing::kLengthPrefixed;
  }
  if (FieldsFill(content)) return Framing::kBare;
  return absl::InvalidArgumentError(
      "is neither an OTLP profiles message nor records with a 4-byte length each");
}

void AppendLengthPrefix(size_t size, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8) out->push_back(static_cast<char>(size >> shift));
}

absl::StatusOr<std::optional<std::string_view>> RecordCursor::Next() {
  if (framing_ == Framing::kBare) {
    if (started_) return std::nullopt;
    started_ = true;
    return content_;
  }
  if (next_ == content_.size()) return std::nullopt;
  const std::string_view rest = content_.substr(next_);
  if (rest.size() < kLengthPrefixBytes) {
    const size_t at = next_;
    next_ = content_.size();
    return absl::DataLossError(
        fmt::format("ends inside the length of a record at byte {}; the file is cut", at));
  }
  const size_t length = LoadLength(rest);
  if (length > rest.size() - kLengthPrefixBytes) {
    const size_t at = next_;
    next_ = content_.size();
    return absl::DataLossError(
        fmt::format("record at byte {} says {} bytes where {} are left; the file is cut", at,
                    length, rest.size() - kLengthPrefixBytes));
  }
  offset_ = next_ + kLengthPrefixBytes;
  next_ = offset_ + length;
  return rest.substr(kLengthPrefixBytes, length);
}

}  // namespace flameway
