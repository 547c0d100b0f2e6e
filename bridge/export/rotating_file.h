// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace flameway {

struct RotatingFileOptions {
  std::filesystem::path path;
  size_t max_bytes = 0;  // a record that would pass it starts a new file; 0: never
  int max_days = 0;      // backups older than this are removed at a rotation; 0: no limit
  int max_backups = 0;   // so are all but the newest; 0: keep all
  bool localtime = false;
  std::function<std::chrono::system_clock::time_point()> now;  // for the names of backups
};

// A file of records, each
//
//   length    4 bytes, big-endian, of what follows
//   message   `length` bytes
//
// that is only ever appended to. Full files are renamed as lumberjack does, and with it the
// Collector: profiles.bin -> profiles-2026-11-23T12-00-00.000.bin, in UTC or local time, beside the
// file itself. A record is in the file whole or not at all: after a failed write the file is cut
// back. A file that does not end with a whole record (a crash, or no file of ours) is moved away as
// a backup when opened: its bytes stay, and what is appended stays readable. Written bytes are the
// operating system's; Sync puts them on disk. Not for several threads at once.
class RotatingFile {
 public:
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<RotatingFile>> Open(
      RotatingFileOptions options);
  ~RotatingFile();
  RotatingFile(const RotatingFile&) = delete;
  RotatingFile& operator=(const RotatingFile&) = delete;

  [[nodiscard]] absl::Status Append(std::string_view message);
  [[nodiscard]] absl::Status Sync();

 private:
  enum class OpenMode : uint8_t { kCheckEnd, kFresh };

  explicit RotatingFile(RotatingFileOptions options) : options_(std::move(options)) {}
  absl::Status OpenFile(OpenMode mode);
  absl::Status Rotate();
  void RemoveOldBackups();

  const RotatingFileOptions options_;
  int fd_ = -1;
  uint64_t size_ = 0;
  bool torn_ = false;  // cutting back has failed too: no more records into this file
};

// The 4 bytes before a message of `size` bytes.
[[nodiscard]] std::string LengthPrefix(uint32_t size);

// Writes prefix and message to `fd`, however many calls that takes. OK or what the system said.
[[nodiscard]] absl::Status WriteRecord(int fd, std::string_view prefix, std::string_view message);

}  // namespace flameway
