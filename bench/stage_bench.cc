// SPDX-License-Identifier: Apache-2.0
// Where the time of merge_bench goes: each stage of the core by itself, on one thread, all requests
// of a set in one batch (128 of the fleet, 39 of the six eBPF captures). Each stage starts from
// what the stage before left, warm as in a gateway: a request is merged right after it was decoded,
// into a batch whose memory comes from the one before. What leads up to a stage is not timed. Bytes
// and items per second are bytes and samples of the uncompressed input, so the times of stages add
// up. What comes out is verified by the expand oracle first.
//
// For figures that do not depend on the neighbours of a machine: bench/instructions.py.
#include <benchmark/benchmark.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/corpus_set.h"
#include "bench/same_meaning.h"
#include "bridge/compress/compressor.h"
#include "bridge/compress/decompressor.h"
#include "processor/batch/batch.h"
#include "processor/encode/encode.h"
#include "processor/request/decoder.h"
#include "processor/request/dictionary.h"
#include "processor/request/request.h"
#include "processor/request/table_index.h"

namespace flameway {
namespace {

struct Input {
  CorpusSet set;
  size_t bytes = 0;
  uint64_t samples = 0;
  std::string sorted;  // all requests merged, as an exporter compresses them
};

// Seconds this thread has computed, which leaves out what neighbours take of the processor.
double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <typename Stage>
double SecondsOf(const Stage& stage) {
  const double start = ThreadSeconds();
  stage();
  return ThreadSeconds() - start;
}

void SetRates(benchmark::State& state, const Input& input) {
  const auto runs = static_cast<int64_t>(state.iterations());
  state.SetBytesProcessed(runs * static_cast<int64_t>(input.bytes));
  state.SetItemsProcessed(runs * static_cast<int64_t>(input.samples));
}

void Require(bool right, std::string_view set, const char* what) {
  if (right) return;
  std::fprintf(stderr, "%s: %s\n", std::string(set).c_str(), what);
  std::exit(1);
}

// A request and a batch that have seen the set twice: their memory has grown to what it needs.
struct WarmCore {
  explicit WarmCore(const Input& input) {
    for (int i = 0; i < 2; ++i) {
      MergeAll(input);
      batch.Recycle(batch.Seal());
    }
  }
  void MergeAll(const Input& input) {
    for (const std::string& bytes : input.set.requests) {
      request.Decode(bytes);
      batch.Merge(request);
    }
  }

