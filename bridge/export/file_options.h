// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "bridge/export/exporter.h"

namespace flameway {

// exporters.file (format proto), plus our form "one request per file".
struct FileExporterOptions {
  enum class Layout : uint8_t {
    kLengthPrefixed,  // one file; each record is a 4-byte big-endian length and the message, as the
                      // Collector writes
    kOneRequestPerFile,  // `path` is a folder; each request is a bare message in a file of its own
  };
  std::string path;
  Layout layout = Layout::kLengthPrefixed;
  // With wire_form.codec == kZstd: length-prefixed records hold a zstd frame each (the Collector's
  // form); files of their own end in .otlp.zst.
  WireForm wire_form;
  size_t rotation_max_bytes = 0;   // 0: never rotate
  int rotation_max_days = 0;       // 0: no limit
  int rotation_max_backups = 100;  // 0: keep all
  bool rotation_localtime = false;
};

}  // namespace flameway
