// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/check.h"

#include <optional>
#include <string>

#include "bridge/cli/command_flags.h"
#include "bridge/cli/dialect_guess.h"
#include "bridge/cli/input_files.h"
#include "bridge/cli/json_writer.h"
#include "bridge/cli/process_secret.h"
#include "bridge/cli/progress.h"
#include "bridge/cli/quantity.h"
#include "fmt/format.h"
#include "processor/request/request.h"

namespace flameway {
namespace {

enum class Verdict : uint8_t { kOk, kRepaired, kPartlyRefused, kRefused };

std::string_view VerdictWord(Verdict verdict) {
  constexpr std::string_view kWords[] = {"ok", "repaired", "partly_refused", "refused"};
  return kWords[static_cast<size_t>(verdict)];
}

bool HasAny(const ReasonCounts& counts) {
  for (const uint64_t count : counts) {
    if (count > 0) return true;
  }
  return false;
}

Verdict Judge(const DecodeReport& report) {
  if (report.outcome != DecodeReport::Outcome::kAccepted) return Verdict::kRefused;
  if (report.profiles_rejected > 0) return Verdict::kPartlyRefused;
  if (HasAny(report.repaired_by_reason)) return Verdict::kRepaired;
  return Verdict::kOk;
}

template <typename Visit>
void ForEachReason(const ReasonCounts& counts, Visit visit) {
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) visit(static_cast<Reason>(i), counts[i]);
  }
}

// A request that was refused whole has one reason of its own, with an offset where the wire was at
// fault; one whose profiles were all refused has theirs.
bool RefusedWhole(const DecodeReport& report) {
  return report.outcome != DecodeReport::Outcome::kAccepted && report.examples.empty();
}

void HumanLines(const InputMessage& message, const DecodeReport& report, Verdict verdict,
                const Console& console) {
  static constexpr Tone kTones[] = {Tone::kGood, Tone::kWarning, Tone::kBad, Tone::kBad};
  std::string line =
      fmt::format("{}: {}", message.name,
                  console.Paint(kTones[static_cast<size_t>(verdict)], VerdictWord(verdict)));
  if (RefusedWhole(report)) {
    line += fmt::format("  {} at byte {}: {}", ReasonWord(report.reason), report.offset,
                        ReasonAdvice(report.reason));
  } else {
    line +=
        fmt::format("  {} of {} profiles, {} of {} samples, OTLP {}{}", report.profiles_accepted(),
                    report.profiles_received, report.samples_accepted(), report.samples_received,
                    DialectName(report.dialect), report.dialect_ambiguous ? " (assumed)" : "");
  }
  console.out() << line << '\n';
  if (RefusedWhole(report)) return;  // what was found up to there says little about the rest
  for (const RejectedProfile& profile : report.examples) {
    console.out() << fmt::format("  {}: refused  {}: {}\n", profile.FieldPath(),
                                 ReasonWord(profile.reason), ReasonAdvice(profile.reason));
  }
  if (report.profiles_rejected > report.examples.size()) {
    console.out() << fmt::format("  and {} more refused profiles\n",
                                 report.profiles_rejected - report.examples.size());
  }
  ForEachReason(report.repaired_by_reason, [&console](Reason reason, uint64_t count) {
    console.out() << fmt::format("  repaired  {} x{}: {}\n", ReasonWord(reason), count,
                                 ReasonAdvice(reason));
  });
  if (report.dialect_conflict) {
    console.out() << "  note  samples contradict each other about their OTLP version\n";
  }
  if (report.unknown_fields > 0) {
    console.out() << fmt::format("  note  {} unknown fields would be left out\n",
                                 report.unknown_fields);
  }
}

void JsonCounts(std::string_view key, const ReasonCounts& counts, JsonWriter* json) {
  json->Key(key).BeginObject();
  ForEachReason(counts, [json](Reason reason, uint64_t count) {
    json->Key(ReasonWord(reason)).Value(count);
  });
  json->EndObject();
}

