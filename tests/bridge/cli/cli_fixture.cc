// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/cli/cli_fixture.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <utility>

#include "bridge/cli/cli.h"

namespace flameway {

CliFixture::CliFixture() {
  std::string name = std::filesystem::temp_directory_path() / "flameway_cli_XXXXXX";
  if (mkdtemp(name.data()) == nullptr) std::abort();
  folder_ = name;
}

CliFixture::~CliFixture() {
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
}

std::string CliFixture::Write(const std::string& name, std::string_view content) {
  std::ofstream file(Path(name), std::ios::binary);
  file << content;
  return Path(name);
}

std::string CliFixture::Read(const std::string& name) const {
  std::ifstream file(Path(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool CliFixture::Exists(const std::string& name) const {
  return std::filesystem::exists(Path(name));
}

ExitCode CliFixture::Run(std::vector<std::string> args, const std::string& standard_input) {
  std::istringstream in(standard_input);
  std::ostringstream out;
  std::ostringstream err;
  const CliStreams streams{
      .in = in,
      .out = out,
      .err = err,
      .env = [this](const std::string& name) -> std::optional<std::string> {
        const auto found = env_.find(name);
        if (found == env_.end()) return std::nullopt;
        return found->second;
      },
  };
  const ExitCode code = RunCli(std::move(args), streams);
  out_ = out.str();
  err_ = err.str();
  return code;
}

}  // namespace flameway
