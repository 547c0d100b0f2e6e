// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/request_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "bridge/compress/codec.h"
#include "bridge/export/request_headers.h"
#include "bridge/export/rotating_file.h"

namespace flameway {
namespace {

std::string_view Extension(Codec codec) {
  switch (codec) {
    case Codec::kNone:
      return ".otlp";
    case Codec::kGzip:
      return ".otlp.gz";
    case Codec::kZstd:
      return ".otlp.zst";
    case Codec::kSnappy:
      return ".otlp.sz";
  }
  return ".otlp";
}

absl::Status SystemError(std::string_view what, const std::filesystem::path& path, int error) {
  return absl::UnavailableError(std::string(what) + " " + path.string() + ": " +
                                std::generic_category().message(error));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RequestFolder>> RequestFolder::Open(std::filesystem::path folder,
                                                                   Clock now) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return SystemError("create", folder, error.value());
  if (access(folder.c_str(), W_OK | X_OK) != 0) return SystemError("write to", folder, errno);
  return std::unique_ptr<RequestFolder>(new RequestFolder(std::move(folder), std::move(now)));
}

std::string RequestFolder::NextName(const Frame& frame) {
  const std::string stamp =
      absl::FormatTime("%Y%m%dT%H%M%E6SZ", absl::FromChrono(now_()), absl::UTCTimeZone());
  const uint32_t number = ++sequence_;
  return absl::StrFormat("%s-%06u-%s", stamp, number, BatchIdText(frame.id).substr(0, 8)) +
         std::string(Extension(frame.codec));
}

absl::Status RequestFolder::Put(const Frame& frame) {
  const std::string name = NextName(frame);
  const std::filesystem::path path = folder_ / name;
  // A dot in front keeps it out of globs; O_EXCL keeps two processes on one folder apart.
  const std::filesystem::path temporary = folder_ / ("." + name + ".tmp");
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return SystemError("create", temporary, errno);
  absl::Status status = WriteRecord(fd, {}, frame.payload);
  if (!status.ok()) {
    status = absl::UnavailableError("write " + temporary.string() + ": " +
                                    std::string(status.message()));
  }
  // Network file systems report a full disk here.
  if (close(fd) != 0 && status.ok()) status = SystemError("close", temporary, errno);
  if (status.ok() && std::rename(temporary.c_str(), path.c_str()) != 0) {
    status = SystemError("rename", temporary, errno);
  }
  if (!status.ok()) unlink(temporary.c_str());
  return status;
}

}  // namespace flameway
