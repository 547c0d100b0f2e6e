// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "processor/symbols/frame_type.h"

namespace flameway {

// How much of a C++ name stays. kNone leaves mangled names of every language as they are.
enum class DemangleMode : uint8_t {
  kNone,
  kSimple,     // foo::bar
  kTemplates,  // foo<int>::bar
  kFull,       // int foo<int>::bar(int) const
};

enum class JvmSeparator : uint8_t { kDot, kSlash };  // java.lang.Thread.run, java/lang/Thread.run

enum class SwitchState : uint8_t { kOff, kOn };

// Turns a rule ("native.clone_suffix") or a whole family ("native") on or off, against its default.
// A family that is on has its rules at their defaults. A rule's own switch wins over its family's,
// a later switch over an earlier one.
struct RuleSwitch {
  std::string name;
  SwitchState state = SwitchState::kOn;
};

enum class CustomTarget : uint8_t { kName, kFile, kMapping };

// A rule of the operator: where `pattern` (RE2) first matches, the match is replaced by
// `replacement` (\0 to \9 refer to groups). Runs after our own rules, on what they made of the
// text. Should do nothing to its own output, since gateways in a row each apply it once.
struct CustomRule {
  std::string name;  // for messages
  std::string pattern;
  std::string replacement;
  CustomTarget target = CustomTarget::kName;
  FrameTypes gate = FrameTypes::All();
};

struct SymbolOptions {
  DemangleMode demangle = DemangleMode::kSimple;
  std::vector<RuleSwitch> switches;
  std::vector<std::string> trim_prefixes;  // for paths.trim_prefix; the longest that fits goes
  JvmSeparator jvm_separator = JvmSeparator::kDot;  // for jvm.separator, which is off by default
  std::vector<CustomRule> rules;  // cost: one pass of an RE2::Set a text, one match for each hit

  // Longer texts are cut at a character boundary before and after all rules. Bounds the time for
  // one name; demangling takes at most a few times as much memory.
  size_t max_name_bytes = 65'535;
  size_t max_path_bytes = 65'535;
};

}  // namespace flameway
