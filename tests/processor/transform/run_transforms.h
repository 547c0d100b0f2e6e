// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "processor/transform/chain.h"
#include "tests/processor/core_fixture.h"

namespace flameway {

// Merges the requests through the transforms and parses what leaves; empty when nothing does.
[[nodiscard]] inline schema::ExportProfilesServiceRequest RunTransforms(
    const std::vector<schema::ExportProfilesServiceRequest>& requests,
    std::vector<std::unique_ptr<Transform>> steps, PointRule points = {}) {
  Batch batch({}, std::make_unique<TransformChain>(std::move(steps), points));
  Request decoded{RequestOptions{}};
  for (const auto& request : requests) {
    const std::string bytes = Serialize(request);
    EXPECT_EQ(decoded.Decode(bytes).outcome, DecodeReport::Outcome::kAccepted);
    batch.Merge(decoded);
  }
  const SealedBatch sealed = batch.Seal();
  const EncodeResult encoded = Encode(sealed, {});
  return encoded.messages.empty() ? schema::ExportProfilesServiceRequest()
                                  : Parse(encoded.messages.at(0).bytes);
}

template <typename Step>
[[nodiscard]] schema::ExportProfilesServiceRequest RunTransform(
    const std::vector<schema::ExportProfilesServiceRequest>& requests, std::unique_ptr<Step> step) {
  std::vector<std::unique_ptr<Transform>> steps;
  steps.push_back(std::move(step));
  return RunTransforms(requests, std::move(steps));
}

}  // namespace flameway
