// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/fleet_requests.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace flameway {
namespace {

constexpr uint64_t kWindowNanos = 5'000'000'000;
constexpr uint32_t kSamplesPerSecond = 20;
constexpr std::string_view kSchemaUrl = "https://opentelemetry.io/schemas/1.37.0";
constexpr RequestWriter::Scope kScope = {.name = "go.opentelemetry.io/ebpf-profiler",
                                         .version = "v0.0.202633"};

uint64_t LocationKey(const SampledFrame& frame) {
  const uint64_t code =
      MixBits(frame.call.module->seed, uint64_t{frame.call.function} << 32 | frame.call.site);
  return frame.image == nullptr ? code : MixBits(frame.image->seed, code);
}

}  // namespace

FleetRequests::FleetRequests(const FleetOptions& options) : options_(options), plan_(options) {}

std::string FleetRequests::Encode(uint32_t number) {
  const uint32_t window = number / options_.hosts;
  const Host& host = plan_.hosts()[number % options_.hosts];
  SeededRandom random(MixBits(host.seed, window));
  locations_.clear();
  mappings_.clear();

  // Consecutive requests overlap: the start is moved back to the oldest sample.
  const uint64_t jitter = MixBits(host.seed) % 1'000'000'000;
  const uint64_t begin = options_.start_unix_nano + window * kWindowNanos + jitter -
                         uint64_t{1'000'000} * random.Between(5, 250);
  profile_ = {};
  profile_.period_type = writer_.String("cpu");
  profile_.period_unit = writer_.String("nanoseconds");
  profile_.sample_type = writer_.String("samples");
  profile_.sample_unit = writer_.String("count");
  profile_.period = 1'000'000'000 / kSamplesPerSecond;
  profile_.time_unix_nano = begin;
  profile_.duration_nano = kWindowNanos;

  const double busy = host.load * (0.8 + 0.4 * random.Unit());
  const auto total =
      static_cast<uint32_t>(static_cast<double>(host.cores * kSamplesPerSecond * 5) * busy);
  const Zipf share(host.processes.size(), 0.8);
  std::vector<uint32_t> events(host.processes.size());
  for (uint32_t i = 0; i < total; ++i) ++events[share.Draw(random)];
  // The profiler walks a hash map of processes: another order each time.
  std::vector<uint32_t> order(host.processes.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  for (uint32_t i = static_cast<uint32_t>(order.size()); i > 1; --i) {
    std::swap(order[i - 1], order[random.Below(i)]);
  }
  for (const uint32_t process : order) {
    if (events[process] == 0) continue;
    WriteProcess(host, host.processes[process], events[process], begin, random);
  }
  return writer_.Finish();
}

void FleetRequests::WriteProcess(const Host& host, const Process& process, uint32_t events,
                                 uint64_t begin, SeededRandom& random) {
  const Service& service = *process.service;
  StackSampler sampler(plan_, random);
  const Zipf threads(service.threads, 1.3);
  events_.clear();
  for (uint32_t i = 0; i < events; ++i) {
    const uint32_t thread = threads.Draw(random);
    Event event;
    event.stack = WriteStack(sampler.Draw(process, *host.kernel));
    event.thread_name = writer_.Attribute(
        "thread.name", MakeThreadName(service.runtime, service.executable_name, thread));
    event.thread_id = writer_.Attribute("thread.id", process.pid + thread);
    // Threads mostly stay where they are.
    const uint64_t home = MixBits(process.seed + thread, begin / kWindowNanos) % host.cores;
    const uint64_t cpu = random.Chance(0.7) ? home : random.Below(host.cores);
    event.cpu = writer_.Attribute("cpu.logical_number", static_cast<int64_t>(cpu));
    event.time = begin + (random.Next() >> 8) % kWindowNanos;
    events_.push_back(event);
  }
  WriteSamples();

  std::vector<std::pair<std::string_view, AttributeValue>> resource;
  const auto add = [&resource](std::string_view key, std::string_view value) {
    if (!value.empty()) resource.emplace_back(key, value);
  };
  add("container.id", process.container_id);
  resource.emplace_back("process.pid", process.pid);
  add("process.executable.path", service.executable_path);
  add("process.executable.name", service.executable_name);
  add("host.name", host.name);
  if (!process.container_id.empty()) {
    add("service.name", service.name);
    add("k8s.pod.name", process.pod_name);
    add("k8s.namespace.name", service.kubernetes_namespace);
    add("k8s.container.name", service.name);
    add("k8s.deployment.name", service.name);
    add("k8s.node.name", host.name);
    add("k8s.pod.uid", process.pod_uid);
  }
  writer_.EndResource(resource, kScope, profile_, kSchemaUrl);
}

// Events of one stack, thread and CPU are one sample, as the profiler sums them.
void FleetRequests::WriteSamples() {
  const auto key = [](const Event& event) {
    return std::tie(event.stack, event.thread_id, event.cpu, event.thread_name);
  };
  std::sort(events_.begin(), events_.end(), [&key](const Event& a, const Event& b) {
    return std::tuple_cat(key(a), std::tie(a.time)) < std::tuple_cat(key(b), std::tie(b.time));
  });
  for (size_t i = 0; i < events_.size();) {
    const Event& first = events_[i];
    timestamps_.clear();
    for (; i < events_.size() && key(events_[i]) == key(first); ++i) {
      timestamps_.push_back(events_[i].time);
    }
    writer_.AddSample({.stack = first.stack,
                       .attributes = {first.thread_name, first.thread_id, first.cpu},
                       .timestamps = timestamps_});
  }
}

RequestWriter::Row FleetRequests::WriteStack(const std::vector<SampledFrame>& frames) {
  stack_.clear();
  for (const SampledFrame& frame : frames) stack_.push_back(WriteLocation(frame));
  return writer_.Stack(stack_);
}

RequestWriter::Row FleetRequests::WriteLocation(const SampledFrame& frame) {
  const uint64_t key = LocationKey(frame);
  if (const auto found = locations_.find(key); found != locations_.end()) return found->second;
  const Module& module = *frame.call.module;
  // Code of a native library, whoever calls it, has no name.
  const bool is_library = frame.image != nullptr && module.runtime != Runtime::kKernel &&
                          module.runtime != Runtime::kGo;
  const Runtime runtime = is_library ? Runtime::kNative : module.runtime;
  RequestWriter::LocationRow row;
  if (frame.image != nullptr) {
    row.mapping = WriteMapping(*frame.image);
    row.address = frame.image->start + MixBits(key) % frame.image->code_bytes;
  } else if (runtime == Runtime::kJava) {
    row.address = MixBits(key) % 400;  // the bytecode index
  }
  if (runtime != Runtime::kNative) {
    const FunctionText text =
        MakeFunctionText(runtime, module.package, module.seed, frame.call.function);
    row.function = writer_.Function(text.name, text.filename);
    const uint64_t first_line = MixBits(module.seed + 1, frame.call.function) % 1500;
    if (runtime != Runtime::kKernel) {
      row.line = static_cast<int64_t>(1 + first_line + 3 * frame.call.site);
    }
  }
  row.frame_type = writer_.Attribute("profile.frame.type", FrameType(runtime));
  return locations_[key] = writer_.Location(row);
}

RequestWriter::Row FleetRequests::WriteMapping(const Image& image) {
  if (const auto found = mappings_.find(&image); found != mappings_.end()) return found->second;
  std::vector<Row> attributes = {
      writer_.Attribute("process.executable.build_id.gnu", image.gnu_build_id)};
  if (!image.go_build_id.empty()) {
    attributes.push_back(writer_.Attribute("process.executable.build_id.go", image.go_build_id));
  }
  attributes.push_back(writer_.Attribute("process.executable.build_id.htlhash", image.htlhash));
  return mappings_[&image] = writer_.Mapping({.memory_start = image.start,
                                              .memory_limit = image.limit,
                                              .file_offset = image.offset,
                                              .filename = image.name,
                                              .attributes = attributes});
}

}  // namespace flameway
