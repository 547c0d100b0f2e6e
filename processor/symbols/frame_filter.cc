// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/frame_filter.h"

#include <absl/status/status.h>
#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "processor/symbols/characters.h"

namespace flameway {
namespace {

constexpr uint16_t kPrune = 1 << 0;
constexpr uint16_t kPruneFrom = 1 << 1;
constexpr uint16_t kAbort = 1 << 2;
constexpr uint16_t kPythonFrame = 1 << 3;
constexpr uint16_t kPythonRuntime = 1 << 4;
constexpr uint16_t kRubyFrame = 1 << 5;
constexpr uint16_t kRubyRuntime = 1 << 6;
constexpr uint16_t kModuleFrame = 1 << 7;  // Python's <module>
constexpr uint16_t kPseudo = 1 << 8;       // V8's (root), (idle)

bool IsVersionedName(std::string_view base, std::string_view name) {
  if (!base.starts_with(name)) return false;
  const char next = base.size() > name.size() ? base[name.size()] : '.';
  return next == '.' || next == '-' || IsDigit(next);
}

uint16_t RuntimeOf(const FilterFrame& frame) {
  if (frame.type == FrameType::kCpython) return kPythonFrame;
  if (frame.type == FrameType::kRuby) return kRubyFrame;
  if (frame.type != FrameType::kNative && frame.type != FrameType::kAbsent) return 0;
  const std::string_view base = Basename(frame.mapping_file);
  if (IsVersionedName(base, "libpython") || IsVersionedName(base, "python")) return kPythonRuntime;
  if (IsVersionedName(base, "libruby") || IsVersionedName(base, "ruby")) return kRubyRuntime;
  return 0;
}

absl::Status Compile(std::string_view key, const std::string& pattern,
                     std::unique_ptr<const RE2>& compiled) {
  if (pattern.empty()) return absl::OkStatus();
  RE2::Options options;
  options.set_log_errors(false);
  compiled = std::make_unique<const RE2>(pattern, options);
  if (compiled->ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(std::string(key) + ": " + compiled->error() + " at `" +
                                    compiled->error_arg() + "`");
}

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct FrameFilter::Patterns {
  std::unique_ptr<const RE2> drop;
  std::unique_ptr<const RE2> keep;
  std::unique_ptr<const RE2> prune_from;
};

std::string_view SimplifyForPruning(std::string_view name) {
  if (name.starts_with('.')) name.remove_prefix(1);
  for (size_t open = name.find('('); open != std::string_view::npos;) {
    constexpr std::string_view kAnonymous = "(anonymous namespace)";
    constexpr std::string_view kCall = "operator()";
    if (name.substr(open).starts_with(kAnonymous)) {
      open = name.find('(', open + kAnonymous.size());
    } else if (name.substr(0, open + 2).ends_with(kCall)) {
      open = name.find('(', open + 2);
    } else {
      return name.substr(0, open);
    }
  }
  return name;
}

FrameFilter::FrameFilter(FrameFilter&&) noexcept = default;
FrameFilter& FrameFilter::operator=(FrameFilter&&) noexcept = default;
FrameFilter::~FrameFilter() = default;

FrameFilter::FrameFilter(const FrameFilterOptions& options,
                         std::unique_ptr<const Patterns> patterns)
    : abort_markers_(options.abort_markers),
      runtime_frames_(options.runtime_frames),
      repeated_frames_(options.repeated_frames),
      max_depth_(options.max_depth),
      rules_(options.rules),
      patterns_(std::move(patterns)) {}

absl::StatusOr<FrameFilter> FrameFilter::Create(const FrameFilterOptions& options) {
  auto patterns = std::make_unique<Patterns>();
  if (!options.keep_frames.empty() && options.drop_frames.empty()) {
    return absl::InvalidArgumentError("keep_frames: does nothing without frames to drop");
  }
  if (options.max_depth == 1) {
    return absl::InvalidArgumentError("max_depth: 1 leaves no room beside the [truncated] frame");
  }
  for (const absl::Status& status :
       {Compile("drop_frames", options.drop_frames, patterns->drop),
        Compile("keep_frames", options.keep_frames, patterns->keep),
        Compile("prune_from", options.prune_from, patterns->prune_from)}) {
    if (!status.ok()) return status;
  }
  return FrameFilter(options, std::move(patterns));
}

bool FrameFilter::IsIdle() const {
  return patterns_->drop == nullptr && patterns_->prune_from == nullptr &&
         abort_markers_ == AbortMarkers::kKeep && runtime_frames_ == RuntimeFrames::kKeep &&
         repeated_frames_ == RepeatedFrames::kKeep && max_depth_ == 0 &&
         !rules_.Has(SymbolRule::kPythonModule) && !rules_.Has(SymbolRule::kV8Pseudo);
}

FrameVerdict FrameFilter::Judge(const FilterFrame& frame) const {
  uint16_t bits = 0;
  const std::string_view simple = SimplifyForPruning(frame.name);
  if (patterns_->drop != nullptr && !frame.name.empty() &&
      RE2::FullMatch(Piece(simple), *patterns_->drop) &&
      (patterns_->keep == nullptr || !RE2::FullMatch(Piece(simple), *patterns_->keep))) {
    bits |= kPrune;
  }
  if (patterns_->prune_from != nullptr && !frame.name.empty() &&
      RE2::PartialMatch(Piece(simple), *patterns_->prune_from)) {
    bits |= kPruneFrom;
  }
  if (abort_markers_ == AbortMarkers::kDrop && frame.type == FrameType::kAbortMarker) {
    bits |= kAbort;
  }
  if (runtime_frames_ == RuntimeFrames::kDrop) bits |= RuntimeOf(frame);
  if (rules_.Has(SymbolRule::kPythonModule) && frame.type == FrameType::kCpython &&
      frame.name == "<module>") {
    bits |= kModuleFrame;
  }
  if (rules_.Has(SymbolRule::kV8Pseudo) && frame.type == FrameType::kV8js &&
      (frame.name == "(root)" || frame.name == "(idle)")) {
    bits |= kPseudo;
  }
  return {bits};
}

StackDepth FrameFilter::Select(std::span<const JudgedFrame> stack,
                               std::vector<uint32_t>& kept) const {
  kept.clear();
  uint16_t seen = 0;
  for (const JudgedFrame& frame : stack) seen |= frame.verdict.bits;
  uint16_t dropped = kAbort | kPseudo;
  if ((seen & kPythonFrame) != 0) dropped |= kPythonRuntime;
  if ((seen & kRubyFrame) != 0) dropped |= kRubyRuntime;
  for (size_t i = 0; i < stack.size(); ++i) {
    if ((stack[i].verdict.bits & dropped) == 0) kept.push_back(static_cast<uint32_t>(i));
  }
  while (!kept.empty() && (stack[kept.back()].verdict.bits & kModuleFrame) != 0) kept.pop_back();

  size_t leaf = 0;  // of those kept: the first that stays
  if ((seen & kPrune) != 0) {
    bool found_other = false;
    for (size_t i = kept.size(); i-- > 0;) {
      const bool matches = (stack[kept[i]].verdict.bits & kPrune) != 0;
      if (matches && found_other) {
        leaf = i + 1;
        break;
      }
      found_other |= !matches;
    }
  }
  if ((seen & kPruneFrom) != 0) {
    for (size_t i = leaf; i < kept.size(); ++i) {
      if ((stack[kept[i]].verdict.bits & kPruneFrom) == 0) continue;
      leaf = i;
      break;
    }
  }
  kept.erase(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(leaf));

  if (repeated_frames_ == RepeatedFrames::kMerge) {
    const auto same = [stack](uint32_t a, uint32_t b) {
      return stack[a].identity == stack[b].identity;
    };
    kept.erase(std::unique(kept.begin(), kept.end(), same), kept.end());
  }
  if (max_depth_ == 0 || kept.size() <= max_depth_) return StackDepth::kWhole;
  const size_t cut = kept.size() - (max_depth_ - 1);
  kept.erase(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(cut));
  return StackDepth::kTruncated;
}

}  // namespace flameway
