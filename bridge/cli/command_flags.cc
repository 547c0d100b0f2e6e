// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/command_flags.h"

#include <optional>

#include "bridge/config/core_schema.h"

namespace flameway {

CLI::Option* AddBytesOption(CLI::App& app, const std::string& name, size_t* bytes,
                            const std::string& description) {
  return app
      .add_option(
          name,
          [bytes](const CLI::results_t& values) {
            const std::optional<uint64_t> parsed = ParseByteSize(values.back());
            if (parsed.has_value()) *bytes = static_cast<size_t>(*parsed);
            return parsed.has_value();
          },
          description)
      ->type_name("BYTES");
}

CLI::Option* AddDurationOption(CLI::App& app, const std::string& name,
                               std::optional<std::chrono::milliseconds>* duration,
                               const std::string& description) {
  return app
      .add_option(
          name,
          [duration](const CLI::results_t& values) {
            const std::optional<DurationText> parsed = ParseDuration(values.back());
            if (parsed.has_value()) *duration = parsed->value;
            return parsed.has_value();
          },
          description)
      ->type_name("DURATION");
}

void DeclareInputs(CLI::App& app, InputFilesOptions* inputs) {
  app.add_option("FILE", inputs->paths,
                 "OTLP protobuf files: one message or length-prefixed records, plain, gzip or "
                 "zstd; folders; - for standard input")
      ->required();
  AddBytesOption(app, "--max-input-bytes", &inputs->max_file_bytes,
                 "largest file to take, unpacked (4GiB)");
}

void DeclareAssumedDialect(CLI::App& app, Dialect* assumed) {
  AddChoiceOption<Dialect, Dialect>(
      app, "--assume-schema", assumed,
      {{"1.8", Dialect::kV1_8}, {"1.9", Dialect::kV1_9}, {"1.10", Dialect::kV1_10}},
      "OTLP version of messages that do not tell: 1.8, 1.9 or 1.10 (default)")
      ->type_name("VERSION");
}

}  // namespace flameway
