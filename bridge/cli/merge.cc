// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/merge.h"

#include <optional>
#include <string>
#include <utility>

#include "bridge/cli/command_flags.h"
#include "bridge/cli/config_flags.h"
#include "bridge/cli/dialect_guess.h"
#include "bridge/cli/file_merge.h"
#include "bridge/cli/input_files.h"
#include "bridge/cli/json_writer.h"
#include "bridge/cli/message_file.h"
#include "bridge/cli/message_framing.h"
#include "bridge/cli/output_file.h"
#include "bridge/cli/pipeline_choice.h"
#include "bridge/cli/progress.h"
#include "bridge/cli/quantity.h"
#include "bridge/cli/status_message.h"
#include "bridge/compress/codec.h"
#include "fmt/format.h"

namespace flameway {
namespace {

class MergeCommand final : public Command {
 public:
  void Declare(CLI::App& app) override {
    DeclareInputs(app, &inputs_);
    DeclareAssumedDialect(app, &assumed_);
    app.add_option("-O,--out", out_, "file to write; - for standard output")
        ->required()
        ->type_name("OUT");
    app.add_option("--group,--k", options_.group, "requests per output message (0: all in one)")
        ->type_name("N");
    AddBytesOption(app, "--max-message-bytes", &options_.encode.max_message_bytes,
                   "split messages to at most this (0: never)");
    AddChoiceOption<std::optional<Framing>, Framing>(
        app, "--framing", &framing_,
        {{"bare", Framing::kBare}, {"length-prefixed", Framing::kLengthPrefixed}},
        "bare or length-prefixed; by default bare when it is one message")
        ->type_name("FRAMING");
    AddChoiceOption<std::optional<Codec>, Codec>(
        app, "--compress", &codec_,
        {{"none", Codec::kNone}, {"zstd", Codec::kZstd}, {"gzip", Codec::kGzip}},
        "none, zstd or gzip, the file as a whole; by default after OUT's name")
        ->type_name("CODEC");
    AddChoiceOption<std::optional<RowOrder>, RowOrder>(
        app, "--row-order", &row_order_,
        {{"by_use", RowOrder::kByUse}, {"sorted", RowOrder::kSorted}},
        "by_use, the smallest before compression, or sorted, the smallest after it; by default "
        "sorted when OUT is compressed")
        ->type_name("ORDER");
    app.add_flag("--attribute-references", options_.encode.attribute_references,
                 "write resource and scope attributes as string table references");
    AddChoiceOption<Coalesce, Coalesce>(
        app, "--coalesce", &options_.processor.batch.coalesce,
        {{"never", Coalesce::kNever}, {"lossless", Coalesce::kLossless}, {"all", Coalesce::kAll}},
        "which profiles to join: never, lossless (default) or all")
        ->type_name("POLICY");
    app.add_flag("--keep-going", keep_going_,
                 "leave out what cannot be read or decoded, and write the rest");
    app.add_option("--pipeline", pipeline_,
                   "with --config: whose transforms to apply, where there are several pipelines")
        ->type_name("ID");
  }

  ExitCode Run(const Console& console) override {
    if (const ExitCode code = TakeTransforms(console); code != ExitCode::kSuccess) return code;
    const Codec codec = codec_.value_or(CodecOfName(out_));
    options_.encode.row_order =
        row_order_.value_or(codec == Codec::kNone ? RowOrder::kByUse : RowOrder::kSorted);
    FileMerge merge(options_);
    const ExitCode read = ReadAll(console, &merge);
    if (read != ExitCode::kSuccess && !keep_going_) {
      console.Notice("nothing was written; --keep-going writes the rest");
      return read;
    }
    if (const absl::Status status = merge.Finish(); !status.ok()) {
      return console.Fail(status);
    }
    const size_t messages = merge.messages().size();
    absl::StatusOr<std::string> content =
        PackMessages(std::move(merge.messages()), framing_, codec);
    if (!content.ok()) return console.Fail(content.status());
    if (const absl::Status status = WriteOutputFile(out_, *content, console.out()); !status.ok()) {
      return console.Fail(status);
    }
    Summarize(merge.totals(), messages, content->size(), console);
    return read;
  }

 private:
  // Without a configuration on the command line nothing is transformed.
  ExitCode TakeTransforms(const Console& console) {
    if (console.globals().configs.empty() && console.globals().sets.empty()) {
      if (pipeline_.empty()) return ExitCode::kSuccess;
      return console.Fail(ExitCode::kUsage, "--pipeline needs --config");
    }
    const LoadResult loaded = LoadFromFlags(console);
    TellDiagnostics(loaded.diagnostics, console);
    if (!loaded.config.has_value()) return ExitCode::kBadConfig;
    const absl::StatusOr<const PipelineConfig*> pipeline =
        ChoosePipeline(*loaded.config, pipeline_);
    if (!pipeline.ok()) return console.Fail(ExitCode::kUsage, MessageOf(pipeline.status()));
    options_.transforms = (*pipeline)->transforms;
    return ExitCode::kSuccess;
  }

