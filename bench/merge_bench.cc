// SPDX-License-Identifier: Apache-2.0
// The core on one thread: decode; decode + merge + encode with K requests to a batch; zstd in ->
// merge -> zstd out. Each answer is verified by the expand oracle before it is timed. Speeds are of
// uncompressed input; at the end they stand as ratios to memcpy and to a zstd-1 round trip of the
// same bytes in the same run, which travel between machines better than megabytes per second.
#include <benchmark/benchmark.h>
#include <zstd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bench/corpus_set.h"
#include "bench/same_meaning.h"
#include "bridge/compress/compressor.h"
#include "bridge/compress/decompressor.h"
#include "processor/processor.h"

namespace flameway {
namespace {

ProcessorOptions RoomyOptions() {
  return {
      .batch = {.limits = {.max_encoded_bytes = size_t{1} << 30, .max_rows_per_table = 1u << 28}}};
}

// Merges each K requests into one message and gives it to `sink`.
template <typename Sink>
void MergeInto(Processor& processor, const std::vector<std::string>& requests, size_t k,
               RowOrder order, const Sink& sink) {
  const auto flush = [&] {
    SealedBatch batch = processor.Seal();
    const EncodeResult result = Encode(batch, {.row_order = order});
    for (const EncodedMessage& message : result.messages) sink(message.bytes);
    processor.Recycle(std::move(batch));
  };
  size_t merged = 0;
  for (const std::string& request : requests) {
    if (processor.Decode(request).outcome != DecodeReport::Outcome::kAccepted) std::abort();
    processor.Merge();
    if (++merged % k == 0) flush();
  }
  if (merged % k != 0) flush();
}

// Ends the program unless what goes out means what came in.
size_t VerifiedOutputBytes(const CorpusSet& set, size_t k, RowOrder order) {
  Processor processor(RoomyOptions());
  SameMeaning meaning(set);
  MergeInto(processor, set.requests, k, order,
            [&meaning](std::string_view message) { meaning.Add(message); });
  meaning.Require("the merged output");
  return meaning.bytes();
}

// Memory of an open batch that holds the first `k` requests, as a share of their bytes.
double OpenBatchShare(const CorpusSet& set, size_t k) {
  Processor processor(RoomyOptions());
  size_t bytes = 0;
  for (size_t i = 0; i < std::min(k, set.requests.size()); ++i) {
    bytes += set.requests[i].size();
    if (processor.Decode(set.requests[i]).outcome != DecodeReport::Outcome::kAccepted) std::abort();
    processor.Merge();
  }
  return static_cast<double>(processor.batch().memory_bytes()) / static_cast<double>(bytes);
}

void SetBytes(benchmark::State& state, const CorpusSet& set) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(set.bytes()));
}

void BenchMemcpy(benchmark::State& state, const CorpusSet& set) {
  std::string all(set.bytes(), '\0');
  for (auto _ : state) {
    char* p = all.data();
    for (const std::string& request : set.requests)
      p = std::copy(request.begin(), request.end(), p);
    benchmark::ClobberMemory();
  }
  SetBytes(state, set);
}

void BenchZstdRoundTrip(benchmark::State& state, const CorpusSet& set) {
  Compressor compressor;
  Decompressor decompressor({});
  std::string packed;
  std::string unpacked;
  for (auto _ : state) {
    for (const std::string& request : set.requests) {
      if (!compressor.Compress(Codec::kZstd, 1, request, &packed).ok() ||
          decompressor.Decompress(Codec::kZstd, packed, &unpacked) != DecompressError::kNone) {
        std::abort();
      }
    }
  }
  SetBytes(state, set);
}

void BenchDecode(benchmark::State& state, const CorpusSet& set) {
  Request request{RequestOptions{}};
  for (auto _ : state) {
    for (const std::string& bytes : set.requests)
      benchmark::DoNotOptimize(request.Decode(bytes).outcome);
  }
  SetBytes(state, set);
}

void BenchMerge(benchmark::State& state, const CorpusSet& set, size_t k) {
  Processor processor(RoomyOptions());
  size_t bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    MergeInto(processor, set.requests, k, RowOrder::kByUse,
              [&bytes](std::string_view message) { bytes += message.size(); });
  }
  SetBytes(state, set);
  state.counters["out/in"] = static_cast<double>(bytes) / static_cast<double>(set.bytes());
}

// All requests so many times over into one open batch: what a request costs must not depend on what
// was merged before.
void BenchOpenBatch(benchmark::State& state, const CorpusSet& set, int times) {
  Processor processor(RoomyOptions());
  for (auto _ : state) {
    for (int i = 0; i < times; ++i) {
      for (const std::string& request : set.requests) {
        if (processor.Decode(request).outcome != DecodeReport::Outcome::kAccepted) std::abort();
        processor.Merge();
      }
    }
    state.PauseTiming();
    processor.Recycle(processor.Seal());
    state.ResumeTiming();
  }
  state.SetBytesProcessed(times * static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(set.bytes()));
}

