// SPDX-License-Identifier: Apache-2.0
#include "processor/transform/chain.h"

#include <algorithm>
#include <utility>

namespace flameway {
namespace {

constexpr std::string_view kFrameType = "profile.frame.type";

std::string_view FrameTypeOf(const AttributeList& attributes) {
  const Attribute* const type = FindAttribute(attributes, kFrameType);
  return type == nullptr ? std::string_view() : StringOf(type->value).value_or("");
}

// Adds the frame type that a function's name gave away, unless there is one.
void LearnFrameType(std::string_view learnt_type, AttributeList& attributes) {
  if (learnt_type.empty() || FindAttribute(attributes, kFrameType) != nullptr) return;
  attributes.push_back({.key = std::string(kFrameType), .value = StringValue(learnt_type)});
}

void Merge(TransformHooks& all, const TransformHooks& one) {
  for (bool TransformHooks::*hook :
       {&TransformHooks::resources, &TransformHooks::scopes, &TransformHooks::profiles,
        &TransformHooks::samples, &TransformHooks::samples_see_resource,
        &TransformHooks::samples_see_scope, &TransformHooks::samples_see_profile,
        &TransformHooks::functions, &TransformHooks::mappings, &TransformHooks::locations}) {
    all.*hook |= one.*hook;
  }
  all.stacks = std::max(all.stacks, one.stacks);
}

}  // namespace

TransformChain::TransformChain(std::vector<std::unique_ptr<Transform>> steps, PointRule points)
    : points_(points) {
  for (std::unique_ptr<Transform>& transform : steps) {
    const TransformHooks hooks = transform->hooks();
    Merge(hooks_, hooks);
    steps_.push_back({std::move(transform), hooks});
  }
}

template <typename Row, typename Hook>
bool TransformChain::Run(Stages<Row>& row, bool TransformHooks::*wanted, const Hook& hook) {
  for (size_t i = 0; i < steps_.size(); ++i) {
    row.form_before_.push_back(static_cast<uint32_t>(row.forms_.size() - 1));
    if (!(steps_[i].hooks.*wanted)) continue;
    Row next = row.forms_.back();
    switch (hook(i, next)) {
      case RowVerdict::kDrop:
        return false;
      case RowVerdict::kChanged:
        row.forms_.push_back(std::move(next));
        break;
      case RowVerdict::kKeep:
        break;
    }
  }
  return true;
}

bool TransformChain::RunResource(Stages<ResourceRow>& resource) {
  return Run(resource, &TransformHooks::resources,
             [&](size_t i, ResourceRow& row) { return steps_[i].transform->OnResource(row); });
}

bool TransformChain::RunScope(Stages<ScopeRow>& scope, const Stages<ResourceRow>& resource) {
  return Run(scope, &TransformHooks::scopes, [&](size_t i, ScopeRow& row) {
    return steps_[i].transform->OnScope(row, {.resource = &resource.Before(i)});
  });
}

bool TransformChain::RunProfile(Stages<ProfileRow>& profile, const Stages<ScopeRow>& scope,
                                const Stages<ResourceRow>& resource) {
  return Run(profile, &TransformHooks::profiles, [&](size_t i, ProfileRow& row) {
    return steps_[i].transform->OnProfile(
        row, {.resource = &resource.Before(i), .scope = &scope.Before(i)});
  });
}

bool TransformChain::RunSample(SampleRow& sample, const Stages<ProfileRow>& profile,
                               const Stages<ScopeRow>& scope, const Stages<ResourceRow>& resource) {
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (!steps_[i].hooks.samples) continue;
    const RowsAround around{
        .resource = &resource.Before(i), .scope = &scope.Before(i), .profile = &profile.Before(i)};
    if (steps_[i].transform->OnSample(sample, around) == RowVerdict::kDrop) return false;
  }
  return true;
}

void TransformChain::RunLocation(LocationRow& location, Marks& marks) {
  size_t filter = 0;
  for (const Step& step : steps_) {
    if (step.hooks.mappings && location.mapping.has_value())
      (void)step.transform->OnMapping(*location.mapping);
    if (step.hooks.functions) {
      std::string learnt_type;
      for (LineRow& line : location.lines) {
        if (line.function == FunctionRow()) continue;  // unknown, as nobody may change
        const FrameAround around{
            .frame_type = FrameTypeOf(location.attributes),
            .mapping_filename = location.mapping.has_value()
                                    ? std::string_view(location.mapping->filename)
                                    : std::string_view()};
        (void)step.transform->OnFunction(line.function, around, learnt_type);
      }
      LearnFrameType(learnt_type, location.attributes);
    }
    if (step.hooks.locations) (void)step.transform->OnLocation(location);
    if (step.hooks.stacks != StackHook::kNone)
      marks[filter++] = step.transform->JudgeFrame(location);
  }
}

bool TransformChain::RunStack(std::span<const Marks> marks, std::span<const uint32_t> identities,
                              std::vector<uint32_t>& kept) {
  kept.resize(identities.size());
  for (uint32_t i = 0; i < kept.size(); ++i) kept[i] = i;
  bool truncated = false;
  std::vector<StackFrame> frames;
  std::vector<uint32_t> chosen;
  size_t filter = 0;
  for (const Step& step : steps_) {
    if (step.hooks.stacks == StackHook::kNone) continue;
    frames.clear();
    for (const uint32_t i : kept) {
      frames.push_back({.marks = marks[i][filter], .identity = identities[i]});
    }
    truncated |= step.transform->SelectFrames(frames, chosen);
    for (uint32_t& i : chosen) i = kept[i];
    kept.swap(chosen);
    ++filter;
  }
  return truncated;
}

}  // namespace flameway
