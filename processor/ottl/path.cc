// SPDX-License-Identifier: Apache-2.0
#include "processor/ottl/path.h"

#include <utility>

#include "processor/ottl/parse_error.h"
#include "processor/ottl/text.h"

namespace flameway::ottl {
namespace {

constexpr std::string_view kContextNames[] = {"resource", "scope", "profile", "profilesample",
                                              "frame"};
constexpr std::string_view kLegacyScope = "instrumentation_scope";

constexpr PathTraits kTraits[] = {
#define FLAMEWAY_PATH(enumerator, context, text, type, access) \
  {Context::context, text, PathType::type, PathAccess::access},
#include "processor/ottl/paths.def"
#undef FLAMEWAY_PATH
};

constexpr std::pair<std::string_view, std::string_view> kRefused[] = {
#define FLAMEWAY_NO_PATH(text, reason) {text, reason},
#include "processor/ottl/paths.def"
#undef FLAMEWAY_NO_PATH
};

}  // namespace

std::string_view ContextName(Context context) {
  return kContextNames[static_cast<size_t>(context)];
}

std::optional<Context> ContextNamed(std::string_view name) {
  if (name == kLegacyScope) return Context::kScope;
  for (size_t i = 0; i < std::size(kContextNames); ++i) {
    if (kContextNames[i] == name) return static_cast<Context>(i);
  }
  return std::nullopt;
}

ContextSet VisibleFrom(Context context) {
  switch (context) {
    case Context::kResource:
      return {Context::kResource};
    case Context::kScope:
      return {Context::kResource, Context::kScope};
    case Context::kProfile:
      return {Context::kResource, Context::kScope, Context::kProfile};
    case Context::kSample:
      return {Context::kResource, Context::kScope, Context::kProfile, Context::kSample};
    case Context::kFrame:
      return {Context::kResource, Context::kFrame};
  }
  return {};
}

const PathTraits& TraitsOf(PathId path) { return kTraits[static_cast<size_t>(path)]; }

std::optional<PathId> PathNamed(std::string_view text) {
  if (text == "profile.duration") return PathId::kProfileDuration;
  const std::string_view scope = ContextName(Context::kScope);
  std::string renamed;
  if (text.starts_with(kLegacyScope) && text.substr(kLegacyScope.size()).starts_with('.')) {
    renamed = Text(scope, text.substr(kLegacyScope.size()));
    text = renamed;
  }
  for (size_t i = 0; i < std::size(kTraits); ++i) {
    if (kTraits[i].text == text) return static_cast<PathId>(i);
  }
  return std::nullopt;
}

std::string_view WhyNoPath(std::string_view text) {
  for (const auto& [path, reason] : kRefused) {
    if (path == text) return reason;
  }
  return {};
}

std::string_view NearestPath(std::string_view text) {
  std::string_view names[std::size(kTraits)];
  for (size_t i = 0; i < std::size(kTraits); ++i) names[i] = kTraits[i].text;
  return NearestName(text, names);
}

}  // namespace flameway::ottl
