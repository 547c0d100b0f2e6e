// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "bridge/cli/input_files.h"
#include "proto/otlp/dialect.h"

namespace flameway {

// Flags that several commands share. The variables outlive the parse.

// A flag that takes one of a few words. `Target` is the words' type or an optional of it.
template <typename Target, typename Choice>
CLI::Option* AddChoiceOption(CLI::App& app, const std::string& name, Target* target,
                             std::vector<std::pair<std::string, Choice>> choices,
                             const std::string& description) {
  std::vector<std::string> words;
  for (const auto& [word, choice] : choices) words.push_back(word);
  return app
      .add_option(
          name,
          [target, choices = std::move(choices)](const CLI::results_t& values) {
            for (const auto& [word, choice] : choices) {
              if (word != values.back()) continue;
              *target = choice;
              return true;
            }
            return false;
          },
          description)
      ->check(CLI::IsMember(std::move(words)).description(""));
}

// FILE... and --max-input-bytes.
void DeclareInputs(CLI::App& app, InputFilesOptions* inputs);
// --assume-schema
void DeclareAssumedDialect(CLI::App& app, Dialect* assumed);
// A flag whose value is a number of bytes with an optional unit.
CLI::Option* AddBytesOption(CLI::App& app, const std::string& name, size_t* bytes,
                            const std::string& description);
// A flag whose value is a duration.
CLI::Option* AddDurationOption(CLI::App& app, const std::string& name,
                               std::optional<std::chrono::milliseconds>* duration,
                               const std::string& description);

}  // namespace flameway
