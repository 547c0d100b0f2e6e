// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flameway::ottl {

// What a condition or statement is evaluated for. A row of one context sees the rows around it:
// a sample its profile, scope and resource; a frame (a line of a location: its function, its
// mapping) only the resource, because one row serves every profile and sample.
enum class Context : uint8_t { kResource, kScope, kProfile, kSample, kFrame };

// "resource", "scope", "profile", "profilesample", "frame".
[[nodiscard]] std::string_view ContextName(Context context);
// Also takes "instrumentation_scope", the scope's older name.
[[nodiscard]] std::optional<Context> ContextNamed(std::string_view name);

class ContextSet {
 public:
  constexpr ContextSet() = default;
  constexpr ContextSet(std::initializer_list<Context> contexts) {
    for (const Context context : contexts) Add(context);
  }
  constexpr void Add(Context context) { bits_ |= Bit(context); }
  constexpr void Add(ContextSet other) { bits_ |= other.bits_; }
  [[nodiscard]] constexpr bool Has(Context context) const { return (bits_ & Bit(context)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr bool Within(ContextSet other) const {
    return (bits_ & ~other.bits_) == 0;
  }
  friend constexpr bool operator==(ContextSet, ContextSet) = default;

 private:
  static constexpr unsigned Bit(Context context) { return 1u << static_cast<unsigned>(context); }
  unsigned bits_ = 0;
};

// The contexts whose paths a row of `context` sees, itself included.
[[nodiscard]] ContextSet VisibleFrom(Context context);

enum class PathId : uint8_t {
#define FLAMEWAY_PATH(enumerator, context, text, type, access) enumerator,
#include "processor/ottl/paths.def"
#undef FLAMEWAY_PATH
};

enum class PathType : uint8_t {
  kString,
  kInt,
  kUint32,    // int; what is set is cut to 32 bits, as the Collector does
  kDuration,  // int, not negative
  kBytes,
  kProfileId,  // string: 32 hex digits, not all zero
  kIntList,
  kMap,
};

enum class PathAccess : uint8_t { kReadOnly, kReadWrite };

struct PathTraits {
  Context context;
  std::string_view text;
  PathType type;
  PathAccess access;
};

[[nodiscard]] const PathTraits& TraitsOf(PathId path);

// The path of exactly this text, "profile.attributes"; nothing when there is none. Aliases
// ("instrumentation_scope.", "profile.duration") are resolved.
[[nodiscard]] std::optional<PathId> PathNamed(std::string_view text);

// Why a path the Collector knows is refused; empty when it is not one of those.
[[nodiscard]] std::string_view WhyNoPath(std::string_view text);

// The path whose name is nearest, or empty.
[[nodiscard]] std::string_view NearestPath(std::string_view text);

// A path as a condition or statement uses it: a whole value or map, or one attribute.
struct PathUse {
  PathId path;
  std::optional<std::string> key;  // nothing: the whole, or a key known only when evaluated

  friend bool operator==(const PathUse&, const PathUse&) = default;
};

}  // namespace flameway::ottl
