// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "bridge/config/gateway_config.h"

namespace flameway {

// The pipeline called `id`; with an empty id the only one there is. Else kInvalidArgument, which
// names those there are. Lives in `config`.
[[nodiscard]] absl::StatusOr<const PipelineConfig*> ChoosePipeline(const GatewayConfig& config,
                                                                   const std::string& id);

}  // namespace flameway
