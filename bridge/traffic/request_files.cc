// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/request_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace flameway {
namespace {

constexpr size_t kPrefixBytes = 4;

std::string LastError() { return std::generic_category().message(errno); }

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

std::string Prefix(size_t size) {
  std::string prefix;
  for (int shift = 24; shift >= 0; shift -= 8) {
    prefix.push_back(static_cast<char>(size >> shift & 0xFF));
  }
  return prefix;
}

}  // namespace

void AppendRecord(std::string_view bytes, std::string* out) {
  *out += Prefix(bytes.size());
  *out += bytes;
}

absl::StatusOr<std::unique_ptr<RequestFiles>> RequestFiles::Create(RequestFilesOptions options) {
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error) {
    return absl::FailedPreconditionError("cannot create " + options.folder + ": " +
                                         error.message());
  }
  std::unique_ptr<RequestFiles> files(new RequestFiles(std::move(options)));
  if (absl::Status status = files->Open(); !status.ok()) return status;
  return files;
}

RequestFiles::~RequestFiles() {
  if (fd_ < 0) return;
  close(fd_);
  if (file_bytes_ == 0) unlink(path_.c_str());
}

absl::Status RequestFiles::Open() {
  if (fd_ >= 0) close(fd_);
  do {
    char name[32];
    std::snprintf(name, sizeof name, "requests-%06u.otlp", ++number_);
    path_ = std::filesystem::path(options_.folder) / name;
    fd_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (fd_ < 0 && errno == EEXIST);
  if (fd_ < 0) {
    return absl::FailedPreconditionError("cannot create " + path_ + ": " + LastError());
  }
  file_bytes_ = 0;
  ++files_;
  return absl::OkStatus();
}

absl::Status RequestFiles::Append(std::string_view request) {
  record_.assign(kPrefixBytes, '\0');
  if (options_.codec == Codec::kNone) {
    record_.replace(0, kPrefixBytes, Prefix(request.size()));
    record_ += request;
  } else {
    std::string packed;
    if (absl::Status status = compressor_.Compress(options_.codec, 0, request, &packed);
        !status.ok()) {
      return status;
    }
    record_.replace(0, kPrefixBytes, Prefix(packed.size()));
    record_ += packed;
  }
  if (fd_ < 0 || (file_bytes_ > 0 && file_bytes_ + record_.size() > options_.max_file_bytes)) {
    if (absl::Status status = Open(); !status.ok()) return status;
  }
  if (!WriteAll(fd_, record_)) {
    const std::string reason = LastError();
    // So that the file stays one of whole records.
    if (ftruncate(fd_, static_cast<off_t>(file_bytes_)) != 0 ||
        lseek(fd_, static_cast<off_t>(file_bytes_), SEEK_SET) < 0) {
      close(fd_);
      fd_ = -1;
    }
    return absl::UnknownError("cannot write " + path_ + ": " + reason);
  }
  file_bytes_ += record_.size();
  bytes_ += record_.size();
  return absl::OkStatus();
}

}  // namespace flameway
