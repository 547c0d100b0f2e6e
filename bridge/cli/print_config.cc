// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/print_config.h"

#include <algorithm>
#include <optional>
#include <string>

#include "bridge/cli/command_flags.h"
#include "bridge/cli/config_flags.h"
#include "bridge/config/print_config.h"

namespace flameway {
namespace {

class PrintConfigCommand final : public Command {
 public:
  void Declare(CLI::App& app) override {
    using Secrets = SectionWriter::Secrets;
    using Format = PrintOptions::Format;
    AddChoiceOption<Secrets, Secrets>(
        app, "--mode", &options_.secrets,
        {{"redacted", Secrets::kRedacted}, {"unredacted", Secrets::kShown}},
        "redacted (default) or unredacted")
        ->type_name("MODE");
    AddChoiceOption<std::optional<Format>, Format>(
        app, "--format", &format_, {{"yaml", Format::kYaml}, {"json", Format::kJson}},
        "yaml (default) or json")
        ->type_name("FORMAT");
    app.add_flag_callback(
        "--origins", [this] { options_.origins = PrintOptions::Origins::kShown; },
        "say where each value was written");
  }

  ExitCode Run(const Console& console) override {
    const LoadResult loaded = LoadFromFlags(console);
    TellDiagnostics(loaded.diagnostics, console);
    if (!loaded.config.has_value()) return ExitCode::kBadConfig;
    const bool wants_json =
        console.format() == OutputFormat::kJson || console.format() == OutputFormat::kNdjson;
    options_.format =
        format_.value_or(wants_json ? PrintOptions::Format::kJson : PrintOptions::Format::kYaml);
    std::string text = PrintConfig(loaded, options_);
    // Line ends are escaped inside JSON strings, so these only separate values.
    if (console.format() == OutputFormat::kNdjson &&
        options_.format == PrintOptions::Format::kJson) {
      std::replace(text.begin(), text.end() - 1, '\n', ' ');
    }
    console.out() << text;
    return ExitCode::kSuccess;
  }

 private:
  PrintOptions options_;
  std::optional<PrintOptions::Format> format_;
};

}  // namespace

std::unique_ptr<Command> MakePrintConfigCommand() { return std::make_unique<PrintConfigCommand>(); }

}  // namespace flameway
