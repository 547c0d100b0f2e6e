// SPDX-License-Identifier: Apache-2.0
// In steady traffic the core asks for no memory: what a request or a batch needs is there from the
// ones before. Against the core as it ships, because the checked one allocates to compare.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/traffic/fleet_requests.h"
#include "processor/batch/batch.h"
#include "processor/encode/encode.h"
#include "processor/request/request.h"
#include "tests/processor/allocation_count.h"
#include "tests/support/corpus.h"
#include "tests/support/request_generator.h"

namespace flameway {
namespace {

using Requests = std::vector<std::string>;

Requests Fleet() {
  FleetRequests fleet({.seed = 3, .hosts = 8});
  Requests requests;
  for (uint32_t i = 0; i < fleet.size(); ++i) requests.push_back(fleet.Encode(i));
  return requests;
}

// All shapes of samples, untidy senders, references and long lists of attributes.
Requests MadeUp() {
  Requests requests;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    for (const auto& request : RequestGenerator(RequestGeneratorOptions::ForSeed(seed)).Take(3))
      requests.push_back(request.SerializeAsString());
  }
  return requests;
}

// The seeds of the fuzzer of decoding: one request of each dialect and style of writing.
Requests Dialects() {
  Requests requests;
  for (const char* name :
       {"plain", "references", "untidy", "any_wire_style", "dialect_1.8", "dialect_1.9"}) {
    std::ifstream file(std::string("tests/fuzz/corpus/decode_differential_fuzz/") + name,
                       std::ios::binary);
    requests.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    EXPECT_FALSE(requests.back().empty()) << name;
  }
  return requests;
}

// More keys to a resource than are compared one by one.
Requests ManyKeys() {
  Requests requests;
  schema::ExportProfilesServiceRequest request =
      RequestGenerator({.seed = 4, .resources = 3}).Next();
  for (auto& resource : *request.mutable_resource_profiles()) {
    for (int i = 0; i < 200; ++i) {
      schema::KeyValue& pair = *resource.mutable_resource()->add_attributes();
      pair.set_key("key" + std::to_string(i % 150));
      pair.mutable_value()->set_int_value(i);
    }
  }
  requests.push_back(request.SerializeAsString());
  return requests;
}

Requests Recorded(const char* folder) {
  Requests requests;
  for (const std::string& file : FindSharedFiles(folder)) {
    auto read = ReadRequests(file);
    if (!read.ok()) continue;
    for (std::string& request : *read) requests.push_back(std::move(request));
  }
  return requests;
}

struct Traffic {
  const char* name;
  std::function<Requests()> requests;
};
void PrintTo(const Traffic& traffic, std::ostream* out) { *out << traffic.name; }

class SteadyStateTest : public testing::TestWithParam<Traffic> {
 protected:
  // Batches before all is there: one, and the first that stands in what it gave back.
  static constexpr int kWarmUp = 3;

  void SetUp() override {
    if (!AllocationCount::kWorks) GTEST_SKIP() << "skipped: the sanitizer has malloc for itself";
    requests_ = GetParam().requests();
    if (requests_.empty()) GTEST_SKIP() << kNoSharedFile;
  }

  void DecodeAndMergeAll() {
    for (const std::string& bytes : requests_) {
      request_.Decode(bytes);
      batch_.Merge(request_);
    }
  }
  // Prints what was counted; and who asked, if somebody did.
  void ExpectNone(std::string_view what, size_t count, const std::string& places) {
    std::printf("%s, %zu requests: %.*s allocates %zu times\n", GetParam().name, requests_.size(),
                static_cast<int>(what.size()), what.data(), count);
    EXPECT_EQ(count, 0u) << what << "\n" << places;
  }

