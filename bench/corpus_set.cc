// SPDX-License-Identifier: Apache-2.0
#include "bench/corpus_set.h"

#include <cstdio>
#include <utility>

#include "tests/support/corpus.h"
#include "tests/support/request_generator.h"

namespace flameway {
namespace {

CorpusSet Generated() {
  RequestGeneratorOptions options;
  options.seed = 7;
  options.resources = 20;
  options.profiles = 4;
  options.samples = 200;
  CorpusSet set{.name = "generated"};
  for (const auto& request : RequestGenerator(options).Take(32)) {
    set.requests.push_back(request.SerializeAsString());
  }
  return set;
}

// The named files as one set; empty when one of them is not there.
CorpusSet Recorded(std::string name, const std::vector<std::string>& files) {
  CorpusSet set{.name = std::move(name)};
  for (const std::string& file : files) {
    const auto path = FindSharedFile(file);
    if (!path) {
      std::fprintf(stderr, "%s: skipped, %s is not here\n", set.name.c_str(), file.c_str());
      return {};
    }
    auto requests = ReadRequests(*path);
    if (!requests.ok()) {
      std::fprintf(stderr, "%s: skipped, %s cannot be read\n", set.name.c_str(), path->c_str());
      return {};
    }
    for (std::string& request : *requests) set.requests.push_back(std::move(request));
  }
  return set;
}

}  // namespace

size_t CorpusSet::bytes() const {
  size_t sum = 0;
  for (const std::string& request : requests) sum += request.size();
  return sum;
}

std::vector<CorpusSet> LoadCorpora() {
  std::vector<CorpusSet> sets;
  sets.push_back(Generated());
  sets.push_back(
      Recorded("ebpf", {"ebpf/idle-20hz.otlp", "ebpf/goapp-97hz.otlp", "ebpf/gobuild-20hz.otlp",
                        "ebpf/trace-97hz.otlp", "ebpf/native-97hz.otlp", "ebpf/python-97hz.otlp"}));
  sets.push_back(Recorded("fleet", {"fleet/fleet-128.otlp.zst"}));
  std::erase_if(sets, [](const CorpusSet& set) { return set.requests.empty(); });
  return sets;
}

}  // namespace flameway
