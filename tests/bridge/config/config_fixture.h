// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/config/load_config.h"
#include "gtest/gtest.h"

namespace flameway {

// Loads configuration from texts; no file, variable or memory of the machine is looked at.
class ConfigTest : public testing::Test {
 protected:
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;
  size_t total_memory_bytes = size_t{1'000} << 20;

  [[nodiscard]] Environment environment() const {
    Environment environment;
    environment.variable = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
    environment.read_file = [this](const std::string& path) -> absl::StatusOr<std::string> {
      const auto found = files.find(path);
      if (found == files.end()) return absl::NotFoundError("no such file");
      return found->second;
    };
    environment.total_memory_bytes = total_memory_bytes;
    return environment;
  }
  LoadResult Load(std::vector<std::string> uris, std::vector<std::string> sets = {}) const {
    return LoadGatewayConfig({std::move(uris), std::move(sets)}, environment());
  }
  LoadResult LoadText(const std::string& text, std::vector<std::string> sets = {}) {
    files["gateway.yaml"] = text;
    return Load({"gateway.yaml"}, std::move(sets));
  }
  // A complete configuration with `grpc` below the receiver's grpc and `exporter` below otlp_grpc.
  static std::string Minimal(std::string_view grpc = "", std::string_view exporter = "");
};

// "E0104 6:9" per finding, joined by line feeds.
[[nodiscard]] std::string Places(const LoadResult& result);
[[nodiscard]] std::string Shown(const LoadResult& result);
// The text of a file of this repository; the tests run at its root.
[[nodiscard]] std::string ReadTestFile(const std::string& path);

}  // namespace flameway