  Requests requests_;
  Request request_{RequestOptions{}};
  Batch batch_{BatchOptions{}};
};

TEST_P(SteadyStateTest, DecodingAllocatesNothing) {
  const auto decode_all = [this] {
    for (const std::string& bytes : requests_) request_.Decode(bytes);
  };
  for (int i = 0; i < kWarmUp; ++i) decode_all();
  AllocationCount count;
  decode_all();
  const size_t allocations = count.Stop();
  ExpectNone("decode", allocations, count.Places());
}

TEST_P(SteadyStateTest, MergingAllocatesNothing) {
  for (int i = 0; i < kWarmUp; ++i) {
    DecodeAndMergeAll();
    batch_.Recycle(batch_.Seal());
  }
  size_t allocations = 0;
  std::string places;
  for (const std::string& bytes : requests_) {
    request_.Decode(bytes);
    AllocationCount count;
    batch_.Merge(request_);
    allocations += count.Stop();
    if (places.empty()) places = count.Places();
  }
  ExpectNone("merge", allocations, places);
}

// One after the other, they need no more than one.
TEST_P(SteadyStateTest, ABatchStandsInTheMemoryOfTheOneBefore) {
  DecodeAndMergeAll();
  const size_t of_one = batch_.memory_bytes();
  batch_.Recycle(batch_.Seal());
  const size_t empty = Batch(BatchOptions{}).memory_bytes();
  for (int i = 0; i < kWarmUp; ++i) {
    DecodeAndMergeAll();
    EXPECT_LE(batch_.memory_bytes(), of_one + empty);
    batch_.Recycle(batch_.Seal());
  }
}

TEST_P(SteadyStateTest, SealingAndEncodingAllocateNothing) {
  for (const RowOrder order : {RowOrder::kByUse, RowOrder::kSorted}) {
    Encoder encoder;
    EncodeResult result;
    for (int i = 0; i < kWarmUp; ++i) {
      DecodeAndMergeAll();
      SealedBatch sealed = batch_.Seal();
      encoder.Encode(sealed, {.row_order = order}, &result);
      batch_.Recycle(std::move(sealed));
    }
    DecodeAndMergeAll();
    AllocationCount encoding;
    SealedBatch sealed = batch_.Seal();
    encoder.Encode(sealed, {.row_order = order}, &result);
    const size_t encoded = encoding.Stop();
    ExpectNone(order == RowOrder::kByUse ? "seal, encode by use" : "seal, encode sorted", encoded,
               encoding.Places());
    AllocationCount recycling;
    batch_.Recycle(std::move(sealed));
    const size_t recycled = recycling.Stop();
    ExpectNone("recycle", recycled, recycling.Places());
    EXPECT_EQ(result.messages.size(), 1u);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Traffic, SteadyStateTest,
    testing::Values(Traffic{"fleet", Fleet}, Traffic{"made_up", MadeUp},
                    Traffic{"dialects", Dialects}, Traffic{"many_keys", ManyKeys},
                    Traffic{"recorded_fleet", [] { return Recorded("fleet"); }},
                    Traffic{"recorded_ebpf", [] { return Recorded("ebpf"); }},
                    Traffic{"recorded_jfr", [] { return Recorded("otlp-1.10-from-jfr"); }},
                    Traffic{"recorded_1_9", [] { return Recorded("captures"); }}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(AllocationCountTest, SeesEachWayToAskForMemory) {
  if (!AllocationCount::kWorks) GTEST_SKIP() << "skipped: the sanitizer has malloc for itself";
  AllocationCount count;
  const std::vector<int> of_new(100);
  void* plain = std::malloc(100);
  plain = std::realloc(plain, 5000);
  void* zeroed = std::calloc(10, 10);
  void* aligned = std::aligned_alloc(64, 640);
  EXPECT_EQ(count.Stop(), 5u);
  EXPECT_NE(count.Places().find("SeesEachWay"), std::string::npos) << count.Places();
  for (void* block : {plain, zeroed, aligned}) std::free(block);
}

}  // namespace
}  // namespace flameway
