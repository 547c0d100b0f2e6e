// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace flameway {

// How a sender may lay out the same message. Shares are probabilities, drawn per field or number.
struct WireStyle {
  enum class FieldOrder { kAscending, kDescending, kShuffled };
  FieldOrder order = FieldOrder::kAscending;
  double unpacked_share = 0;           // repeated number as one field per element
  double split_share = 0;              // repeated number as several runs, each packed or not
  double overlong_share = 0;           // varints (tags, lengths, numbers) longer than needed
  double explicit_default_share = 0;   // unset field written with its default
  double repeated_singular_share = 0;  // scalar written twice; the last one counts
  double unknown_field_share = 0;      // per message: fields no dialect has, groups too

  // Everything the format allows, often, but for repeated singular fields: a sample with two link
  // indices may rightly be taken for one of an older dialect.
  static WireStyle Anything();
};

// Serialises any message by reflection in one of the many ways that mean the same. The order of the
// elements of one repeated field is kept, as it must be. Never writes a default into a oneof.
// Not thread-safe; equal seeds write equal bytes.
class WireEmitter {
 public:
  WireEmitter(WireStyle style, uint64_t seed) : style_(style), random_(seed) {}

  [[nodiscard]] std::string Emit(const google::protobuf::Message& message);

 private:
  using Field = google::protobuf::FieldDescriptor;
  // The encoded occurrences of one field, in the order they must keep.
  using Pieces = std::vector<std::string>;

  [[nodiscard]] Pieces EmitField(const google::protobuf::Message& message, const Field& field);
  [[nodiscard]] Pieces EmitNumbers(const google::protobuf::Message& message, const Field& field);
  [[nodiscard]] std::string Delimited(const Field& field, std::string_view payload);
  [[nodiscard]] std::string Number(const Field& field, uint64_t bits);
  [[nodiscard]] std::string Join(std::vector<Pieces> fields);
  [[nodiscard]] Pieces UnknownFields();
  void Tag(uint32_t number, uint32_t type, std::string* out);
  void Varint(uint64_t value, std::string* out);
  [[nodiscard]] bool Chance(double share);

  WireStyle style_;
  std::mt19937_64 random_;
};

}  // namespace flameway
