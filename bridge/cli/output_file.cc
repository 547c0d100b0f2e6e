// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "fmt/format.h"

namespace flameway {
namespace {

std::string LastError() { return std::generic_category().message(errno); }

bool WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

// Something that cannot be renamed over: a pipe, a terminal, /dev/null.
bool IsSpecial(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

}  // namespace

absl::Status WriteOutputFile(const std::string& path, std::string_view content,
                             std::ostream& standard_output) {
  if (path == "-") {
    standard_output.write(content.data(), static_cast<std::streamsize>(content.size()));
    standard_output.flush();
    if (!standard_output) return absl::UnknownError("standard output: write failed");
    return absl::OkStatus();
  }
  const bool special = IsSpecial(path);
  // A link keeps pointing where it did: the file behind it is what gets replaced.
  std::error_code error;
  std::string target = path;
  if (!special && std::filesystem::is_symlink(path, error)) {
    const std::filesystem::path behind = std::filesystem::weakly_canonical(path, error);
    if (!error) target = behind.native();
  }
  const std::string name = special ? target : fmt::format("{}.{}.tmp", target, getpid());
  const int fd = open(name.c_str(), O_WRONLY | O_CLOEXEC | (special ? 0 : O_CREAT | O_EXCL), 0666);
  if (fd < 0) {
    return absl::FailedPreconditionError(fmt::format("cannot create {}: {}", path, LastError()));
  }
  bool written = WriteAll(fd, content);
  std::string reason = written ? "" : LastError();
  if (close(fd) != 0 && written) {
    written = false;
    reason = LastError();
  }
  if (special) {
    if (written) return absl::OkStatus();
    return absl::UnknownError(fmt::format("cannot write {}: {}", path, reason));
  }
  if (!written) {
    unlink(name.c_str());
    return absl::UnknownError(fmt::format("cannot write {}: {}", path, reason));
  }
  if (std::rename(name.c_str(), target.c_str()) != 0) {
    const std::string rename_reason = LastError();
    unlink(name.c_str());
    return absl::FailedPreconditionError(fmt::format("cannot create {}: {}", path, rename_reason));
  }
  return absl::OkStatus();
}

}  // namespace flameway
