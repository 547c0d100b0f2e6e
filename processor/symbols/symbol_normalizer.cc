// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/symbol_normalizer.h"

#include <charconv>
#include <utility>

#include "processor/symbols/characters.h"
#include "processor/symbols/enabled_rules.h"
#include "processor/symbols/go_rules.h"
#include "processor/symbols/interpreted_rules.h"
#include "processor/symbols/jvm_rules.h"
#include "processor/symbols/kernel_rules.h"
#include "processor/symbols/native_rules.h"
#include "processor/symbols/path_rules.h"

namespace flameway {
namespace {

constexpr size_t kBuildIdDigits = 8;

// Runs `round` until it changes nothing; false if it does not come to that. Each rule but
// demangling shortens a text or is done after once, and a demangled name that is mangled again is
// shorter; so this ends soon unless a text was made to go on. Texts stay within `max_bytes`.
template <class Round>
bool Settle(size_t max_bytes, SymbolText& text, Round round) {
  for (int i = 0; i < SymbolNormalizer::kMaxRounds; ++i) {
    const size_t edits = text.edits();
    round();
    text.KeepFirst(CutLength(text.view(), max_bytes));
    if (text.edits() == edits) return true;
  }
  return false;
}

std::optional<std::string> IfChanged(std::string_view text, std::string_view original) {
  if (text == original) return std::nullopt;
  return std::string(text);
}

// A24: what FlameGraph shows for a frame perf could not name.
void NameUnknown(const SymbolNormalizer& normalizer, std::string_view mapping_file,
                 SymbolText& name) {
  if (name.view() != "[unknown]" || mapping_file.empty()) return;
  const std::optional<std::string> normalized = normalizer.NormalizeMappingName(mapping_file);
  const std::string_view base = Basename(normalized ? *normalized : mapping_file);
  if (base.empty()) return;
  name.Replace(base.starts_with('[') ? std::string(base) : "[" + std::string(base) + "]");
}

}  // namespace

absl::StatusOr<SymbolNormalizer> SymbolNormalizer::Create(const SymbolOptions& options) {
  absl::StatusOr<SymbolRuleSet> rules = EnabledRules(options);
  if (!rules.ok()) return rules.status();
  absl::StatusOr<CustomRules> names = CustomRules::Create(options.rules, CustomTarget::kName);
  if (!names.ok()) return names.status();
  absl::StatusOr<CustomRules> files = CustomRules::Create(options.rules, CustomTarget::kFile);
  if (!files.ok()) return files.status();
  absl::StatusOr<CustomRules> mappings = CustomRules::Create(options.rules, CustomTarget::kMapping);
  if (!mappings.ok()) return mappings.status();
  for (const std::string& prefix : options.trim_prefixes) {
    if (prefix.empty()) return absl::InvalidArgumentError("trim_prefixes: a prefix is empty");
  }
  return SymbolNormalizer(options, *rules, *std::move(names), *std::move(files),
                          *std::move(mappings));
}

SymbolNormalizer::SymbolNormalizer(const SymbolOptions& options, const SymbolRuleSet& rules,
                                   CustomRules names, CustomRules files, CustomRules mappings)
    : demangle_(options.demangle),
      jvm_separator_(options.jvm_separator),
      trim_prefixes_(options.trim_prefixes),
      max_name_bytes_(options.max_name_bytes),
      max_path_bytes_(options.max_path_bytes),
      rules_(rules),
      custom_names_(std::move(names)),
      custom_files_(std::move(files)),
      custom_mappings_(std::move(mappings)) {
  for (size_t i = 0; i < kFrameTypeCount; ++i) {
    rules_by_type_[i] = rules_.For(static_cast<FrameType>(i));
  }
}

RuleContext SymbolNormalizer::ContextFor(FrameType type) const {
  return {.rules = rules_by_type_[static_cast<size_t>(type)],
          .type = type,
          .demangle = demangle_,
          .jvm_separator = jvm_separator_,
          .trim_prefixes = trim_prefixes_};
}

// One walk through the phases. Each family looks only at what its gate lets in; untyped names see
// those rules of all families that cannot be mistaken.
void SymbolNormalizer::NameRound(const RuleContext& context, const FunctionName& function,
                                 SymbolText& name) const {
  const FrameType type = context.type;
  const bool is_untyped = context.IsUntyped();
  const bool is_native = is_untyped || type == FrameType::kNative || type == FrameType::kRust;
  const bool is_jvm = is_untyped || type == FrameType::kJvm;
  const bool is_go = is_untyped || type == FrameType::kGo;
  const bool is_kernel = is_untyped || type == FrameType::kKernel;

  if (is_native || is_kernel) RepairNative(context, name);
  if (is_jvm) RepairJvm(context, name);
  if (is_go) RepairGo(context, name);
  if (is_kernel) RepairKernel(context, name);
  RepairInterpreted(context, name);

  if (is_native) DemangleNative(context, name);

  if (is_native) StripNativeSuffix(context, name);
  if (is_kernel) StripKernelSuffix(context, name);
  if (is_go) StripGoSuffix(context, name);
  StripInterpretedSuffix(context, name);

  if (is_native) SimplifyNative(context, name);
  if (is_jvm) SimplifyJvm(context, name);
  if (is_go) SimplifyGo(context, name);
  if (is_kernel) SimplifyKernel(context, name);
  SimplifyInterpreted(context, function.class_name, name);

  NameAnonymous(context, function.file, function.start_line, name);
  if (context.Has(SymbolRule::kUnknownName)) NameUnknown(*this, function.mapping_file, name);
}

NormalizedName SymbolNormalizer::NormalizeFunctionName(const FunctionName& function) const {
  SymbolText name(function.name.substr(0, CutLength(function.name, max_name_bytes_)));
  const std::string_view cut = name.view();
  NormalizedName normalized;
  FrameType type = function.type;
  const bool has_settled = Settle(max_name_bytes_, name, [&] {
    const FrameType learnt = TakeFrameMark(ContextFor(type), name);
    if (learnt != FrameType::kAbsent) normalized.learnt_type = type = learnt;
    NameRound(ContextFor(type), function, name);
  });
  if (!has_settled) return {.text = IfChanged(cut, function.name)};
  custom_names_.Apply(type, name);
  name.KeepFirst(CutLength(name.view(), max_name_bytes_));
  normalized.text = IfChanged(name.view(), function.name);
  return normalized;
}

std::optional<std::string> SymbolNormalizer::NormalizeFileName(std::string_view file,
                                                               FrameType type) const {
  SymbolText path(file.substr(0, CutLength(file, max_path_bytes_)));
  const std::string_view cut = path.view();
  const RuleContext context = ContextFor(type);
  if (!Settle(max_path_bytes_, path, [&] { NormalizeSourcePath(context, path); })) {
    return IfChanged(cut, file);
  }
  custom_files_.Apply(type, path);
  path.KeepFirst(CutLength(path.view(), max_path_bytes_));
  return IfChanged(path.view(), file);
}

std::optional<std::string> SymbolNormalizer::NormalizeMappingName(std::string_view file,
                                                                  FrameType type) const {
  SymbolText path(file.substr(0, CutLength(file, max_path_bytes_)));
  const std::string_view cut = path.view();
  const RuleContext context = ContextFor(type);
  if (!Settle(max_path_bytes_, path, [&] { NormalizeMappingPath(context, path); })) {
    return IfChanged(cut, file);
  }
  custom_mappings_.Apply(type, path);
  path.KeepFirst(CutLength(path.view(), max_path_bytes_));
  return IfChanged(path.view(), file);
}

std::optional<std::string> SymbolNormalizer::NameOfAddress(const AddressFrame& frame) const {
  const bool is_on = rules_by_type_[static_cast<size_t>(frame.type)].Has(SymbolRule::kAddressName);
  if (!is_on || frame.build_id.empty()) return std::nullopt;
  const std::optional<std::string> normalized =
      NormalizeMappingName(frame.mapping_file, frame.type);
  const std::string_view file = Basename(normalized ? *normalized : frame.mapping_file);
  if (file.empty()) return std::nullopt;
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), frame.address, 16);
  std::string name(file);
  name += "@";
  name += frame.build_id.substr(0, kBuildIdDigits);
  name += "+0x";
  name.append(digits.data(), end.ptr);
  return name;
}

std::string_view SymbolNormalizer::KernelArea(std::string_view name, FrameType type) const {
  const bool is_on = rules_by_type_[static_cast<size_t>(type)].Has(SymbolRule::kKernelArea);
  return is_on ? KernelAreaOf(name) : std::string_view();
}

std::string_view SymbolNormalizer::LibraryName(std::string_view file) const {
  return rules_.Has(SymbolRule::kLibraryName) ? LibraryNameOf(file) : std::string_view();
}

}  // namespace flameway
