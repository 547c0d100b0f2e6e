// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/validate.h"

#include <iterator>
#include <string>
#include <vector>

#include "bridge/cli/config_flags.h"
#include "bridge/cli/json_writer.h"
#include "bridge/config/validate_environment.h"
#include "fmt/format.h"

namespace flameway {
namespace {

void JsonText(const std::vector<Diagnostic>& diagnostics, const Console& console) {
  JsonWriter json(console.format() == OutputFormat::kNdjson ? JsonWriter::Layout::kOneLine
                                                            : JsonWriter::Layout::kIndented);
  json.BeginObject().Key("valid").Flag(CountErrors(diagnostics) == 0).Key("findings").BeginArray();
  for (const Diagnostic& found : diagnostics) {
    json.BeginObject().Key("code").String(CodeText(found.code));
    json.Key("severity").String(SeverityOf(found.code) == Severity::kError ? "error" : "warning");
    json.Key("message").String(found.message).Key("hint").String(found.hint);
    json.Key("source").String(found.source).Key("line").Value(found.origin.line);
    json.Key("column").Value(found.origin.column).Key("path").String(found.path).EndObject();
  }
  console.out() << json.EndArray().EndObject().text() << '\n';
}

class ValidateCommand final : public Command {
 public:
  void Declare(CLI::App& app) override {
    app.add_flag("--no-environment", skips_environment_,
                 "judge the text only, not the files and folders it names");
    app.add_flag("--skip-healthchecks", skips_peers_, "taken for compatibility: no peer is called");
    app.add_flag("--deny-warnings", denies_warnings_, "warnings count as errors");
  }

  ExitCode Run(const Console& console) override {
    LoadResult loaded = LoadFromFlags(console);
    std::vector<Diagnostic>& diagnostics = loaded.diagnostics;
    if (loaded.config.has_value() && !skips_environment_) {
      std::vector<Diagnostic> found = ValidateEnvironment(*loaded.config);
      std::move(found.begin(), found.end(), std::back_inserter(diagnostics));
    }
    const size_t errors = CountErrors(diagnostics);
    const size_t warnings = diagnostics.size() - errors;
    if (console.format() == OutputFormat::kHuman) {
      TellDiagnostics(diagnostics, console);
      console.Notice(errors + warnings == 0
                         ? "configuration is valid"
                         : fmt::format("{} errors, {} warnings", errors, warnings));
    } else {
      JsonText(diagnostics, console);
    }
    const bool invalid = errors > 0 || (denies_warnings_ && warnings > 0);
    return invalid ? ExitCode::kBadConfig : ExitCode::kSuccess;
  }

 private:
  bool skips_environment_ = false;
  bool skips_peers_ = false;
  bool denies_warnings_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeValidateCommand() { return std::make_unique<ValidateCommand>(); }

}  // namespace flameway
