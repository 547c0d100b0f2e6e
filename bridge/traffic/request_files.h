// SPDX-License-Identifier: Apache-2.0
// Requests in files, as the Collector's file exporter writes them with `format: proto`:
//
//   file    := record*
//   record  := length: 4 bytes, big endian; `length` bytes: an export request, or one zstd frame
//              of it
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bridge/compress/codec.h"
#include "bridge/compress/compressor.h"

namespace flameway {

struct RequestFilesOptions {
  std::string folder;                         // made if it is not there
  size_t max_file_bytes = size_t{100} << 20;  // a request beyond it begins a new file
  Codec codec = Codec::kNone;                 // of the records: none or zstd
};

// Appends requests to files of a folder, "requests-000001.otlp" and on; files that are there are
// left alone. What Append took is with the system: it survives the process, not the machine. One
// thread.
class RequestFiles {
 public:
  // kFailedPrecondition when the folder cannot be made or written to.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<RequestFiles>> Create(
      RequestFilesOptions options);
  ~RequestFiles();
  RequestFiles(const RequestFiles&) = delete;
  RequestFiles& operator=(const RequestFiles&) = delete;

  // After an error, of which a partly written record is undone, the next call tries again.
  [[nodiscard]] absl::Status Append(std::string_view request);

  [[nodiscard]] uint64_t files() const { return files_; }
  [[nodiscard]] uint64_t bytes() const { return bytes_; }  // on disk

 private:
  explicit RequestFiles(RequestFilesOptions options) : options_(std::move(options)) {}
  [[nodiscard]] absl::Status Open();

  const RequestFilesOptions options_;
  Compressor compressor_;
  std::string record_;
  std::string path_;
  int fd_ = -1;
  size_t file_bytes_ = 0;
  uint32_t number_ = 0;
  uint64_t files_ = 0;
  uint64_t bytes_ = 0;
};

// Appends one record.
void AppendRecord(std::string_view bytes, std::string* out);

}  // namespace flameway
