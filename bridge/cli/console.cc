// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/console.h"

#include "bridge/cli/status_message.h"
#include "fmt/format.h"

namespace flameway {
namespace {

std::string_view ToneCode(Tone tone) {
  switch (tone) {
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kWarning:
      return "\x1b[33m";
    case Tone::kBad:
      return "\x1b[31m";
    case Tone::kFaint:
      return "\x1b[2m";
  }
  return "";
}

}  // namespace

Console::Console(const CliStreams& streams, const GlobalOptions& globals)
    : streams_(streams), globals_(globals) {
  const auto is_set = [this](const char* name) {
    const std::optional<std::string> value = Env(name);
    return value.has_value() && !value->empty();
  };
  const bool dumb = Env("TERM") == "dumb";
  const auto colors = [&](bool terminal) {
    if (globals.color != When::kAuto) return globals.color == When::kAlways;
    if (is_set("NO_COLOR")) return false;
    if (is_set("CLICOLOR_FORCE") || is_set("FORCE_COLOR")) return true;
    return terminal && !dumb;
  };
  out_color_ = globals.format == OutputFormat::kHuman && colors(streams.out_is_terminal);
  err_color_ = colors(streams.err_is_terminal);
  shows_progress_ =
      !globals.quiet && (globals.progress == When::kAlways ||
                         (globals.progress == When::kAuto && streams.err_is_terminal && !dumb));
}

std::optional<std::string> Console::Env(const std::string& name) const {
  return streams_.env ? streams_.env(name) : std::nullopt;
}

void Console::Notice(std::string_view line) const {
  if (!globals_.quiet) streams_.err << line << '\n';
}

ExitCode Console::Fail(ExitCode code, std::string_view message) const {
  if (err_color_) {
    streams_.err << ToneCode(Tone::kBad) << "error:\x1b[0m " << message << '\n';
  } else {
    streams_.err << "error: " << message << '\n';
  }
  return code;
}

ExitCode Console::Fail(const absl::Status& status) const {
  return Fail(ExitCodeOf(status), MessageOf(status));
}

std::string Console::Paint(Tone tone, std::string_view text) const {
  if (!out_color_) return std::string(text);
  return fmt::format("{}{}\x1b[0m", ToneCode(tone), text);
}

}  // namespace flameway
