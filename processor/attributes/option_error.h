// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace flameway::attributes {

// What is wrong with one option, for whoever knows where it stands in the configuration.
struct OptionError {
  std::string field;  // "pattern"; empty: the whole entry
  size_t index = 0;   // which entry of the list that the field is in, or is
  std::string message;
};

using OptionErrors = std::vector<OptionError>;

}  // namespace flameway::attributes
