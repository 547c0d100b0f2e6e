// SPDX-License-Identifier: Apache-2.0
// testdata/transform/<name>/: config.yaml (the processors and their order), input.yaml and
// expected.yaml (tests/support/profile_yaml.h). A config.yaml with a line "# not idempotent: why"
// changes its own result again.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "processor/transform/plan.h"
#include "tests/support/schema.h"

namespace flameway {

struct TransformCase {
  std::string name;
  std::string folder;
  std::string config;  // text
  bool idempotent = true;
};
// For GoogleTest's messages.
void PrintTo(const TransformCase& one, std::ostream* out);

// All there are, by name.
[[nodiscard]] std::vector<TransformCase> FindTransformCases();
[[nodiscard]] std::string ReadText(const std::string& path);

// The plan of the only pipeline of `config`, which needs no receivers and exporters. Ends the
// process with the findings when it has mistakes.
[[nodiscard]] TransformPlan PlanOf(const std::string& config);

// The requests merged into one message through the plan, as bytes; "" when nothing is left.
[[nodiscard]] std::string MergeBytes(const TransformPlan& plan,
                                     const std::vector<std::string>& requests);
[[nodiscard]] schema::ExportProfilesServiceRequest ParseBytes(const std::string& bytes);

}  // namespace flameway
