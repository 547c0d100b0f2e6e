// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/inspect.h"

#include <optional>
#include <string>

#include "bridge/cli/command_flags.h"
#include "bridge/cli/dialect_guess.h"
#include "bridge/cli/dictionary_text.h"
#include "bridge/cli/file_limits.h"
#include "bridge/cli/input_files.h"
#include "bridge/cli/json_writer.h"
#include "bridge/cli/message_slice.h"
#include "bridge/cli/process_secret.h"
#include "bridge/export/message_text.h"
#include "fmt/format.h"
#include "processor/request/request.h"

namespace flameway {
namespace {

constexpr size_t kDefaultLimit = 10;

class InspectCommand final : public Command {
 public:
  void Declare(CLI::App& app) override {
    DeclareInputs(app, &inputs_);
    DeclareAssumedDialect(app, &assumed_);
    app.add_flag("--dict", shows_dictionary_, "show the dictionary's tables instead of profiles");
    app.add_option("--message", message_, "only this message of each file, from 0");
    app.add_option("--profile", slice_.profile, "only this profile of each message, from 0");
    app.add_option("--sample", slice_.sample, "only this sample of each profile, from 0");
    app.add_option("--limit", slice_.max_samples,
                   "most samples of a profile, or rows of a table (10; 0: all)");
  }

  ExitCode Run(const Console& console) override {
    InputFiles files(inputs_, console.in());
    DialectGuess guess(assumed_);
    Request request({.limits = FileRequestLimits(), .secret = DrawProcessSecret()});
    ExitCode code = ExitCode::kSuccess;
    for (;;) {
      const absl::StatusOr<std::optional<InputMessage>> message = files.Next();
      if (!message.ok()) {
        code = console.Fail(message.status());
        continue;
      }
      if (!message->has_value()) break;
      const InputMessage& input = **message;
      if (input.index == 0) guess.StartFile();
      const DecodeReport& report = request.Decode(input.bytes, guess.context());
      guess.Learn(report);
      if (message_.value_or(input.index) != input.index) continue;
      if (report.outcome != DecodeReport::Outcome::kAccepted) {
        console.Notice(
            fmt::format("{}: a receiver would refuse this: {}", input.name, report.Message()));
      }
      const std::string text = shows_dictionary_
                                   ? DescribeDictionary(input.bytes, slice_.max_samples)
                                   : ProfilesText(input, report.dialect);
      if (text.empty()) continue;
      Show(input, report.dialect, text, console);
      ++shown_;
    }
    if (IsArray(console)) console.out() << (shown_ == 0 ? "[]\n" : "\n]\n");
    if (shown_ == 0 && code == ExitCode::kSuccess) {
      return console.Fail(ExitCode::kNo, "no such message, profile or sample");
    }
    return code;
  }

 private:
  // Empty when nothing was chosen by --profile or --sample.
  std::string ProfilesText(const InputMessage& input, Dialect dialect) const {
    const MessageSlice slice = SliceMessage(input.bytes, dialect, slice_);
    if (slice_.profile.has_value() && slice.profiles == 0) return "";
    if (slice_.sample.has_value() && slice.samples == 0) return "";
    std::string text = DescribeRequest(slice.bytes, DebugExporterOptions::Verbosity::kDetailed);
    if (slice.samples_left_out > 0) {
      text += fmt::format("(and {} samples more; --limit 0 shows all)\n", slice.samples_left_out);
    }
    return text;
  }

  void Show(const InputMessage& input, Dialect dialect, const std::string& text,
            const Console& console) const {
    if (console.format() == OutputFormat::kHuman) {
      std::string heading = fmt::format("{}  {} bytes, OTLP {}", input.name, input.bytes.size(),
                                        DialectName(dialect));
      if (slice_.profile.has_value()) heading += fmt::format(", profile {}", *slice_.profile);
      if (slice_.sample.has_value()) heading += fmt::format(", sample {}", *slice_.sample);
      console.out() << console.Paint(Tone::kGood, heading) << '\n' << text << '\n';
      return;
    }
    JsonWriter json(JsonWriter::Layout::kOneLine);
    json.BeginObject().Key("file").String(input.file).Key("index").Value(input.index);
    json.Key("dialect").String(DialectName(dialect)).Key("text").String(text).EndObject();
    if (!IsArray(console)) {
      console.out() << json.text() << '\n';
      return;
    }
    console.out() << (shown_ == 0 ? "[\n" : ",\n") << json.text();
  }

  // One text for all messages; JSON is YAML as well.
  static bool IsArray(const Console& console) {
    return console.format() == OutputFormat::kJson || console.format() == OutputFormat::kYaml;
  }

  InputFilesOptions inputs_;
  Dialect assumed_ = Dialect::kV1_10;
  std::optional<size_t> message_;
  SliceOptions slice_{.profile = {}, .sample = {}, .max_samples = kDefaultLimit};
  bool shows_dictionary_ = false;
  size_t shown_ = 0;
};

}  // namespace

std::unique_ptr<Command> MakeInspectCommand() { return std::make_unique<InspectCommand>(); }

}  // namespace flameway
