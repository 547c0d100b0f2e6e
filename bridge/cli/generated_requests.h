// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "bridge/traffic/resource_attributes.h"
#include "bridge/traffic/synthetic_requests.h"

namespace flameway {

// What `gen` makes: the flags that say so, and the requests.
class GeneratedRequests {
 public:
  enum class Shape : uint8_t { kSynthetic, kCorpus, kEbpfLike };

  void Declare(CLI::App& app);
  // Whether the flags make sense together; kInvalidArgument names the one that does not.
  [[nodiscard]] absl::Status Check() const;
  // How many different requests there are: one for each host and window.
  [[nodiscard]] uint64_t size() const { return uint64_t{hosts_} * windows_; }
  // Gives each to `take`, in the order of time, until that fails.
  [[nodiscard]] absl::Status ForEach(const std::function<absl::Status(std::string)>& take,
                                     std::istream& standard_input) const;

 private:
  [[nodiscard]] absl::Status ForEachOfCorpus(const std::function<absl::Status(std::string)>& take,
                                             std::istream& standard_input) const;

  Shape shape_ = Shape::kSynthetic;
  std::string corpus_;
  uint32_t hosts_ = 1;
  uint32_t windows_ = 1;
  uint32_t cores_ = 0;
  double load_ = 0;
  SyntheticOptions synthetic_;
  ResourceAttributes attributes_;
};

// "key=value" with telemetrygen's spelling of values: "text" in quotes, true, false, a whole
// number, or text as it is.
[[nodiscard]] bool ParseResourceAttribute(const std::string& text, ResourceAttributes* attributes);

}  // namespace flameway
