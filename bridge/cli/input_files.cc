// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/input_files.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "bridge/cli/status_message.h"
#include "bridge/compress/codec.h"
#include "fmt/format.h"

namespace flameway {
namespace {

namespace fs = std::filesystem;

// The plain files of a folder by name, hidden ones left out.
std::vector<std::string> FilesOf(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_regular_file(error) && !entry->path().filename().native().starts_with('.')) {
      files.push_back(entry->path().native());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// A file of our own user's choosing may be packed as tightly as it likes; only its size is bounded.
DecompressLimits RecordLimits(size_t max_bytes) {
  return {.max_output_bytes = max_bytes, .max_ratio = std::numeric_limits<uint32_t>::max()};
}

}  // namespace

InputFiles::InputFiles(InputFilesOptions options, std::istream& standard_input)
    : standard_input_(standard_input),
      max_file_bytes_(options.max_file_bytes),
      decompressor_(RecordLimits(options.max_file_bytes)) {
  for (std::string& path : options.paths) {
    std::error_code error;
    if (path != "-" && fs::is_directory(path, error)) {
      std::vector<std::string> files = FilesOf(path);
      std::move(files.begin(), files.end(), std::back_inserter(files_));
    } else {
      files_.push_back(std::move(path));
    }
  }
  for (const std::string& file : files_) {
    std::error_code error;
    const uintmax_t size = file == "-" ? 0 : fs::file_size(file, error);
    if (!error) total_bytes_ += size;
  }
}

uint64_t InputFiles::bytes_done() const {
  if (!cursor_.has_value() || file_.bytes.empty()) return finished_bytes_;
  const double share =
      static_cast<double>(cursor_->offset()) / static_cast<double>(file_.bytes.size());
  return finished_bytes_ + static_cast<uint64_t>(share * static_cast<double>(file_.stored_bytes));
}

absl::Status InputFiles::OpenNext() {
  const std::string& path = files_[next_file_++];
  file_ = FileBytes{};  // frees the last file before the next one is read
  absl::StatusOr<FileBytes> file = ReadFileBytes(path, standard_input_, max_file_bytes_);
  if (!file.ok()) return file.status();
  const absl::StatusOr<Framing> framing = DetectFraming(file->bytes);
  if (!framing.ok()) {
    return StatusAt(path, framing.status());
  }
  file_ = *std::move(file);
  framing_ = *framing;
  cursor_.emplace(file_.bytes, framing_);
  next_index_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<std::string_view> InputFiles::UnpackRecord(std::string_view record) {
  const Codec codec = SniffCodec(record);
  if (codec == Codec::kNone) return record;
  const DecompressError error = decompressor_.Decompress(codec, record, &record_);
  if (error == DecompressError::kNone) return record_;
  const absl::StatusCode code = error == DecompressError::kDamaged
                                    ? absl::StatusCode::kDataLoss
                                    : absl::StatusCode::kResourceExhausted;
  return absl::Status(code, fmt::format("{} content is not readable: {}", CodecName(codec),
                                        DecompressErrorName(error)));
}

absl::StatusOr<std::optional<InputMessage>> InputFiles::Next() {
  for (;;) {
    if (!cursor_.has_value()) {
      if (next_file_ == files_.size()) return std::nullopt;
      if (absl::Status status = OpenNext(); !status.ok()) return status;
    }
    const std::string& path = files_[next_file_ - 1];
    const absl::StatusOr<std::optional<std::string_view>> record = cursor_->Next();
    if (!record.ok()) {
      cursor_.reset();
      finished_bytes_ += file_.stored_bytes;
      return StatusAt(path, record.status());
    }
    if (!record->has_value()) {
      cursor_.reset();
      finished_bytes_ += file_.stored_bytes;
      continue;
    }
    InputMessage message;
    message.file = path;
    message.index = next_index_++;
    message.offset = cursor_->offset();
    message.name = framing_ == Framing::kBare ? path : fmt::format("{}[{}]", path, message.index);
    const absl::StatusOr<std::string_view> bytes = UnpackRecord(**record);
    if (!bytes.ok()) {
      return StatusAt(fmt::format("{}: record at byte {}", message.name, message.offset),
                      bytes.status());
    }
    message.bytes = *bytes;
    return message;
  }
}

}  // namespace flameway