void BenchGateway(benchmark::State& state, const CorpusSet& set, size_t k, RowOrder order) {
  Compressor compressor;
  Decompressor decompressor({});
  std::vector<std::string> packed(set.requests.size());
  size_t in = 0;
  for (size_t i = 0; i < packed.size(); ++i) {
    if (!compressor.Compress(Codec::kZstd, 3, set.requests[i], &packed[i]).ok()) std::abort();
    in += packed[i].size();
  }
  Processor processor(RoomyOptions());
  std::string raw;
  std::string out;
  size_t bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    size_t merged = 0;
    for (const std::string& request : packed) {
      if (decompressor.Decompress(Codec::kZstd, request, &raw) != DecompressError::kNone ||
          processor.Decode(raw).outcome != DecodeReport::Outcome::kAccepted) {
        std::abort();
      }
      processor.Merge();
      if (++merged % k != 0 && merged != packed.size()) continue;
      SealedBatch batch = processor.Seal();
      const EncodeResult result = Encode(batch, {.row_order = order});
      for (const EncodedMessage& message : result.messages) {
        if (!compressor.Compress(Codec::kZstd, 3, message.bytes, &out).ok()) std::abort();
        bytes += out.size();
      }
      processor.Recycle(std::move(batch));
    }
  }
  SetBytes(state, set);
  state.counters["zstd3 out/in"] = static_cast<double>(bytes) / static_cast<double>(in);
}

// Prints as usual and keeps the best speed of each benchmark for the ratios.
class RatioReporter final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      const auto speed = run.counters.find("bytes_per_second");
      if (speed == run.counters.end()) continue;
      double& best = best_[run.benchmark_name()];
      best = std::max(best, speed->second.value);
    }
  }
  void PrintRatios() const {
    std::printf("\n%-28s %10s %14s %16s\n", "best of this run", "MB/s", "x memcpy",
                "x zstd-1 trip");
    for (const auto& [name, speed] : best_) {
      const std::string set = name.substr(0, name.find('/'));
      const auto reference = [&](const char* what) {
        const auto found = best_.find(set + "/" + what);
        return found == best_.end() ? 0 : speed / found->second;
      };
      std::printf("%-28s %10.0f %14.3f %16.2f\n", name.c_str(), speed / 1e6, reference("memcpy"),
                  reference("zstd-1 round trip"));
    }
  }

 private:
  std::map<std::string, double> best_;
};

void PrintMachine() {
  std::string line;
  std::ifstream cpu("/proc/cpuinfo");
  while (std::getline(cpu, line) && line.rfind("model name", 0) != 0) {
  }
  std::printf("machine: %s\ncompiler: g++ %s, Release\n", line.c_str(), __VERSION__);
}

int Main(int argc, char** argv) {
#ifndef NDEBUG
  std::fprintf(stderr, "this is no Release build; its figures would mean nothing\n");
  return 1;
#endif
  benchmark::Initialize(&argc, argv);
  PrintMachine();
  static std::vector<CorpusSet> sets = LoadCorpora();  // benchmarks refer to it
  for (const CorpusSet& set : sets) {
    const auto name = [&set](const std::string& what) { return set.name + "/" + what; };
    benchmark::RegisterBenchmark(name("memcpy").c_str(), BenchMemcpy, set);
    benchmark::RegisterBenchmark(name("zstd-1 round trip").c_str(), BenchZstdRoundTrip, set);
    benchmark::RegisterBenchmark(name("decode").c_str(), BenchDecode, set);
    for (const int times : {1, 8}) {
      benchmark::RegisterBenchmark(name("open batch x" + std::to_string(times)).c_str(),
                                   BenchOpenBatch, set, times);
    }
    for (const size_t k : {1u, 16u, 128u}) {
      const size_t bytes = VerifiedOutputBytes(set, k, RowOrder::kByUse);
      (void)VerifiedOutputBytes(set, k, RowOrder::kSorted);
      std::printf("%s K=%zu: verified, %zu -> %zu bytes (%.3f); open batch %.2f of its input\n",
                  set.name.c_str(), k, set.bytes(), bytes,
                  static_cast<double>(bytes) / static_cast<double>(set.bytes()),
                  OpenBatchShare(set, k));
      benchmark::RegisterBenchmark(name("merge K=" + std::to_string(k)).c_str(), BenchMerge, set,
                                   k);
      benchmark::RegisterBenchmark(name("zstd merge zstd K=" + std::to_string(k)).c_str(),
                                   BenchGateway, set, k, RowOrder::kByUse);
      benchmark::RegisterBenchmark(name("zstd merge sort zstd K=" + std::to_string(k)).c_str(),
                                   BenchGateway, set, k, RowOrder::kSorted);
    }
  }
  RatioReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  reporter.PrintRatios();
  return 0;
}

}  // namespace
}  // namespace flameway

int main(int argc, char** argv) { return flameway::Main(argc, argv); }