  // Stops at the first failure unless told to go on; says every one it met.
  ExitCode ReadAll(const Console& console, FileMerge* merge) {
    InputFiles files(inputs_, console.in());
    DialectGuess guess(assumed_);
    Progress progress(console);
    ExitCode code = ExitCode::kSuccess;
    for (;;) {
      const absl::StatusOr<std::optional<InputMessage>> message = files.Next();
      if (!message.ok()) {
        code = console.Fail(message.status());
        if (!keep_going_) return code;
        continue;
      }
      if (!message->has_value()) return code;
      const InputMessage& input = **message;
      if (input.index == 0) guess.StartFile();
      const DecodeReport& report = merge->Add(input.bytes, guess.context());
      guess.Learn(report);
      if (report.outcome != DecodeReport::Outcome::kAccepted) {
        code = console.Fail(ExitCode::kUndecodable,
                            fmt::format("{}: {}", input.name, report.Message()));
        if (!keep_going_) return code;
      } else if (report.profiles_rejected > 0) {
        TellRejected(input, report, console);
      }
      progress.Show(files.bytes_done(), files.total_bytes());
    }
  }

  static void TellRejected(const InputMessage& input, const DecodeReport& report,
                           const Console& console) {
    console.Notice(fmt::format("{}: {} of {} profiles left out: {}", input.name,
                               report.profiles_rejected, report.profiles_received,
                               report.Message()));
    for (const RejectedProfile& profile : report.examples) {
      console.Notice(fmt::format("  {}: {}: {}", profile.FieldPath(), ReasonWord(profile.reason),
                                 ReasonAdvice(profile.reason)));
    }
  }

  // With a machine format the numbers go to stderr as well: stdout may be the merged file.
  void Summarize(const FileMergeTotals& totals, size_t messages, size_t stored,
                 const Console& console) const {
    if (console.format() != OutputFormat::kHuman) {
      JsonWriter json(JsonWriter::Layout::kOneLine);
      json.BeginObject();
      json.Key("requests").Value(totals.requests);
      json.Key("requests_refused").Value(totals.requests_refused);
      json.Key("messages").Value(messages);
      json.Key("profiles_in").Value(totals.profiles_in);
      json.Key("profiles_rejected").Value(totals.profiles_rejected);
      json.Key("profiles_out").Value(totals.profiles_out);
      json.Key("profiles_filtered").Value(totals.profiles_filtered);
      json.Key("samples_in").Value(totals.samples_in);
      json.Key("samples_filtered").Value(totals.samples_filtered);
      json.Key("samples_out").Value(totals.samples_out);
      json.Key("bytes_in").Value(totals.bytes_in).Key("bytes_out").Value(totals.bytes_out);
      json.Key("stored_bytes").Value(stored);
      json.EndObject();
      console.Notice(json.text());
      return;
    }
    std::string line = fmt::format(
        "{} requests -> {} messages, {} -> {} profiles, {} -> {} samples, {} -> {} ({})",
        totals.requests, messages, totals.profiles_in, totals.profiles_out, totals.samples_in,
        totals.samples_out, FormatBytes(totals.bytes_in), FormatBytes(totals.bytes_out),
        FormatRatio(totals.bytes_out, totals.bytes_in));
    if (stored != totals.bytes_out) line += fmt::format(", {} in the file", FormatBytes(stored));
    console.Notice(line);
    if (totals.requests_refused > 0 || totals.profiles_rejected > 0) {
      console.Notice(fmt::format("left out: {} requests, {} profiles", totals.requests_refused,
                                 totals.profiles_rejected));
    }
    if (totals.profiles_filtered > 0 || totals.samples_filtered > 0) {
      console.Notice(fmt::format("removed by transforms: {} profiles, {} samples",
                                 totals.profiles_filtered, totals.samples_filtered));
    }
    if (totals.transform_failures > 0) {
      console.Notice(fmt::format("conditions and statements that failed on a row: {}; first: {}",
                                 totals.transform_failures, totals.first_failure));
    }
    if (totals.oversize_samples > 0) {
      console.Notice(fmt::format("left out: {} samples that alone exceed --max-message-bytes",
                                 totals.oversize_samples));
    }
  }

  InputFilesOptions inputs_;
  FileMergeOptions options_ = FileMergeOptions::ForFiles();
  Dialect assumed_ = Dialect::kV1_10;
  std::string out_;
  std::optional<Framing> framing_;
  std::optional<Codec> codec_;
  std::optional<RowOrder> row_order_;
  bool keep_going_ = false;
  std::string pipeline_;
};

}  // namespace

std::unique_ptr<Command> MakeMergeCommand() { return std::make_unique<MergeCommand>(); }

}  // namespace flameway
