// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/stats.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bridge/cli/command_flags.h"
#include "bridge/cli/dialect_guess.h"
#include "bridge/cli/file_merge.h"
#include "bridge/cli/input_files.h"
#include "bridge/cli/json_writer.h"
#include "bridge/cli/message_stats.h"
#include "bridge/cli/progress.h"
#include "bridge/cli/quantity.h"
#include "bridge/compress/compressor.h"
#include "fmt/format.h"

namespace flameway {
namespace {

// zstd's own default, and the one of most exporters.
constexpr int kZstdLevel = 3;

struct Findings {
  MessageStats before;
  MessageStats after;        // merged into one message
  uint64_t zstd_before = 0;  // each message alone
  uint64_t zstd_after = 0;
  uint64_t refused = 0;
  std::map<std::string_view, uint64_t> messages_by_dialect;
  FileMergeTotals totals;
};

void TableLines(const Findings& found, const Console& console) {
  console.out() << fmt::format("{:<12} {:>12} {:>12} {:>8} {:>12} {:>12}\n", "table", "rows",
                               "bytes", "share", "merged rows", "merged bytes");
  for (size_t i = 0; i < kStatsTableCount; ++i) {
    const MessageStats::Table& before = found.before.tables[i];
    const MessageStats::Table& after = found.after.tables[i];
    console.out() << fmt::format("{:<12} {:>12} {:>12} {:>8} {:>12} {:>12}\n",
                                 StatsTableName(static_cast<StatsTable>(i)),
                                 FormatCount(before.rows), FormatCount(before.bytes),
                                 FormatRatio(before.bytes, found.before.bytes),
                                 FormatCount(after.rows), FormatCount(after.bytes));
  }
}

void HumanText(const Findings& found, const Console& console) {
  const MessageStats& before = found.before;
  const auto line = [&console](std::string_view name, const std::string& value) {
    console.out() << fmt::format("{:<12} {}\n", name, value);
  };
  std::string dialects;
  for (const auto& [dialect, messages] : found.messages_by_dialect) {
    dialects += fmt::format("{}OTLP {} ({})", dialects.empty() ? "" : ", ", dialect, messages);
  }
  line("requests", FormatCount(before.messages));
  line("bytes", fmt::format("{} ({})", FormatCount(before.bytes), FormatBytes(before.bytes)));
  line("dialect", dialects.empty() ? "-" : dialects);
  line("profiles", FormatCount(before.table(StatsTable::kProfiles).rows));
  line("samples", FormatCount(before.table(StatsTable::kSamples).rows));
  line("values", FormatCount(before.values));
  line("timestamps", FormatCount(before.timestamps));
  console.out() << '\n';
  TableLines(found, console);
  console.out() << '\n';
  const auto saving = [&](std::string_view name, uint64_t bytes) {
    console.out() << fmt::format("{:<20} {:>14} {:>10} of the bytes as they are\n", name,
                                 FormatCount(bytes), FormatRatio(bytes, before.bytes));
  };
  saving("merged", found.after.bytes);
  saving("zstd-3", found.zstd_before);
  saving("merged, then zstd-3", found.zstd_after);
}

void JsonMessageStats(const MessageStats& stats, JsonWriter* json) {
  json->BeginObject();
  json->Key("requests").Value(stats.messages).Key("bytes").Value(stats.bytes);
  json->Key("profiles").Value(stats.table(StatsTable::kProfiles).rows);
  json->Key("samples").Value(stats.table(StatsTable::kSamples).rows);
  json->Key("values").Value(stats.values).Key("timestamps").Value(stats.timestamps);
  json->Key("tables").BeginObject();
  for (size_t i = 0; i < kStatsTableCount; ++i) {
    json->Key(StatsTableName(static_cast<StatsTable>(i))).BeginObject();
    json->Key("rows").Value(stats.tables[i].rows).Key("bytes").Value(stats.tables[i].bytes);
    json->EndObject();
  }
  json->EndObject().EndObject();
}

void JsonText(const Findings& found, const Console& console) {
  JsonWriter json(console.format() == OutputFormat::kNdjson ? JsonWriter::Layout::kOneLine
                                                            : JsonWriter::Layout::kIndented);
  json.BeginObject().Key("input");
  JsonMessageStats(found.before, &json);
  json.Key("merged");
  JsonMessageStats(found.after, &json);
  json.Key("zstd_bytes").Value(found.zstd_before);
  json.Key("merged_zstd_bytes").Value(found.zstd_after);
  json.Key("requests_by_dialect").BeginObject();
  for (const auto& [dialect, messages] : found.messages_by_dialect) {
    json.Key(dialect).Value(messages);
  }
  json.EndObject();
  json.Key("requests_refused").Value(found.refused);
  json.Key("profiles_rejected").Value(found.totals.profiles_rejected);
  json.EndObject();
  console.out() << json.text() << '\n';
}

class StatsCommand final : public Command {
 public:
  void Declare(CLI::App& app) override {
    DeclareInputs(app, &inputs_);
    DeclareAssumedDialect(app, &assumed_);
    app.add_option("--by", by_, "what to break the bytes down by")
        ->check(CLI::IsMember({"table"}).description(""))
        ->default_val("table");
  }

  ExitCode Run(const Console& console) override {
    InputFiles files(inputs_, console.in());
    DialectGuess guess(assumed_);
    FileMerge merge(FileMergeOptions::ForFiles());
    Compressor compressor;
    std::string compressed;
    Findings found;
    ExitCode code = ExitCode::kSuccess;
    {
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
        const DecodeReport& report = merge.Add(input.bytes, guess.context());
        guess.Learn(report);
        if (report.outcome != DecodeReport::Outcome::kAccepted) {
          ++found.refused;
          console.Notice(fmt::format("{}: {}; counted, not merged", input.name, report.Message()));
        } else {
          ++found.messages_by_dialect[DialectName(report.dialect)];
        }
        found.before.Add(input.bytes, report.dialect);
        if (!compressor.Compress(Codec::kZstd, kZstdLevel, input.bytes, &compressed).ok()) {
          return console.Fail(ExitCode::kInternal, "zstd is out of memory");
        }
        found.zstd_before += compressed.size();
        progress.Show(files.bytes_done(), files.total_bytes());
      }
    }
    if (const absl::Status status = merge.Finish(); !status.ok()) {
      return console.Fail(status);
    }
    for (const std::string& message : merge.messages()) {
      found.after.Add(message, Dialect::kV1_10);
      if (!compressor.Compress(Codec::kZstd, kZstdLevel, message, &compressed).ok()) {
        return console.Fail(ExitCode::kInternal, "zstd is out of memory");
      }
      found.zstd_after += compressed.size();
    }
    found.totals = merge.totals();
    // An answer about nothing would only hide the error that was just told.
    if (found.before.messages == 0 && code != ExitCode::kSuccess) return code;
    if (console.format() == OutputFormat::kHuman) {
      HumanText(found, console);
    } else {
      JsonText(found, console);
    }
    return code;
  }

 private:
  InputFilesOptions inputs_;
  Dialect assumed_ = Dialect::kV1_10;
  std::string by_;
};

}  // namespace

std::unique_ptr<Command> MakeStatsCommand() { return std::make_unique<StatsCommand>(); }

}  // namespace flameway
