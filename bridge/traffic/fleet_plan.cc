// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/fleet_plan.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "bridge/traffic/seeded_random.h"
#include "bridge/traffic/zipf.h"

namespace flameway {
namespace {

constexpr uint32_t kServices = 60;
constexpr uint32_t kDaemons = 6;
constexpr Runtime kRuntimes[] = {Runtime::kGo, Runtime::kJava, Runtime::kPython, Runtime::kNode,
                                 Runtime::kNative};

// Which kind of thing a seed is for, so that no two draw the same numbers.
enum Purpose : uint64_t { kImageSeed = 1, kModuleSeed, kServiceSeed, kHostSeed };

Runtime RuntimeOf(uint32_t number) {
  // Of 20 services 11 are Go, 3 Java, 2 Python, 2 node, 2 native.
  static constexpr Runtime kMix[20] = {
      Runtime::kGo,   Runtime::kJava, Runtime::kGo,   Runtime::kPython, Runtime::kGo,
      Runtime::kGo,   Runtime::kNode, Runtime::kGo,   Runtime::kNative, Runtime::kGo,
      Runtime::kJava, Runtime::kGo,   Runtime::kGo,   Runtime::kPython, Runtime::kGo,
      Runtime::kNode, Runtime::kGo,   Runtime::kJava, Runtime::kGo,     Runtime::kNative};
  return kMix[number % 20];
}

std::string_view InterpreterPath(Runtime runtime) {
  switch (runtime) {
    case Runtime::kJava:
      return "/usr/lib/jvm/default/bin/java";
    case Runtime::kPython:
      return "/usr/bin/python3.11";
    case Runtime::kNode:
      return "/usr/local/bin/node";
    default:
      return "";
  }
}

std::string BaseName(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

}  // namespace

FleetPlan::FleetPlan(const FleetOptions& options) : seed_(options.seed) {
  AddLibraries();
  for (uint32_t i = 0; i < kServices; ++i) AddService(i);
  for (uint32_t i = 0; i < kDaemons; ++i) AddDaemon(i);
  for (uint32_t i = 0; i < options.hosts; ++i) AddHost(options, i);
}

const Image* FleetPlan::AddImage(std::string name, Runtime runtime, uint64_t seed) {
  SeededRandom random(MixBits(seed_ + kImageSeed, seed));
  Image image;
  image.name = std::move(name);
  image.seed = random.Next();
  image.code_bytes = uint64_t{0x1000} * random.Between(1500, 9000);
  if (runtime == Runtime::kGo) {
    image.start = 0x401000;
    image.go_build_id = MakeGoBuildId(image.seed + 1);
  } else if (runtime != Runtime::kKernel) {
    image.start = uint64_t{0x1000} * random.Between(40, 400);
    image.offset = image.start;
  }
  image.limit = runtime == Runtime::kKernel ? 0 : image.start + image.code_bytes;
  image.gnu_build_id = MakeHex(image.seed + 2, 40);
  image.htlhash = MakeHex(image.seed + 3, 32);
  images_.push_back(std::move(image));
  return &images_.back();
}

const Module* FleetPlan::AddModule(Runtime runtime, uint64_t seed, uint32_t layers,
                                   uint32_t width) {
  Module module;
  module.runtime = runtime;
  module.seed = MixBits(seed_ + kModuleSeed, seed);
  module.package = MakePackage(runtime, module.seed);
  module.layers = layers;
  module.width = width;
  module.entries = 10;
  modules_.push_back(std::move(module));
  return &modules_.back();
}

void FleetPlan::AddLibraries() {
  for (uint32_t i = 0; i < 3; ++i) {
    kernels_.push_back(AddImage("vmlinux", Runtime::kKernel, i));
  }
  kernel_module_ = AddModule(Runtime::kKernel, 1, 12, 90);
  for (const char* name : {"libc.so.6", "libcrypto.so.3", "libstdc++.so.6", "libz.so.1"}) {
    native_libraries_.push_back(AddImage(name, Runtime::kNative, 10 + native_libraries_.size()));
  }
  for (const Runtime runtime : kRuntimes) {
    Ecosystem& ecosystem = ecosystems_[static_cast<size_t>(runtime)];
    const uint64_t first = 100 + 100 * static_cast<uint64_t>(runtime);
    ecosystem.base = AddModule(runtime, first, 10, 60);
    for (uint64_t i = 1; i <= 2; ++i) {
      ecosystem.frameworks.push_back(AddModule(runtime, first + i, 14, 16));
    }
    for (uint64_t i = 1; i <= 8; ++i) {
      ecosystem.libraries.push_back(AddModule(runtime, first + 10 + i, 10, 24));
    }
    if (const std::string_view path = InterpreterPath(runtime); !path.empty()) {
      ecosystem.interpreter = AddImage(BaseName(path), Runtime::kNative, first);
    }
  }
}

void FleetPlan::AddService(uint32_t number) {
  SeededRandom random(MixBits(seed_ + kServiceSeed, number));
  const Runtime runtime = RuntimeOf(number);
  const Ecosystem& ecosystem = ecosystems_[static_cast<size_t>(runtime)];
  Service service;
  service.runtime = runtime;
  service.name = MakeServiceName(random.Next()) + "-" + std::to_string(number);
  service.kubernetes_namespace = "prod-" + std::to_string(random.Below(4));
  service.executable_path = InterpreterPath(runtime);
  if (service.executable_path.empty()) service.executable_path = "/app/bin/" + service.name;
  service.executable_name = BaseName(service.executable_path);
  service.threads = random.Between(6, 40);
  service.image = ecosystem.interpreter != nullptr
                      ? ecosystem.interpreter
                      : AddImage(service.executable_name, runtime, 1000 + number);
  if (runtime != Runtime::kGo) {
    service.shared_images = {native_libraries_[0], native_libraries_[1 + random.Below(3)]};
  }
  service.app = AddModule(runtime, 10'000 + number, 12, 36);
  service.framework = ecosystem.frameworks[random.Below(2)];
  for (int i = 0; i < 3; ++i) {
    service.libraries.push_back(
        ecosystem.libraries[random.Below(static_cast<uint32_t>(ecosystem.libraries.size()))]);
  }
  service.base = ecosystem.base;
  services_.push_back(std::move(service));
}

void FleetPlan::AddDaemon(uint32_t number) {
  static constexpr std::string_view kNames[kDaemons] = {
      "profile-agent", "nodelet", "boxd", "meter-exporter", "log-shipper", "net-agent"};
  Service daemon;
  daemon.name = kNames[number];
  daemon.runtime = Runtime::kGo;
  daemon.executable_path = "/usr/bin/" + daemon.name;
  daemon.executable_name = daemon.name;
  daemon.threads = 12;
  daemon.image = AddImage(daemon.name, Runtime::kGo, 2000 + number);
  const Ecosystem& ecosystem = ecosystems_[static_cast<size_t>(Runtime::kGo)];
  daemon.app = AddModule(Runtime::kGo, 20'000 + number, 10, 30);
  daemon.framework = ecosystem.frameworks[0];
  daemon.libraries = {ecosystem.libraries[number]};
  daemon.base = ecosystem.base;
  daemons_.push_back(std::move(daemon));
}

void FleetPlan::AddHost(const FleetOptions& options, uint32_t number) {
  static constexpr uint32_t kCores[] = {8, 8, 8, 16, 16, 16, 32, 32, 64};
  static const Zipf popularity(kServices, 0.6);
  SeededRandom random(MixBits(seed_ + kHostSeed, number));
  Host host;
  host.seed = random.Next();
  host.name = "node-" + MakeHex(host.seed, 8);
  host.cores = kCores[random.Below(static_cast<uint32_t>(std::size(kCores)))];
  host.load = 0.15 + 0.6 * random.Unit();
  if (options.cores > 0) host.cores = options.cores;
  if (options.load > 0) host.load = options.load;
  host.kernel = kernels_[random.Below(static_cast<uint32_t>(kernels_.size()))];
  const uint32_t pods = host.cores / 2 + random.Below(host.cores / 2 + 2);
  int64_t pid = random.Between(2'000, 9'000);
  const auto add = [&](const Service& service) {
    Process process;
    process.service = &service;
    process.pid = pid += random.Between(10, 40'000);
    process.seed = random.Next();
    if (!service.kubernetes_namespace.empty()) {
      process.container_id = MakeHex(process.seed, 64);
      process.pod_uid = MakeHex(process.seed + 1, 32);
      process.pod_name =
          service.name + "-" + MakeHex(service.image->seed, 9) + "-" + MakeHex(process.seed, 5);
    }
    host.processes.push_back(std::move(process));
  };
  for (uint32_t i = 0; i < pods; ++i) add(services_[popularity.Draw(random)]);
  // Daemons stand among the less busy.
  for (const Service& daemon : daemons_) add(daemon);
  hosts_.push_back(std::move(host));
}

}  // namespace flameway