void JsonMessage(const InputMessage& message, const DecodeReport& report, Verdict verdict,
                 JsonWriter* json) {
  json->BeginObject();
  json->Key("file").String(message.file).Key("index").Value(message.index);
  json->Key("file_offset").Value(message.offset).Key("bytes").Value(message.bytes.size());
  json->Key("verdict").String(VerdictWord(verdict));
  if (RefusedWhole(report)) {
    json->Key("reason").String(ReasonWord(report.reason));
    json->Key("advice").String(ReasonAdvice(report.reason));
    json->Key("offset").Value(report.offset);
  } else {
    json->Key("dialect").String(DialectName(report.dialect));
    json->Key("dialect_assumed").Flag(report.dialect_ambiguous);
    json->Key("profiles").Value(report.profiles_received);
    json->Key("profiles_refused").Value(report.profiles_rejected);
    json->Key("samples").Value(report.samples_received);
    json->Key("samples_refused").Value(report.samples_rejected);
    json->Key("unknown_fields").Value(report.unknown_fields);
    JsonCounts("refused_by_reason", report.rejected_by_reason, json);
    JsonCounts("repaired_by_reason", report.repaired_by_reason, json);
    json->Key("findings").BeginArray();
    for (const RejectedProfile& profile : report.examples) {
      json->BeginObject();
      json->Key("field").String(profile.FieldPath());
      json->Key("reason").String(ReasonWord(profile.reason));
      json->Key("advice").String(ReasonAdvice(profile.reason));
      json->EndObject();
    }
    json->EndArray();
  }
  json->EndObject();
}

class CheckCommand final : public Command {
 public:
  void Declare(CLI::App& app) override {
    DeclareInputs(app, &inputs_);
    DeclareAssumedDialect(app, &assumed_);
    app.add_flag("--strict", strict_, "repairs count as \"no\" too");
  }

  ExitCode Run(const Console& console) override {
    InputFiles files(inputs_, console.in());
    DialectGuess guess(assumed_);
    Request request({.limits = {}, .secret = DrawProcessSecret()});
    JsonWriter json(JsonWriter::Layout::kIndented);
    json.BeginArray();
    uint64_t by_verdict[4] = {};
    uint64_t messages = 0;
    ExitCode code = ExitCode::kSuccess;
    Progress progress(console);
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
      const Verdict verdict = Judge(report);
      ++by_verdict[static_cast<size_t>(verdict)];
      ++messages;
      Show(input, report, verdict, console, &json);
      progress.Show(files.bytes_done(), files.total_bytes());
    }
    if (console.format() == OutputFormat::kJson || console.format() == OutputFormat::kYaml) {
      console.out() << json.EndArray().text() << '\n';
    }
    console.Notice(fmt::format("{} requests: {} ok, {} repaired, {} partly refused, {} refused",
                               messages, by_verdict[0], by_verdict[1], by_verdict[2],
                               by_verdict[3]));
    if (code != ExitCode::kSuccess) return code;
    const uint64_t refused = by_verdict[2] + by_verdict[3] + (strict_ ? by_verdict[1] : 0);
    return refused > 0 ? ExitCode::kNo : ExitCode::kSuccess;
  }

 private:
  void Show(const InputMessage& input, const DecodeReport& report, Verdict verdict,
            const Console& console, JsonWriter* json) {
    switch (console.format()) {
      case OutputFormat::kJson:
      case OutputFormat::kYaml:  // JSON is YAML as well
        JsonMessage(input, report, verdict, json);
        return;
      case OutputFormat::kNdjson: {
        JsonWriter line(JsonWriter::Layout::kOneLine);
        JsonMessage(input, report, verdict, &line);
        console.out() << line.text() << '\n';
        return;
      }
      case OutputFormat::kHuman:
        HumanLines(input, report, verdict, console);
    }
  }

  InputFilesOptions inputs_;
  Dialect assumed_ = Dialect::kV1_10;
  bool strict_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeCheckCommand() { return std::make_unique<CheckCommand>(); }

}  // namespace flameway
