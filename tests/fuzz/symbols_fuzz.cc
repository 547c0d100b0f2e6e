// SPDX-License-Identifier: Apache-2.0
// Names and paths: whatever the text, the output is bounded, the same again, and a fixed point.
// Grammar of an input: byte 0 frame type, byte 1 options, the text.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "processor/symbols/frame_filter.h"
#include "processor/symbols/symbol_normalizer.h"

namespace flameway {
namespace {

constexpr size_t kMaxBytes = 4096;
constexpr size_t kModes = 4;

void Check(bool holds) {
  if (!holds) std::abort();
}

enum class Extra : uint8_t { kDefaults, kEverything };

SymbolNormalizer Make(DemangleMode mode, Extra extra) {
  SymbolOptions options{.demangle = mode, .max_name_bytes = kMaxBytes, .max_path_bytes = kMaxBytes};
  if (extra == Extra::kEverything) {
    options.trim_prefixes = {"/usr/", "/a"};
    for (const SymbolRuleRow& row : SymbolRules()) {
      if (row.state == RuleState::kOff) {
        options.switches.push_back({std::string(row.name), SwitchState::kOn});
      }
    }
  }
  absl::StatusOr<SymbolNormalizer> normalizer = SymbolNormalizer::Create(options);
  Check(normalizer.ok());
  return *std::move(normalizer);
}

const SymbolNormalizer& NormalizerOf(uint8_t options) {
  static const std::array<SymbolNormalizer, 2 * kModes> kNormalizers = {
      Make(DemangleMode::kNone, Extra::kDefaults),
      Make(DemangleMode::kSimple, Extra::kDefaults),
      Make(DemangleMode::kTemplates, Extra::kDefaults),
      Make(DemangleMode::kFull, Extra::kDefaults),
      Make(DemangleMode::kNone, Extra::kEverything),
      Make(DemangleMode::kSimple, Extra::kEverything),
      Make(DemangleMode::kTemplates, Extra::kEverything),
      Make(DemangleMode::kFull, Extra::kEverything)};
  return kNormalizers[options % kNormalizers.size()];
}

void CheckName(const SymbolNormalizer& normalizer, std::string_view text, FrameType type) {
  const NormalizedName once = normalizer.NormalizeFunctionName({.name = text, .type = type});
  const NormalizedName again = normalizer.NormalizeFunctionName({.name = text, .type = type});
  Check(once.text == again.text && once.learnt_type == again.learnt_type);
  if (!once.text) {
    Check(text.size() <= kMaxBytes);
    return;
  }
  Check(once.text->size() <= kMaxBytes && *once.text != text);
  const FrameType then = once.learnt_type == FrameType::kAbsent ? type : once.learnt_type;
  Check(!normalizer.NormalizeFunctionName({.name = *once.text, .type = then}).text);
}

void CheckPaths(const SymbolNormalizer& normalizer, std::string_view text, FrameType type) {
  if (const auto file = normalizer.NormalizeFileName(text, type)) {
    Check(file->size() <= kMaxBytes && !normalizer.NormalizeFileName(*file, type));
  }
  if (const auto mapping = normalizer.NormalizeMappingName(text, type)) {
    Check(mapping->size() <= kMaxBytes && !normalizer.NormalizeMappingName(*mapping, type));
  }
}

}  // namespace
}  // namespace flameway

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const auto type = static_cast<flameway::FrameType>(data[0] % flameway::kFrameTypeCount);
  const flameway::SymbolNormalizer& normalizer = flameway::NormalizerOf(data[1]);
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  flameway::CheckName(normalizer, text, type);
  flameway::CheckPaths(normalizer, text, type);
  (void)flameway::SimplifyForPruning(text);
  return 0;
}
