// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "processor/transform/rows.h"

namespace flameway {

enum class RowVerdict : uint8_t {
  kKeep,     // as it is; nothing was changed
  kChanged,  // in its new form
  kDrop,     // and all that hangs on it; only where the hook says so
};

// Which stacks a transform wants to see, after JudgeFrame for each location: those with a frame it
// marked, which it leaves alone otherwise, or all of them.
enum class StackHook : uint8_t { kNone, kMarked, kAll };

// What a transform wants to see. A kind of row that no transform of a pipeline wants costs nothing.
struct TransformHooks {
  bool resources = false;
  bool scopes = false;
  bool profiles = false;
  bool samples = false;
  // What OnSample answers depends on these rows too, not on the sample's attributes alone.
  bool samples_see_resource = false;
  bool samples_see_scope = false;
  bool samples_see_profile = false;
  bool functions = false;
  bool mappings = false;
  bool locations = false;
  StackHook stacks = StackHook::kNone;
};

// The rows around the one that is looked at, as the transforms before this one left them.
struct RowsAround {
  const ResourceRow* resource = nullptr;
  const ScopeRow* scope = nullptr;
  const ProfileRow* profile = nullptr;
};

// What a function's location says about it.
struct FrameAround {
  std::string_view frame_type;  // profile.frame.type; empty: not said
  std::string_view mapping_filename;
};

// What a transform that filters frames knows of one without its stack.
using FrameMarks = uint16_t;

struct StackFrame {
  FrameMarks marks = 0;
  uint32_t identity = 0;  // equal for equal frames
};

// Told of what failed while a row was transformed, on the batch's thread. Quick, and not one log
// line for each call.
using TransformReport = std::function<void(std::string_view what)>;

// The name of the frame that stands for those a transform cut off.
inline constexpr std::string_view kTruncatedFrameName = "[truncated]";

// One processor of a pipeline, on one thread. A hook is called once for each distinct row of a
// batch, so what is dear is remembered across batches by the transform itself, within a bound.
//
// Law, tested for each: deterministic, idempotent, independent of the order of requests; what it
// does to a row depends on that row and what its hook is given, on nothing else.
class Transform {
 public:
  virtual ~Transform() = default;

  [[nodiscard]] virtual TransformHooks hooks() const = 0;

  // May drop: the resource with all its profiles, before its samples are looked at.
  virtual RowVerdict OnResource(ResourceRow&) { return RowVerdict::kKeep; }
  // May drop.
  virtual RowVerdict OnScope(ScopeRow&, const RowsAround&) { return RowVerdict::kKeep; }
  // May drop. Called for each profile that comes in.
  virtual RowVerdict OnProfile(ProfileRow&, const RowsAround&) { return RowVerdict::kKeep; }
  // May drop. Called for each distinct set of attributes, or of them and the rows seen.
  virtual RowVerdict OnSample(SampleRow&, const RowsAround&) { return RowVerdict::kKeep; }
  // Mappings and functions that are known.
  virtual RowVerdict OnMapping(MappingRow&) { return RowVerdict::kKeep; }
  // `learnt_type`: the frame type that the name gave away, for a location that has none.
  virtual RowVerdict OnFunction(FunctionRow&, const FrameAround&, std::string& /*learnt_type*/) {
    return RowVerdict::kKeep;
  }
  virtual RowVerdict OnLocation(LocationRow&) { return RowVerdict::kKeep; }
  virtual FrameMarks JudgeFrame(const LocationRow&) { return 0; }
  // Puts the indices of the frames that stay into `kept`, in order, leaf first. True: a frame named
  // [truncated] belongs before them.
  virtual bool SelectFrames(std::span<const StackFrame> stack, std::vector<uint32_t>& kept) {
    kept.resize(stack.size());
    for (uint32_t i = 0; i < kept.size(); ++i) kept[i] = i;
    return false;
  }
};

// What is done to the points of samples: losses that were asked for.
enum class Timestamps : uint8_t {
  kKeep,
  kDrop,   // the number of points, or the sum of their values, stays
  kRound,  // down to a multiple of a power of two
};

struct PointRule {
  Timestamps timestamps = Timestamps::kKeep;
  uint64_t rounding_mask = ~uint64_t{0};  // kRound: the bits that stay
};

}  // namespace flameway
