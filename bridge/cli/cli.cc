// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/cli.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "bridge/cli/check.h"
#include "bridge/cli/command.h"
#include "bridge/cli/command_flags.h"
#include "bridge/cli/components.h"
#include "bridge/cli/gen.h"
#include "bridge/cli/inspect.h"
#include "bridge/cli/merge.h"
#include "bridge/cli/print_config.h"
#include "bridge/cli/record.h"
#include "bridge/cli/replay.h"
#include "bridge/cli/run.h"
#include "bridge/cli/send.h"
#include "bridge/cli/sink.h"
#include "bridge/cli/stats.h"
#include "bridge/cli/validate.h"
#include "bridge/cli/version.h"
#include "bridge/config/nearest_name.h"
#include "fmt/format.h"

namespace flameway {
namespace {

struct CommandEntry {
  const char* name;
  const char* group;
  const char* description;
  std::unique_ptr<Command> (*make)();
};

// In the order of the help text. "run" is what a command line without a command means.
constexpr CommandEntry kCommands[] = {
    {"run", "Service", "start the gateway", MakeRunCommand},
    {"validate", "Config", "check the configuration and the machine it is for",
     MakeValidateCommand},
    {"print-config", "Config", "show the configuration as it takes effect", MakePrintConfigCommand},
    {"components", "Config", "list receivers, processors, exporters", MakeComponentsCommand},
    {"send", "Traffic", "send the requests in files to an OTLP endpoint", MakeSendCommand},
    {"gen", "Traffic", "make up requests, and send them or write them to a file", MakeGenCommand},
    {"replay", "Traffic", "send recorded requests fast, or at a pace", MakeReplayCommand},
    {"record", "Traffic", "receive requests and keep them in files", MakeRecordCommand},
    {"sink", "Traffic", "receive requests, count them and drop them", MakeSinkCommand},
    {"inspect", "Files", "show profiles as text, references resolved", MakeInspectCommand},
    {"stats", "Files", "show where the bytes go, and what merging saves", MakeStatsCommand},
    {"check", "Files", "say what a receiver has to object to", MakeCheckCommand},
    {"merge", "Files", "fold many requests into one", MakeMergeCommand},
    {"version", "Meta", "show the version", MakeVersionCommand},
};

void DeclareGlobals(CLI::App& app, GlobalOptions* globals) {
  const std::vector<std::pair<std::string, When>> when = {
      {"auto", When::kAuto}, {"always", When::kAlways}, {"never", When::kNever}};
  // Each takes one value, so that what follows it is not swallowed.
  app.add_option("-c,--config", globals->configs, "configuration, as file or URI; repeatable")
      ->type_size(1)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("URI");
  app.add_option("--set", globals->sets, "one value of the configuration; repeatable")
      ->type_size(1)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("KEY=VALUE");
  app.add_option("--feature-gates", globals->feature_gates, "taken for the Collector's sake")
      ->type_size(1)
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("LIST");
  AddChoiceOption<OutputFormat, OutputFormat>(app, "-o,--output", &globals->format,
                                              {{"human", OutputFormat::kHuman},
                                               {"json", OutputFormat::kJson},
                                               {"ndjson", OutputFormat::kNdjson},
                                               {"yaml", OutputFormat::kYaml}},
                                              "human, json, ndjson or yaml")
      ->type_name("FORMAT");
  app.add_flag_callback(
      "--json", [globals] { globals->format = OutputFormat::kJson; }, "the same as -o json");
  AddChoiceOption(app, "--color", &globals->color, when, "auto, always or never")
      ->type_name("WHEN");
  app.add_flag_callback(
      "--no-color", [globals] { globals->color = When::kNever; }, "the same as --color never");
  AddChoiceOption(app, "--progress", &globals->progress, when, "auto, always or never")
      ->type_name("WHEN");
  app.add_flag("-q,--quiet", globals->quiet, "errors only on stderr");
  app.add_flag("-v,--verbose", globals->verbosity, "say more; repeatable");
  app.add_option("--log-level", globals->log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}).description(""))
      ->type_name("LEVEL");
  app.add_option("--log-format", globals->log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}).description(""))
      ->type_name("FORMAT");
}

// The library reports by exceptions, help and version among them; they end here.
ExitCode TellParseResult(const CLI::App& app, const CLI::ParseError& result,
                         const CliStreams& streams) {
  if (result.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    app.exit(result, streams.out, streams.err);
    return ExitCode::kSuccess;
  }
  const std::vector<std::string> unexpected = app.remaining();
  if (app.get_subcommands().empty() && !unexpected.empty() && !unexpected[0].starts_with('-')) {
    std::vector<std::string> names;
    for (const CommandEntry& entry : kCommands) names.emplace_back(entry.name);
    const std::string hint = DidYouMean(unexpected[0], names);
    streams.err << "error: unknown command `" << unexpected[0] << "`"
                << (hint.empty() ? "" : "; " + hint) << "\nusage: flameway COMMAND ARGS...; see "
                << "flameway --help\n";
    return ExitCode::kUsage;
  }
  streams.err << "error: " << result.what() << "\nusage: flameway COMMAND ARGS...; see flameway "
              << "--help or flameway COMMAND --help\n";
  return ExitCode::kUsage;
}

}  // namespace

ExitCode RunCli(std::vector<std::string> args, const CliStreams& streams) {
  CLI::App app("Flameway, a gateway for OpenTelemetry profiles", "flameway");
  app.set_version_flag("-V,--version", VersionLine());
  app.fallthrough();
  app.require_subcommand(0, 1);
  GlobalOptions globals;
  DeclareGlobals(app, &globals);
  std::vector<std::pair<CLI::App*, std::unique_ptr<Command>>> commands;
  for (const CommandEntry& entry : kCommands) {
    CLI::App* const sub = app.add_subcommand(entry.name, entry.description)->group(entry.group);
    commands.emplace_back(sub, entry.make());
    commands.back().second->Declare(*sub);
  }
  std::reverse(args.begin(), args.end());  // the library takes them from the back
  try {
    app.parse(std::move(args));
  } catch (const CLI::ParseError& result) {
    return TellParseResult(app, result, streams);
  }
  const Console console(streams, globals);
  for (const auto& [sub, command] : commands) {
    if (sub->parsed()) return command->Run(console);
  }
  if (globals.configs.empty() && globals.sets.empty()) {
    streams.err << app.help();
    return ExitCode::kUsage;
  }
  return commands.front().second->Run(console);
}

}  // namespace flameway
