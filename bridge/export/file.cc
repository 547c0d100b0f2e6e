// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/file.h"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "bridge/export/failed_delivery.h"
#include "bridge/export/request_folder.h"
#include "bridge/export/rotating_file.h"
#include "bridge/observe/mutex.h"

namespace flameway {
namespace {

using Layout = FileExporterOptions::Layout;
using WallClock = std::function<std::chrono::system_clock::time_point()>;

class FileExporter final : public Exporter {
 public:
  FileExporter(const FileExporterOptions& options, WallClock now)
      : options_(options), now_(std::move(now)) {}

  WireForm wire_form() const override { return options_.wire_form; }
  absl::Status Start() override;
  std::unique_ptr<ExportLane> OpenLane() override;
  void Stop() override;

  // Any lane.
  absl::Status Write(const Frame& frame);

 private:
  [[nodiscard]] bool to_standard_output() const { return options_.path == "-"; }

  const FileExporterOptions options_;
  const WallClock now_;
  std::unique_ptr<RequestFolder> folder_;  // set by Start, has its own thread rule

  Mutex mutex_;  // one record at a time
  std::unique_ptr<RotatingFile> file_ ABSL_GUARDED_BY(mutex_);
};

class FileLane final : public ExportLane {
 public:
  // `exporter` outlives its lanes.
  explicit FileLane(FileExporter* exporter) : exporter_(exporter) {}

  Delivery Deliver(const Frame& frame) override {
    const absl::Status written = exporter_->Write(frame);
    if (written.ok()) return {};
    const bool hopeless = absl::IsInvalidArgument(written);
    return FailedDelivery(hopeless ? Delivery::Outcome::kPermanent : Delivery::Outcome::kRetry,
                          hopeless ? "request_too_large" : "io", std::string(written.message()));
  }

 private:
  FileExporter* const exporter_;
};

absl::Status FileExporter::Start() {
  if (options_.layout == Layout::kOneRequestPerFile) {
    auto folder = RequestFolder::Open(options_.path, now_);
    if (!folder.ok()) return folder.status();
    folder_ = *std::move(folder);
    return absl::OkStatus();
  }
  if (to_standard_output()) return absl::OkStatus();
  // A folder that cannot be made shows as the file that cannot be opened.
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(options_.path).parent_path(), ignored);
  auto file = RotatingFile::Open({.path = options_.path,
                                  .max_bytes = options_.rotation_max_bytes,
                                  .max_days = options_.rotation_max_days,
                                  .max_backups = options_.rotation_max_backups,
                                  .localtime = options_.rotation_localtime,
                                  .now = now_});
  if (!file.ok()) return file.status();
  const MutexLock lock(mutex_);
  file_ = *std::move(file);
  return absl::OkStatus();
}

std::unique_ptr<ExportLane> FileExporter::OpenLane() { return std::make_unique<FileLane>(this); }

void FileExporter::Stop() {
  const MutexLock lock(mutex_);
  // Nobody is left to retry for: what cannot be synced is as safe as any other page of the system.
  if (file_ != nullptr) static_cast<void>(file_->Sync());
  file_.reset();
}

absl::Status FileExporter::Write(const Frame& frame) {
  if (options_.layout == Layout::kOneRequestPerFile) {
    if (folder_ == nullptr) return absl::UnavailableError("the exporter was not started");
    return folder_->Put(frame);
  }
  const MutexLock lock(mutex_);
  if (to_standard_output()) {
    if (frame.payload.size() > std::numeric_limits<uint32_t>::max()) {
      return absl::InvalidArgumentError("a record ends at 4 GiB");
    }
    return WriteRecord(STDOUT_FILENO, LengthPrefix(static_cast<uint32_t>(frame.payload.size())),
                       frame.payload);
  }
  if (file_ == nullptr) return absl::UnavailableError("the exporter was not started");
  return file_->Append(frame.payload);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Exporter>> CreateFileExporter(const FileExporterOptions& options) {
  return CreateFileExporter(options, [] { return std::chrono::system_clock::now(); });
}

absl::StatusOr<std::unique_ptr<Exporter>> CreateFileExporter(const FileExporterOptions& options,
                                                             WallClock now) {
  if (options.path.empty()) return absl::InvalidArgumentError("path: must not be empty");
  if (options.path == "-" && options.layout == Layout::kOneRequestPerFile) {
    return absl::InvalidArgumentError("path: standard output is no folder");
  }
  return std::make_unique<FileExporter>(options, std::move(now));
}

}  // namespace flameway
