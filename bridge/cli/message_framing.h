// SPDX-License-Identifier: Apache-2.0
// How export requests lie in a file:
//
//   bare             one protobuf message; its length is the file's
//   length-prefixed  record*        record: length, 4 bytes big endian; `length` bytes
//                    (the Collector's file exporter, `format: proto`; with `compression: zstd` each
//                    record's bytes are one zstd frame)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace flameway {

enum class Framing : uint8_t { kBare, kLengthPrefixed };

inline constexpr size_t kLengthPrefixBytes = 4;

// The framing of a file's unpacked content. Bare is what starts with a tag of the request's two
// fields and whose fields fill the file; length-prefixed is what records fill to the last byte.
// What is neither is damaged: it counts as the one its start looks like, and reading it says where
// it ends.
[[nodiscard]] absl::StatusOr<Framing> DetectFraming(std::string_view content);

// Appends the prefix of a record of `size` bytes.
void AppendLengthPrefix(size_t size, std::string* out);

// Walks the records of a content; views point into it.
class RecordCursor {
 public:
  RecordCursor(std::string_view content, Framing framing) : content_(content), framing_(framing) {}

  // The next record, or nothing at the end. A record that reaches past the end is kDataLoss, naming
  // its offset.
  [[nodiscard]] absl::StatusOr<std::optional<std::string_view>> Next();
  // Where the last record's bytes start.
  [[nodiscard]] size_t offset() const { return offset_; }

 private:
  std::string_view content_;
  Framing framing_;
  size_t next_ = 0;
  size_t offset_ = 0;
  bool started_ = false;
};

}  // namespace flameway
