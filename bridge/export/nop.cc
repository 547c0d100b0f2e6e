// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/nop.h"

#include <memory>

namespace flameway {
namespace {

class NopLane final : public ExportLane {
 public:
  Delivery Deliver(const Frame& /*frame*/) override { return {}; }
};

class NopExporter final : public Exporter {
 public:
  WireForm wire_form() const override { return {}; }
  std::unique_ptr<ExportLane> OpenLane() override { return std::make_unique<NopLane>(); }
};

}  // namespace

absl::StatusOr<std::unique_ptr<Exporter>> CreateNopExporter(const NopExporterOptions& /*options*/) {
  return std::make_unique<NopExporter>();
}

}  // namespace flameway
