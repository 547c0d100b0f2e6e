// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/stack_sampler.h"

#include <algorithm>

#include "bridge/traffic/zipf.h"

namespace flameway {
namespace {

constexpr uint32_t kKindsOfWork = 56;
constexpr double kHotShare = 0.75;
constexpr double kWander = 0.06;

// How deep the parts of a stack are, thread start first.
struct Shape {
  uint32_t framework_low, framework_high;
  uint32_t app_low, app_high;
  uint32_t library_low, library_high;
  uint32_t base_low, base_high;
  double kernel_share;
};

Shape ShapeOf(Runtime runtime) {
  switch (runtime) {
    case Runtime::kGo:
      return {4, 9, 3, 10, 0, 9, 1, 6, 0.30};
    case Runtime::kJava:
      return {14, 30, 3, 10, 2, 12, 0, 8, 0.12};
    case Runtime::kPython:
      return {6, 14, 3, 12, 2, 14, 0, 4, 0.10};
    case Runtime::kNode:
      return {5, 12, 3, 9, 2, 10, 1, 6, 0.15};
    default:
      return {0, 0, 5, 22, 0, 6, 0, 4, 0.25};
  }
}

// Code of these lies in the executable itself; interpreted code in no file.
const Image* ImageOf(const Service& service) {
  switch (service.runtime) {
    case Runtime::kGo:
    case Runtime::kNative:
      return service.image;
    default:
      return nullptr;
  }
}

}  // namespace

void StackSampler::AddSegment(const Module& module, const Image* image, uint32_t entry,
                              uint32_t depth, double wander, SeededRandom& random) {
  calls_.clear();
  CallWalk(random, wander).Descend(module, entry, depth, &calls_);
  for (const CallSite& call : calls_) frames_.push_back({.call = call, .image = image});
}

const std::vector<SampledFrame>& StackSampler::Draw(const Process& process, const Image& kernel) {
  static const Zipf work(kKindsOfWork, 1.1);
  frames_.clear();
  const Service& service = *process.service;
  const Shape shape = ShapeOf(service.runtime);
  const Image* const image = ImageOf(service);
  const uint32_t kind = work.Draw(random_);
  const uint64_t usual = MixBits(service.app->seed, kind);
  const auto depth = [&](uint32_t low, uint32_t high, uint32_t shift) {
    return low + static_cast<uint32_t>((usual >> shift) % (high - low + 1));
  };
  // Most samples are taken where this process spends most of the time of this kind of work: always
  // the same stack. The rest are taken anywhere on the way.
  const bool in_the_hot_spot = random_.Chance(kHotShare);
  SeededRandom hot_spot(MixBits(process.seed, kind));
  SeededRandom& random = in_the_hot_spot ? hot_spot : random_;
  const auto cut = [&](uint32_t low, uint32_t high, uint32_t shift) {
    return in_the_hot_spot ? depth(low, high, shift) : random.Between(low, high);
  };
  AddSegment(*service.framework, image, kind % 3,
             depth(shape.framework_low, shape.framework_high, 0), 0.1 * kWander, random);
  uint32_t app_depth = depth(shape.app_low, shape.app_high, 8);
  // Recursion over trees and deep filters.
  if (random.Chance(0.02)) app_depth += random.Below(service.runtime == Runtime::kGo ? 30 : 90);
  AddSegment(*service.app, image, kind, app_depth, kWander, random);
  const Module& library = *service.libraries[usual % service.libraries.size()];
  AddSegment(library, image, kind, cut(shape.library_low, shape.library_high, 16), kWander, random);
  AddSegment(*service.base, image, kind, cut(shape.base_low, shape.base_high, 24), 1.5 * kWander,
             random);
  if (!service.shared_images.empty() && random.Chance(0.3)) {
    // Native libraries, which have no names.
    const auto libraries = static_cast<uint32_t>(service.shared_images.size());
    AddSegment(*service.base, service.shared_images[random.Below(libraries)], random.Below(4),
               random.Between(1, 5), 0.15, random);
  }
  if (random.Chance(shape.kernel_share)) {
    AddSegment(plan_.kernel_module(), &kernel, kind, cut(2, 13, 32), kWander, random);
  }
  if (frames_.empty()) AddSegment(*service.app, image, kind, 1, 0, random);
  std::reverse(frames_.begin(), frames_.end());
  return frames_;
}

}  // namespace flameway
