// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/debug.h"

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "bridge/export/message_text.h"
#include "bridge/export/request_headers.h"
#include "bridge/observe/mutex.h"

namespace flameway {
namespace {

class DebugExporter final : public Exporter {
 public:
  DebugExporter(const DebugExporterOptions& options, DebugSink sink)
      : options_(options), sink_(std::move(sink)) {}

  WireForm wire_form() const override { return {.codec = Codec::kNone}; }
  std::unique_ptr<ExportLane> OpenLane() override;

  // Any lane.
  void Print(const Frame& frame) {
    std::string text = "batch " + BatchIdText(frame.id) + ": ";
    if (frame.codec == Codec::kNone) {
      text += DescribeRequest(frame.payload, options_.verbosity);
    } else {
      text += std::string(CodecName(frame.codec)) + ", " + std::to_string(frame.payload.size()) +
              " bytes, samples: " + std::to_string(frame.samples_out) + "\n";
    }
    const MutexLock lock(mutex_);
    sink_(std::move(text));
  }

 private:
  const DebugExporterOptions options_;
  Mutex mutex_;
  const DebugSink sink_ ABSL_GUARDED_BY(mutex_);
};

class DebugLane final : public ExportLane {
 public:
  // `exporter` outlives its lanes.
  explicit DebugLane(DebugExporter* exporter) : exporter_(exporter) {}

  Delivery Deliver(const Frame& frame) override {
    exporter_->Print(frame);
    return {};
  }

 private:
  DebugExporter* const exporter_;
};

std::unique_ptr<ExportLane> DebugExporter::OpenLane() { return std::make_unique<DebugLane>(this); }

}  // namespace

absl::StatusOr<std::unique_ptr<Exporter>> CreateDebugExporter(const DebugExporterOptions& options) {
  return CreateDebugExporter(
      options, [](const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); });
}

absl::StatusOr<std::unique_ptr<Exporter>> CreateDebugExporter(const DebugExporterOptions& options,
                                                              DebugSink sink) {
  return std::make_unique<DebugExporter>(options, std::move(sink));
}

}  // namespace flameway
