// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/rotating_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace flameway {
namespace {

constexpr const char* kBackupTime = "%Y-%m-%dT%H-%M-%E3S";

absl::Status SystemError(std::string_view what, const std::filesystem::path& path) {
  const int error = errno;
  return absl::UnavailableError(std::string(what) + " " + path.string() + ": " +
                                std::generic_category().message(error));
}

absl::TimeZone Zone(bool localtime) {
  return localtime ? absl::LocalTimeZone() : absl::UTCTimeZone();
}

std::string BackupPrefix(const std::filesystem::path& path) { return path.stem().string() + "-"; }

// Whether the records from the start of the file end exactly at its end. Reads 4 bytes for each.
bool EndsWithWholeRecord(int fd, uint64_t size) {
  uint64_t at = 0;
  while (at < size) {
    std::array<uint8_t, 4> length{};
    if (pread(fd, length.data(), length.size(), static_cast<off_t>(at)) != 4) return false;
    const uint64_t message = uint64_t{length[0]} << 24U | uint64_t{length[1]} << 16U |
                             uint64_t{length[2]} << 8U | length[3];
    if (message == 0)
      return false;  // never written by us; a file of zeros is what some crashes leave
    at += 4 + message;
  }
  return at == size;
}

}  // namespace

std::string LengthPrefix(uint32_t size) {
  return {static_cast<char>(size >> 24U), static_cast<char>(size >> 16U & 0xFFU),
          static_cast<char>(size >> 8U & 0xFFU), static_cast<char>(size & 0xFFU)};
}

absl::Status WriteRecord(int fd, std::string_view prefix, std::string_view message) {
  while (!prefix.empty() || !message.empty()) {
    const std::array<iovec, 2> pieces = {{
        {.iov_base = const_cast<char*>(prefix.data()), .iov_len = prefix.size()},
        {.iov_base = const_cast<char*>(message.data()), .iov_len = message.size()},
    }};
    const ssize_t written = writev(fd, pieces.data(), static_cast<int>(pieces.size()));
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) {  // standard output may be a non-blocking pipe
        pollfd poll_fd{.fd = fd, .events = POLLOUT, .revents = 0};
        poll(&poll_fd, 1, -1);
        continue;
      }
      return absl::UnavailableError(std::generic_category().message(errno));
    }
    const size_t of_prefix = std::min(static_cast<size_t>(written), prefix.size());
    prefix.remove_prefix(of_prefix);
    message.remove_prefix(static_cast<size_t>(written) - of_prefix);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<RotatingFile>> RotatingFile::Open(RotatingFileOptions options) {
  std::unique_ptr<RotatingFile> file(new RotatingFile(std::move(options)));
  if (absl::Status status = file->OpenFile(OpenMode::kCheckEnd); !status.ok()) return status;
  return file;
}

RotatingFile::~RotatingFile() {
  if (fd_ >= 0) close(fd_);
}

absl::Status RotatingFile::OpenFile(OpenMode mode) {
  fd_ = open(options_.path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd_ < 0) return SystemError("open", options_.path);
  struct stat stats {};
  if (fstat(fd_, &stats) != 0) return SystemError("stat", options_.path);
  size_ = S_ISREG(stats.st_mode) ? static_cast<uint64_t>(stats.st_size) : 0;
  torn_ = false;
  if (mode == OpenMode::kFresh || !S_ISREG(stats.st_mode)) return absl::OkStatus();
  return EndsWithWholeRecord(fd_, size_) ? absl::OkStatus() : Rotate();
}

absl::Status RotatingFile::Append(std::string_view message) {
  if (message.size() > std::numeric_limits<uint32_t>::max()) {
    return absl::InvalidArgumentError("a record ends at 4 GiB");
  }
  const uint64_t record = 4 + message.size();
  const bool full = options_.max_bytes > 0 && size_ > 0 && size_ + record > options_.max_bytes;
  if (fd_ < 0 || full || torn_) {
    if (absl::Status status = Rotate(); !status.ok()) return status;
  }
  const std::string prefix = LengthPrefix(static_cast<uint32_t>(message.size()));
  if (absl::Status status = WriteRecord(fd_, prefix, message); !status.ok()) {
    torn_ = ftruncate(fd_, static_cast<off_t>(size_)) != 0;
    return absl::UnavailableError("write " + options_.path.string() + ": " +
                                  std::string(status.message()));
  }
  size_ += record;
  return absl::OkStatus();
}

absl::Status RotatingFile::Sync() {
  // Pipes and devices have nothing to sync.
  if (fd_ < 0 || fdatasync(fd_) == 0 || errno == EINVAL) return absl::OkStatus();
  return SystemError("sync", options_.path);
}

absl::Status RotatingFile::Rotate() {
  if (fd_ >= 0) {
    absl::Time time = absl::FromChrono(options_.now());
    std::filesystem::path backup;
    std::error_code error;
    // Two rotations in one millisecond must not replace each other's file.
    do {
      backup = options_.path;
      backup.replace_filename(BackupPrefix(options_.path) +
                              absl::FormatTime(kBackupTime, time, Zone(options_.localtime)) +
                              options_.path.extension().string());
      time += absl::Milliseconds(1);
    } while (std::filesystem::exists(backup, error));
    if (rename(options_.path.c_str(), backup.c_str()) != 0 && errno != ENOENT) {
      return SystemError("rename", options_.path);
    }
    close(fd_);
    fd_ = -1;
  }
  if (absl::Status status = OpenFile(OpenMode::kFresh); !status.ok()) return status;
  RemoveOldBackups();
  return absl::OkStatus();
}

// Best effort: a backup that cannot be removed is tried again at the next rotation.
void RotatingFile::RemoveOldBackups() {
  if (options_.max_backups <= 0 && options_.max_days <= 0) return;
  const std::string prefix = BackupPrefix(options_.path);
  const std::string extension = options_.path.extension().string();
  std::vector<std::pair<absl::Time, std::filesystem::path>> backups;
  std::error_code error;
  const std::filesystem::path folder =
      options_.path.has_parent_path() ? options_.path.parent_path() : std::filesystem::path(".");
  for (auto entry = std::filesystem::directory_iterator(folder, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(prefix) || !name.ends_with(extension)) continue;
    if (name.size() <= prefix.size() + extension.size()) continue;
    const absl::string_view stamp(name.data() + prefix.size(),
                                  name.size() - prefix.size() - extension.size());
    absl::Time time;
    std::string ignored;
    if (absl::ParseTime(kBackupTime, stamp, Zone(options_.localtime), &time, &ignored)) {
      backups.emplace_back(time, entry->path());
    }
  }
  std::sort(backups.begin(), backups.end(), std::greater<>());  // newest first
  const absl::Time oldest = absl::FromChrono(options_.now()) - absl::Hours(24) * options_.max_days;
  for (size_t i = 0; i < backups.size(); ++i) {
    const bool one_too_many =
        options_.max_backups > 0 && i >= static_cast<size_t>(options_.max_backups);
    const bool too_old = options_.max_days > 0 && backups[i].first < oldest;
    if (one_too_many || too_old) std::filesystem::remove(backups[i].second, error);
  }
}

}  // namespace flameway