  Request request{RequestOptions{}};
  Batch batch{BatchOptions{}};
};

void BenchIndex(benchmark::State& state, const Input& input) {
  const RequestLimits limits;
  const Fingerprinter fingerprinter{FingerprintSecret{}};
  RequestColumns columns;
  Scratch scratch;
  TableIndex index;
  for (auto _ : state) {
    const double seconds = SecondsOf([&] {
      for (const std::string& bytes : input.set.requests) {
        DecodeReport report;
        Decoder decoder(limits, fingerprinter, columns, scratch, report);
        decoder.bytes = bytes;
        DictionaryDecoder early(decoder);
        index.Clear();
        columns.Clear();
        benchmark::DoNotOptimize(IndexTables(decoder, early, index));
      }
    });
    state.SetIterationTime(seconds);
  }
  SetRates(state, input);
}

void BenchDecode(benchmark::State& state, const Input& input) {
  Request request{RequestOptions{}};
  for (auto _ : state) {
    const double seconds = SecondsOf([&] {
      for (const std::string& bytes : input.set.requests)
        benchmark::DoNotOptimize(request.Decode(bytes).outcome);
    });
    state.SetIterationTime(seconds);
  }
  SetRates(state, input);
}

void BenchMerge(benchmark::State& state, const Input& input) {
  WarmCore core(input);
  for (auto _ : state) {
    double seconds = 0;
    for (const std::string& bytes : input.set.requests) {
      core.request.Decode(bytes);
      seconds += SecondsOf([&] { core.batch.Merge(core.request); });
    }
    core.batch.Recycle(core.batch.Seal());
    state.SetIterationTime(seconds);
  }
  SetRates(state, input);
}

void BenchEncode(benchmark::State& state, const Input& input, RowOrder order) {
  WarmCore core(input);
  Encoder encoder;
  EncodeResult result;
  for (auto _ : state) {
    core.MergeAll(input);
    state.SetIterationTime(SecondsOf([&] {
      SealedBatch sealed = core.batch.Seal();
      encoder.Encode(sealed, {.row_order = order}, &result);
      benchmark::DoNotOptimize(result.messages.data());
      core.batch.Recycle(std::move(sealed));
    }));
  }
  SetRates(state, input);
}

void BenchCompress(benchmark::State& state, const Input& input, int level) {
  Compressor compressor;
  std::string packed;
  for (auto _ : state) {
    state.SetIterationTime(SecondsOf([&] {
      if (!compressor.Compress(Codec::kZstd, level, input.sorted, &packed).ok()) std::abort();
    }));
  }
  SetRates(state, input);
  state.counters["out/in"] = static_cast<double>(packed.size()) / static_cast<double>(input.bytes);
}

// The one message that the set is merged into. Ends the program unless it means what came in.
std::string VerifiedMessage(const CorpusSet& set, WarmCore& core, const Input& input,
                            RowOrder order) {
  core.MergeAll(input);
  SealedBatch sealed = core.batch.Seal();
  const EncodeResult result = Encode(sealed, {.row_order = order});
  Require(result.messages.size() == 1, set.name, "the batch did not become one message");
  std::string message(result.messages.front().bytes);
  core.batch.Recycle(std::move(sealed));
  SameMeaning meaning(set);
  meaning.Add(message);
  meaning.Require(order == RowOrder::kSorted ? "the sorted message" : "the message by use");
  return message;
}

Input Verified(CorpusSet set) {
  Input input{.set = std::move(set)};
  input.bytes = input.set.bytes();
  Request request{RequestOptions{}};
  for (const std::string& bytes : input.set.requests) {
    const DecodeReport& report = request.Decode(bytes);
    Require(report.outcome == DecodeReport::Outcome::kAccepted && report.profiles_rejected == 0,
            input.set.name, "a request is refused");
    input.samples += report.samples_received;
  }
  WarmCore core(input);
  const size_t by_use = VerifiedMessage(input.set, core, input, RowOrder::kByUse).size();
  input.sorted = VerifiedMessage(input.set, core, input, RowOrder::kSorted);
  Compressor compressor;
  Decompressor decompressor({});
  for (const int level : {1, 3}) {
    std::string packed;
    std::string unpacked;
    Require(
        compressor.Compress(Codec::kZstd, level, input.sorted, &packed).ok() &&
            decompressor.Decompress(Codec::kZstd, packed, &unpacked) == DecompressError::kNone &&
            unpacked == input.sorted,
        input.set.name, "compressing and decompressing changed the message");
  }
  std::printf(
      "%s: verified; %zu requests, %zu bytes, %zu samples -> %zu bytes by use, %zu sorted\n",
      input.set.name.c_str(), input.set.requests.size(), input.bytes,
      static_cast<size_t>(input.samples), by_use, input.sorted.size());
  return input;
}

int Main(int argc, char** argv) {
#ifndef NDEBUG
  std::fprintf(stderr, "this is no Release build; its figures would mean nothing\n");
  return 1;
#endif
  benchmark::Initialize(&argc, argv);
  static std::vector<Input> inputs;  // benchmarks refer to it
  for (CorpusSet& set : LoadCorpora()) inputs.push_back(Verified(std::move(set)));
  for (const Input& input : inputs) {
    const auto add = [&input](const std::string& stage, auto bench, auto... arguments) {
      benchmark::RegisterBenchmark((input.set.name + "/" + stage).c_str(), bench, input,
                                   arguments...)
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond);
    };
    add("index", BenchIndex);
    add("decode", BenchDecode);
    add("merge", BenchMerge);
    add("seal, encode by use", BenchEncode, RowOrder::kByUse);
    add("seal, encode sorted", BenchEncode, RowOrder::kSorted);
    add("compress zstd-1", BenchCompress, 1);
    add("compress zstd-3", BenchCompress, 3);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace flameway

int main(int argc, char** argv) { return flameway::Main(argc, argv); }
