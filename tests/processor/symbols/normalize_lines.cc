// SPDX-License-Identifier: Apache-2.0
// normalize_lines MODE TYPE: reads names from standard input, one a line, and writes what they
// become. For demangler_agreement_test.py.
#include <iostream>
#include <string>

#include "processor/symbols/symbol_normalizer.h"

int main(int argc, char** argv) {
  using flameway::DemangleMode;
  if (argc != 3) return 2;
  const std::string mode = argv[1];
  const auto type = flameway::ParseFrameType(argv[2]);
  flameway::SymbolOptions options;
  options.demangle = mode == "none"        ? DemangleMode::kNone
                     : mode == "simple"    ? DemangleMode::kSimple
                     : mode == "templates" ? DemangleMode::kTemplates
                                           : DemangleMode::kFull;
  const auto normalizer = flameway::SymbolNormalizer::Create(options);
  if (!normalizer.ok() || !type) return 2;
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    std::cout
        << normalizer->NormalizeFunctionName({.name = line, .type = *type}).text.value_or(line)
        << '\n';
  }
  return 0;
}
