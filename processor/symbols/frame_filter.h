// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "processor/symbols/frame_type.h"
#include "processor/symbols/rule.h"

namespace flameway {

// Which frames of a stack stay (table G, and D1 and D5). In two steps, so that patterns are matched
// once for each distinct frame and a stack costs a byte a frame:
//
//   FrameVerdict verdict = filter.Judge({name, type, mapping_file});      // once per distinct
//   frame FilteredStack kept = filter.Select(frames_with_verdicts, indices);    // per stack
//
// Immutable; any thread. Selecting from what was selected changes nothing more. It does not look at
// what the frames' names become: give it names that are normalized.

enum class RepeatedFrames : uint8_t { kKeep, kMerge };
enum class RuntimeFrames : uint8_t { kKeep, kDrop };
enum class AbortMarkers : uint8_t { kKeep, kDrop };

struct FrameFilterOptions {
  // G1, RE2 over the whole simplified name, as pprof's drop_frames and keep_frames. A stack loses
  // the frame nearest the root that matches drop and not keep, and all below it (towards the leaf).
  // Frames at the root that match stay, so that no stack is emptied.
  std::string drop_frames;
  std::string keep_frames;
  // RE2 anywhere in the simplified name: all below the match nearest the leaf goes, itself not.
  std::string prune_from;
  AbortMarkers abort_markers = AbortMarkers::kKeep;     // G2: frames of type abort-marker
  RuntimeFrames runtime_frames = RuntimeFrames::kKeep;  // G3: native frames of libpython, libruby,
                                                        // in stacks with frames of that language
  RepeatedFrames repeated_frames = RepeatedFrames::kKeep;  // G4: equal neighbours
  // G5: deeper stacks keep their root, and get a `[truncated]` frame as their leaf; 0 for no limit.
  size_t max_depth = 0;
  // D1 and D5, if they are on.
  SymbolRuleSet rules;
};

struct FilterFrame {
  std::string_view name;
  FrameType type = FrameType::kAbsent;
  std::string_view mapping_file = {};
};

// What a filter knows of a frame without its stack. Opaque; zero means nothing.
struct FrameVerdict {
  uint16_t bits = 0;
  bool operator==(const FrameVerdict&) const = default;
};

struct JudgedFrame {
  FrameVerdict verdict;
  uint32_t identity = 0;  // equal for equal frames: the row
};

enum class StackDepth : uint8_t { kWhole, kTruncated };

class FrameFilter {
 public:
  // Errors name the pattern and what is wrong with it.
  [[nodiscard]] static absl::StatusOr<FrameFilter> Create(const FrameFilterOptions& options);
  FrameFilter(FrameFilter&&) noexcept;
  FrameFilter& operator=(FrameFilter&&) noexcept;
  ~FrameFilter();

  // Whether no stack can lose a frame.
  [[nodiscard]] bool IsIdle() const;

  // Whether a stack keeps all its frames when each verdict is zero.
  [[nodiscard]] bool SparesUnmarked() const {
    return repeated_frames_ == RepeatedFrames::kKeep && max_depth_ == 0;
  }

  // Costs up to three regular expressions over the name.
  [[nodiscard]] FrameVerdict Judge(const FilterFrame& frame) const;

  // Puts the indices of the frames that stay into `kept`, leaf first as in `stack`. kTruncated: a
  // frame named `[truncated]` belongs before them, and is counted in max_depth. Linear.
  [[nodiscard]] StackDepth Select(std::span<const JudgedFrame> stack,
                                  std::vector<uint32_t>& kept) const;

 private:
  struct Patterns;
  FrameFilter(const FrameFilterOptions& options, std::unique_ptr<const Patterns> patterns);

  AbortMarkers abort_markers_;
  RuntimeFrames runtime_frames_;
  RepeatedFrames repeated_frames_;
  size_t max_depth_;
  SymbolRuleSet rules_;
  std::unique_ptr<const Patterns> patterns_;
};

// What pprof matches against: without a leading dot, and without what begins at the first
// parenthesis that is neither `(anonymous namespace)` nor `operator()`. Part of `name`.
[[nodiscard]] std::string_view SimplifyForPruning(std::string_view name);

}  // namespace flameway
