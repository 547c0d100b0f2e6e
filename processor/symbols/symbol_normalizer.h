// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <absl/status/statusor.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "processor/symbols/custom_rules.h"
#include "processor/symbols/frame_type.h"
#include "processor/symbols/rule.h"
#include "processor/symbols/rule_context.h"
#include "processor/symbols/symbol_options.h"

namespace flameway {

// A function as its row has it, and what its location says about it. Views need to live for the
// call only.
struct FunctionName {
  std::string_view name;
  FrameType type = FrameType::kAbsent;
  std::string_view file = {};          // for functions without a name (D4)
  int64_t start_line = 0;              // the same; 0 when unknown
  std::string_view mapping_file = {};  // for [unknown] (A24)
  std::string_view class_name = {};    // for Ruby blocks (D3), where the sender has it
};

struct NormalizedName {
  std::optional<std::string> text;             // nothing: unchanged, byte for byte
  FrameType learnt_type = FrameType::kAbsent;  // from `_[k]` or `_[j]` behind the name
};

// A frame that has an address and no function.
struct AddressFrame {
  std::string_view mapping_file;
  std::string_view build_id;  // hex
  uint64_t address = 0;       // in the file
  FrameType type = FrameType::kNative;
};

// The rules of docs/symbols.md over names and paths: pure functions from text to text. Owns the
// compiled rules; immutable, so any thread may call it, and nothing is remembered between calls.
//
// What holds, for every input: the same text in gives the same text out; a text that no rule knows
// comes back as it is (no allocation, about 50 ns for an ordinary name); normalizing a result again
// changes nothing, unless custom rules match their own output; the output of a text is at most
// max_name_bytes or max_path_bytes long. Time is linear in the length, with factors for demangling
// (about a microsecond for a simple C++ name, more for templates) and for names that need several
// rounds (at most kMaxRounds; a name that has not settled then stays as it was). Bytes that are not
// UTF-8 are safe.
//
// Rules run in the order of SymbolPhase, gated by the frame type. That is repeated until nothing
// changes, since one rule can uncover what another knows. Custom rules run once, after that.
class SymbolNormalizer {
 public:
  // Errors name the unknown switch, or the custom rule and its place in the list.
  [[nodiscard]] static absl::StatusOr<SymbolNormalizer> Create(const SymbolOptions& options);

  [[nodiscard]] NormalizedName NormalizeFunctionName(const FunctionName& function) const;
  // The file a function stands in.
  [[nodiscard]] std::optional<std::string> NormalizeFileName(
      std::string_view file, FrameType type = FrameType::kAbsent) const;
  // The file of a mapping, which may be `[vdso]` and the like.
  [[nodiscard]] std::optional<std::string> NormalizeMappingName(
      std::string_view file, FrameType type = FrameType::kAbsent) const;

  // A26: `libfoo.so@1a2b3c4d+0x1f30`; nothing without a file or a build id, or where it is off.
  [[nodiscard]] std::optional<std::string> NameOfAddress(const AddressFrame& frame) const;
  // E7: `network/tcp/read` for the attribute kernel.area; "" if unknown, or where it is off.
  [[nodiscard]] std::string_view KernelArea(std::string_view name, FrameType type) const;
  // F8: `libc` for /usr/lib/libc.so.6; "" if it is no library, or where it is off. Part of `file`.
  [[nodiscard]] std::string_view LibraryName(std::string_view file) const;

  [[nodiscard]] bool IsOn(SymbolRule rule) const { return rules_.Has(rule); }

  static constexpr int kMaxRounds = 16;

 private:
  SymbolNormalizer(const SymbolOptions& options, const SymbolRuleSet& rules, CustomRules names,
                   CustomRules files, CustomRules mappings);

  [[nodiscard]] RuleContext ContextFor(FrameType type) const;
  void NameRound(const RuleContext& context, const FunctionName& function, SymbolText& name) const;

  DemangleMode demangle_;
  JvmSeparator jvm_separator_;
  std::vector<std::string> trim_prefixes_;
  size_t max_name_bytes_;
  size_t max_path_bytes_;
  SymbolRuleSet rules_;
  std::array<SymbolRuleSet, kFrameTypeCount> rules_by_type_;
  CustomRules custom_names_;
  CustomRules custom_files_;
  CustomRules custom_mappings_;
};

}  // namespace flameway
