// SPDX-License-Identifier: Apache-2.0
// What bench/instructions.py counts: each stage of the core once, on a small made-up fleet and a
// fixed fingerprint secret, so that two runs execute the same instructions. Under
// `valgrind --tool=callgrind --collect-atstart=no` every stage writes a dump named after it;
// without valgrind it only runs them. The core is warm: it has seen the requests before, and its
// memory has grown to what it needs. Prints the size of the input, by which counts are divided.
#include <valgrind/callgrind.h>
#include <xxhash.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "bridge/traffic/fleet_requests.h"
#include "processor/batch/batch.h"
#include "processor/encode/encode.h"
#include "processor/request/decoder.h"
#include "processor/request/dictionary.h"
#include "processor/request/request.h"
#include "processor/request/table_index.h"

namespace flameway {
namespace {

class StageCount {
 public:
  StageCount() {
    FleetRequests fleet({.seed = 11, .hosts = 12});
    for (uint32_t i = 0; i < fleet.size(); ++i) requests_.push_back(fleet.Encode(i));
  }

  // What a count depends on beside the code that is counted.
  void PrintConditions() {
    std::printf("compiler %s\nfeatures", __VERSION__);
    const auto feature = [](const char* name, bool has) {
      std::printf("%s%s", has ? " " : " no-", name);
    };
    __builtin_cpu_init();
    feature("sse4.2", __builtin_cpu_supports("sse4.2") != 0);
    feature("aes", __builtin_cpu_supports("aes") != 0);
    feature("avx2", __builtin_cpu_supports("avx2") != 0);
    feature("bmi2", __builtin_cpu_supports("bmi2") != 0);
    feature("avx512f", __builtin_cpu_supports("avx512f") != 0);
    std::printf("\n");
    size_t bytes = 0;
    uint64_t samples = 0;
    XXH64_hash_t digest = 0;
    for (const std::string& request : requests_) {
      bytes += request.size();
      digest = XXH64(request.data(), request.size(), digest);
      samples += Accepted(request_.Decode(request)).samples_received;
    }
    std::printf("bytes %zu\nsamples %zu\ndigest %016llx\n", bytes, static_cast<size_t>(samples),
                static_cast<unsigned long long>(digest));
  }

  void Run() {
    for (int i = 0; i < 3; ++i) {
      MergeAll();
      SealedBatch sealed = batch_.Seal();
      Encode(sealed, RowOrder::kByUse);
      Encode(sealed, RowOrder::kSorted);
      batch_.Recycle(std::move(sealed));
    }
    CountIndex();
    CountDecode();
    CountMerge();
    CountEncode("seal, encode by use", RowOrder::kByUse);
    CountEncode("seal, encode sorted", RowOrder::kSorted);
  }

 private:
  template <typename Stage>
  void Count(const char* name, const Stage& stage) {
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
    stage();
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_DUMP_STATS_AT(name);
  }

  static const DecodeReport& Accepted(const DecodeReport& report) {
    if (report.outcome != DecodeReport::Outcome::kAccepted || report.profiles_rejected > 0) {
      std::fprintf(stderr, "a request is refused: %s\n", report.Message().c_str());
      std::exit(1);
    }
    return report;
  }
  void Encode(const SealedBatch& sealed, RowOrder order) {
    encoder_.Encode(sealed, {.row_order = order}, &result_);
    if (result_.messages.size() == 1 && !result_.messages.front().bytes.empty()) return;
    std::fprintf(stderr, "the batch did not become one message\n");
    std::exit(1);
  }

  void MergeAll() {
    for (const std::string& bytes : requests_) {
      Accepted(request_.Decode(bytes));
      batch_.Merge(request_);
    }
  }

  void CountIndex() {
    const RequestLimits limits;
    const Fingerprinter fingerprinter{FingerprintSecret{}};
    RequestColumns columns;
    Scratch scratch;
    TableIndex index;
    const auto index_all = [&] {
      for (const std::string& bytes : requests_) {
        DecodeReport report;
        Decoder decoder(limits, fingerprinter, columns, scratch, report);
        decoder.bytes = bytes;
        DictionaryDecoder early(decoder);
        index.Clear();
        columns.Clear();
        if (!IndexTables(decoder, early, index)) std::exit(1);
      }
    };
    index_all();
    Count("index", index_all);
  }

  void CountDecode() {
    Count("decode", [&] {
      for (const std::string& bytes : requests_) Accepted(request_.Decode(bytes));
    });
  }

  void CountMerge() {
    std::vector<Request> decoded;
    for (const std::string& bytes : requests_) {
      decoded.emplace_back(RequestOptions{});
      Accepted(decoded.back().Decode(bytes));
    }
    const auto merge_all = [&] {
      for (const Request& request : decoded) batch_.Merge(request);
    };
    Count("merge", merge_all);
    Count("merge of what is known", merge_all);
    batch_.Recycle(batch_.Seal());
  }

  void CountEncode(const char* name, RowOrder order) {
    MergeAll();
    Count(name, [&] {
      SealedBatch sealed = batch_.Seal();
      Encode(sealed, order);
      batch_.Recycle(std::move(sealed));
    });
  }

  std::vector<std::string> requests_;
  Request request_{RequestOptions{}};
  Batch batch_{BatchOptions{}};
  Encoder encoder_;
  EncodeResult result_;
};

}  // namespace
}  // namespace flameway

int main() {
#ifndef NDEBUG
  std::fprintf(stderr, "this is no Release build; its counts would mean nothing\n");
  return 1;
#endif
  flameway::StageCount count;
  count.PrintConditions();
  count.Run();
  return 0;
}
