// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/pipeline_choice.h"

#include <vector>

#include "bridge/config/nearest_name.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace flameway {

absl::StatusOr<const PipelineConfig*> ChoosePipeline(const GatewayConfig& config,
                                                     const std::string& id) {
  std::vector<std::string> ids;
  for (const PipelineConfig& pipeline : config.pipelines) {
    if (pipeline.id == id) return &pipeline;
    ids.push_back(pipeline.id);
  }
  if (id.empty() && config.pipelines.size() == 1) return &config.pipelines.front();
  if (id.empty()) {
    return absl::InvalidArgumentError(fmt::format(
        "there are several pipelines; name one by --pipeline: {}", fmt::join(ids, ", ")));
  }
  const std::string hint = DidYouMean(id, ids);
  return absl::InvalidArgumentError(
      fmt::format("there is no pipeline `{}`; {}", id,
                  hint.empty() ? fmt::format("there is {}", fmt::join(ids, ", ")) : hint));
}

}  // namespace flameway
