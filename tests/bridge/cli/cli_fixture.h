// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/cli/exit_code.h"
#include "gtest/gtest.h"

namespace flameway {

// Runs command lines in this process with strings for streams and a folder of their own for files.
class CliFixture : public ::testing::Test {
 protected:
  CliFixture();
  ~CliFixture() override;

  // Puts `content` into a file of the test's folder; returns its path.
  std::string Write(const std::string& name, std::string_view content);
  [[nodiscard]] std::string Path(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] std::string Read(const std::string& name) const;
  [[nodiscard]] bool Exists(const std::string& name) const;

  // Fills out_ and err_.
  ExitCode Run(std::vector<std::string> args, const std::string& standard_input = "");

  std::filesystem::path folder_;
  std::map<std::string, std::string> env_;
  std::string out_;
  std::string err_;
};

}  // namespace flameway
