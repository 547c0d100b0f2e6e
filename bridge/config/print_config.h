// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "bridge/config/load_config.h"
#include "bridge/config/section_writer.h"

namespace flameway {

struct PrintOptions {
  enum class Format : uint8_t { kYaml, kJson };
  enum class Origins : uint8_t { kHidden, kShown };  // "# from gateway.yaml:6:9"; YAML only
  Format format = Format::kYaml;
  SectionWriter::Secrets secrets = SectionWriter::Secrets::kRedacted;
  Origins origins = Origins::kHidden;
};

// The effective configuration with all defaults, in the Collector's grammar. With secrets shown,
// loading the text gives the same configuration again, and printing that the same text.
// `loaded.config` must be set.
[[nodiscard]] std::string PrintConfig(const LoadResult& loaded, const PrintOptions& options);

}  // namespace flameway
