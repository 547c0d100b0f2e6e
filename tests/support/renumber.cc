// SPDX-License-Identifier: Apache-2.0
#include "tests/support/renumber.h"

#include <absl/status/status.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "tests/support/wire_bytes.h"

namespace flameway {
namespace {

constexpr uint32_t kDropped = 0;

enum class Message { kRequest, kResourceProfiles, kScopeProfiles, kProfile, kSample, kValueType };

// Numbers of one field in 1.8, 1.9 and 1.10; kDropped where it does not exist.
using Row = std::array<uint32_t, 3>;

constexpr Row kSampleRows[] = {
    {2, 2, 4},  // values
    {3, 3, 2},  // attribute_indices
    {4, 4, 3},  // link_index
};
constexpr Row kProfileRows[] = {
    {7, kDropped, kDropped},  // comment_strindices
    {8, 7, 7},                // profile_id
    {9, 8, 8},                // dropped_attributes_count
    {10, 9, 9},               // original_payload_format
    {11, 10, 10},             // original_payload
    {12, 11, 11},             // attribute_indices
};
constexpr Row kValueTypeRows[] = {
    {3, kDropped, kDropped},  // aggregation_temporality
};

template <size_t N>
uint32_t Lookup(const Row (&rows)[N], uint32_t number, Dialect from, Dialect to) {
  for (const Row& row : rows) {
    if (row[static_cast<size_t>(from)] == number) return row[static_cast<size_t>(to)];
  }
  return number;
}

uint32_t NewNumber(Message message, uint32_t number, Dialect from, Dialect to) {
  switch (message) {
    case Message::kProfile:
      return Lookup(kProfileRows, number, from, to);
    case Message::kSample:
      return Lookup(kSampleRows, number, from, to);
    case Message::kValueType:
      return Lookup(kValueTypeRows, number, from, to);
    default:
      return number;
  }
}

// The message inside a field, on the way down to what is renumbered.
std::optional<Message> Child(Message message, uint32_t number) {
  switch (message) {
    case Message::kRequest:
      if (number == 1) return Message::kResourceProfiles;
      break;
    case Message::kResourceProfiles:
      if (number == 2) return Message::kScopeProfiles;
      break;
    case Message::kScopeProfiles:
      if (number == 2) return Message::kProfile;
      break;
    case Message::kProfile:
      if (number == 1 || number == 5) return Message::kValueType;
      if (number == 2) return Message::kSample;
      break;
    default:
      break;
  }
  return std::nullopt;
}

// Depth is that of the schema: at most four.
bool Rewrite(Message message, std::string_view in, Dialect from, Dialect to, std::string* out) {
  while (!in.empty()) {
    const std::optional<WireField> field = TakeField(&in);
    if (!field) return false;
    const uint32_t number = NewNumber(message, field->number, from, to);
    if (number == kDropped) continue;
    const std::optional<Message> child = Child(message, field->number);
    if (child && field->type == 2) {
      std::string body;
      if (!Rewrite(*child, field->payload, from, to, &body)) return false;
      AppendTag(number, field->type, out);
      AppendVarint(body.size(), out);
      out->append(body);
    } else if (number == field->number) {
      out->append(field->whole);
    } else {
      AppendTag(number, field->type, out);
      out->append(field->value);
    }
  }
  return true;
}

}  // namespace

absl::StatusOr<std::string> Renumber(std::string_view request, Dialect from, Dialect to) {
  std::string out;
  out.reserve(request.size() + request.size() / 16);
  if (!Rewrite(Message::kRequest, request, from, to, &out)) {
    return absl::InvalidArgumentError("damaged request");
  }
  return out;
}

}  // namespace flameway
