// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "bridge/cli/exit_code.h"

namespace flameway {

// Where a command line reads and writes; tests put strings here. Borrowed for the run of the
// command.
struct CliStreams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  std::function<std::optional<std::string>(const std::string&)> env;  // one variable
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

enum class OutputFormat : uint8_t { kHuman, kJson, kNdjson, kYaml };
enum class When : uint8_t { kAuto, kAlways, kNever };
enum class Tone : uint8_t { kGood, kWarning, kBad, kFaint };

// Flags that stand before or after any command.
struct GlobalOptions {
  std::vector<std::string> configs;        // --config, in order
  std::vector<std::string> sets;           // --set a.b.c=v
  std::vector<std::string> feature_gates;  // accepted for the Collector's sake
  OutputFormat format = OutputFormat::kHuman;
  When color = When::kAuto;
  When progress = When::kAuto;
  bool quiet = false;
  int verbosity = 0;
  std::string log_level;   // empty: what the configuration says
  std::string log_format;  // "text", "json"; empty: what the configuration says
};

// What every command is given: the streams, the global flags and the rules that follow from both.
// stdout carries the answer and nothing else; notices and errors go to stderr. One thread.
class Console {
 public:
  Console(const CliStreams& streams, const GlobalOptions& globals);

  [[nodiscard]] std::istream& in() const { return streams_.in; }
  [[nodiscard]] std::ostream& out() const { return streams_.out; }
  [[nodiscard]] std::ostream& err() const { return streams_.err; }
  [[nodiscard]] const GlobalOptions& globals() const { return globals_; }
  [[nodiscard]] OutputFormat format() const { return globals_.format; }
  [[nodiscard]] std::optional<std::string> Env(const std::string& name) const;
  [[nodiscard]] bool shows_progress() const { return shows_progress_; }
  [[nodiscard]] bool err_has_color() const { return err_color_; }
  [[nodiscard]] bool err_is_terminal() const { return streams_.err_is_terminal; }

  // A line for humans on stderr; nothing with --quiet.
  void Notice(std::string_view line) const;
  // "error: ..." on stderr, also with --quiet. Returns `code`, so that a command can end on it.
  ExitCode Fail(ExitCode code, std::string_view message) const;
  // The same for a failure to read or write files.
  ExitCode Fail(const absl::Status& status) const;
  // `text` in the colour of its tone if stdout shows colours; machine formats never do.
  [[nodiscard]] std::string Paint(Tone tone, std::string_view text) const;

 private:
  const CliStreams& streams_;
  const GlobalOptions& globals_;
  bool out_color_;
  bool err_color_;
  bool shows_progress_;
};

}  // namespace flameway
