// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "bridge/traffic/call_graph.h"

namespace flameway {

struct FleetOptions {
  uint64_t seed = 1;
  uint32_t hosts = 16;
  uint32_t windows = 1;                                  // reporting intervals of 5 seconds
  uint32_t cores = 0;                                    // of each host; 0: 8 to 64
  double load = 0;                                       // busy share of them; 0: 0.15 to 0.75
  uint64_t start_unix_nano = 1'767'225'600'000'000'000;  // of the first window; 2026-01-01
};

// A file that is mapped into processes. Addresses are those of the file, so they are the same on
// every host that runs it.
struct Image {
  std::string name;
  uint64_t seed = 0;
  uint64_t start = 0;  // all 0 for the kernel
  uint64_t limit = 0;
  uint64_t offset = 0;
  uint64_t code_bytes = 0;
  std::string gnu_build_id;
  std::string go_build_id;  // empty unless Go's
  std::string htlhash;
};

struct Service {
  std::string name;
  Runtime runtime = Runtime::kGo;
  std::string executable_path;
  std::string executable_name;
  std::string kubernetes_namespace;  // empty: a daemon of the host, without container and service
  uint32_t threads = 1;
  const Image* image = nullptr;             // of the executable
  std::vector<const Image*> shared_images;  // native libraries
  const Module* app = nullptr;
  const Module* framework = nullptr;  // that calls the application
  std::vector<const Module*> libraries;
  const Module* base = nullptr;  // runtime and standard library
};

struct Process {
  const Service* service = nullptr;
  int64_t pid = 0;
  std::string container_id;
  std::string pod_name;
  std::string pod_uid;
  uint64_t seed = 0;
};

struct Host {
  std::string name;
  uint32_t cores = 8;
  double load = 0.5;  // share of the cores that is busy
  const Image* kernel = nullptr;
  std::vector<Process> processes;  // busiest first
  uint64_t seed = 0;
};

// What a fleet consists of, drawn from the seed: 3 kernels, 60 services of five runtimes and 6
// system daemons with shared libraries, and hosts that run some of them. Immutable.
class FleetPlan {
 public:
  explicit FleetPlan(const FleetOptions& options);
  FleetPlan(const FleetPlan&) = delete;  // services point into it
  FleetPlan& operator=(const FleetPlan&) = delete;

  [[nodiscard]] const std::vector<Host>& hosts() const { return hosts_; }
  [[nodiscard]] const Module& kernel_module() const { return *kernel_module_; }

 private:
  const Image* AddImage(std::string name, Runtime runtime, uint64_t seed);
  const Module* AddModule(Runtime runtime, uint64_t seed, uint32_t layers, uint32_t width);
  void AddLibraries();
  void AddService(uint32_t number);
  void AddDaemon(uint32_t number);
  void AddHost(const FleetOptions& options, uint32_t number);

  const uint64_t seed_;
  std::deque<Image> images_;  // addresses stay
  std::deque<Module> modules_;
  std::deque<Service> services_;
  std::deque<Service> daemons_;
  std::vector<Host> hosts_;

  std::vector<const Image*> kernels_;
  std::vector<const Image*> native_libraries_;
  const Module* kernel_module_ = nullptr;
  struct Ecosystem {
    const Module* base = nullptr;
    std::vector<const Module*> frameworks;
    std::vector<const Module*> libraries;
    const Image* interpreter = nullptr;
  };
  Ecosystem ecosystems_[5];  // by Runtime, but for the kernel
};

}  // namespace flameway
