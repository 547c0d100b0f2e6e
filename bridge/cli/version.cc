// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/version.h"

#include <zlib.h>
#include <zstd.h>

#include "bridge/cli/build_version.h"
#include "bridge/cli/json_writer.h"
#include "fmt/format.h"

namespace flameway {
namespace {

constexpr std::string_view kReadsOtlp = "1.8, 1.9, 1.10, 1.11";
constexpr std::string_view kWritesOtlp = "1.10, 1.11";

class VersionCommand final : public Command {
 public:
  void Declare(CLI::App&) override {}

  ExitCode Run(const Console& console) override {
    if (console.format() != OutputFormat::kHuman) {
      JsonWriter json(JsonWriter::Layout::kOneLine);
      json.BeginObject().Key("version").String(FLAMEWAY_VERSION);
      json.Key("reads_otlp").String(kReadsOtlp).Key("writes_otlp").String(kWritesOtlp);
      json.Key("compiler").String(__VERSION__);
      json.Key("zstd").String(ZSTD_versionString()).Key("zlib").String(zlibVersion());
      console.out() << json.EndObject().text() << '\n';
      return ExitCode::kSuccess;
    }
    console.out() << VersionLine() << '\n';
    if (console.globals().verbosity > 0) {
      console.out() << fmt::format("reads OTLP {}\nwrites OTLP {}\ncompiler {}\nzstd {}\nzlib {}\n",
                                   kReadsOtlp, kWritesOtlp, __VERSION__, ZSTD_versionString(),
                                   zlibVersion());
    }
    return ExitCode::kSuccess;
  }
};

}  // namespace

std::string Version() { return FLAMEWAY_VERSION; }

std::string VersionLine() { return "flameway " FLAMEWAY_VERSION; }

std::unique_ptr<Command> MakeVersionCommand() { return std::make_unique<VersionCommand>(); }

}  // namespace flameway
