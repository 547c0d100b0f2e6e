// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bridge/cli/file_bytes.h"
#include "bridge/cli/message_framing.h"
#include "bridge/compress/decompressor.h"

namespace flameway {

struct InputFilesOptions {
  std::vector<std::string> paths;  // files, folders (their files by name), "-" for standard input
  size_t max_file_bytes = size_t{4} << 30;  // unpacked; that much memory may be held
};

// One export request, uncompressed. Views live until the next call of Next.
struct InputMessage {
  std::string_view bytes;
  std::string_view file;  // as given on the command line; "-" for standard input
  size_t index = 0;       // among the messages of the file
  size_t offset = 0;      // of the message (or its compressed record) in the unpacked file
  // "file" for the only message of a bare file, "file[3]" for a record.
  std::string name;
};

// The messages of many files in order, however they are packed: bare or length-prefixed, plain,
// gzip or zstd as a whole, gzip, zstd or snappy by record. Holds one file at a time. One thread.
class InputFiles {
 public:
  // `standard_input` is borrowed.
  InputFiles(InputFilesOptions options, std::istream& standard_input);

  // The next message, or nothing after the last one. After an error, which names file, offset and
  // what to do, the next call goes on with what can still be read: the next record, else the next
  // file.
  [[nodiscard]] absl::StatusOr<std::optional<InputMessage>> Next();

  // For progress, in bytes as the files are stored.
  [[nodiscard]] uint64_t total_bytes() const { return total_bytes_; }
  [[nodiscard]] uint64_t bytes_done() const;

 private:
  [[nodiscard]] absl::Status OpenNext();
  [[nodiscard]] absl::StatusOr<std::string_view> UnpackRecord(std::string_view record);

  std::istream& standard_input_;
  size_t max_file_bytes_;
  std::vector<std::string> files_;
  uint64_t total_bytes_ = 0;
  uint64_t finished_bytes_ = 0;

  size_t next_file_ = 0;
  std::optional<RecordCursor> cursor_;  // of the open file
  FileBytes file_;
  Framing framing_ = Framing::kBare;
  size_t next_index_ = 0;
  Decompressor decompressor_;
  std::string record_;
};

}  // namespace flameway
