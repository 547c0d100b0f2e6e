// SPDX-License-Identifier: Apache-2.0
// Bombs: V50, V53, V57, and references that would expand to gigabytes. Each is refused by the limit
// made for it, and memory stays in proportion to the bytes that came.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <functional>
#include <string>

#include "absl/base/config.h"
#include "proto/otlp/fields.h"
#include "tests/processor/request/neighbours.h"
#include "tests/support/wire_bytes.h"

namespace flameway {
namespace {

namespace tables = otlp::ProfilesDictionary;
using Outcome = DecodeReport::Outcome;

constexpr size_t kMega = size_t{1} << 20;

std::string Repeated(const std::string& bytes, size_t count) {
  std::string out;
  out.reserve(bytes.size() * count);
  for (size_t i = 0; i < count; ++i) out += bytes;
  return out;
}

std::string InDictionary(const std::string& rows) {
  return BytesField(otlp::ExportProfilesServiceRequest::dictionary, rows);
}
std::string InScope(const std::string& profiles) {
  return BytesField(1, BytesField(otlp::ResourceProfiles::scope_profiles, profiles));
}
std::string InResource(const std::string& attributes) {
  return BytesField(1, BytesField(otlp::ResourceProfiles::resource, attributes) +
                           BytesField(2, BytesField(2, "")));
}

// Peak of the whole process so far; only ever grows. 0 under a sanitizer, which keeps freed memory.
size_t PeakBytes() {
#if defined(ABSL_HAVE_ADDRESS_SANITIZER) || defined(ABSL_HAVE_THREAD_SANITIZER)
  return 0;
#else
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<size_t>(usage.ru_maxrss) * 1024;
#endif
}

struct Bomb {
  const char* what;
  std::function<std::string(size_t count)> bytes;
  std::function<void(RequestLimits&)> limit;  // to one hundred or so
};

std::vector<Bomb> ElementBombs() {
  const auto elements = [](RequestLimits& limits) { limits.max_elements = 100; };
  const auto rows = [](RequestLimits& limits) { limits.max_rows_per_table = 100; };
  const auto ints = [](RequestLimits& limits) { limits.max_packed_ints = 100; };
  const auto profiles = [](RequestLimits& limits) { limits.max_profiles = 100; };
  std::vector<Bomb> bombs;
  for (const auto& [what, table] : {std::pair{"strings", 5u},
                                    {"stacks", 7u},
                                    {"mappings", 1u},
                                    {"locations", 2u},
                                    {"functions", 3u},
                                    {"links", 4u},
                                    {"attributes", 6u}}) {
    const auto bytes = [table = table](size_t count) {
      return InDictionary(Repeated(BytesField(table, ""), count));
    };
    bombs.push_back({what, bytes, elements});
    bombs.push_back({what, bytes, rows});
  }
  const auto resources = [](size_t n) { return Repeated(BytesField(1, ""), n); };
  bombs.push_back({"resources", resources, elements});
  bombs.push_back({"resources", resources, rows});
  bombs.push_back(
      {"scopes", [](size_t n) { return BytesField(1, Repeated(BytesField(2, ""), n)); }, elements});
  const auto profile_bytes = [](size_t n) { return InScope(Repeated(BytesField(2, ""), n)); };
  bombs.push_back({"profiles", profile_bytes, elements});
  bombs.push_back({"profiles", profile_bytes, profiles});
  bombs.push_back({"samples",
                   [](size_t n) { return InScope(BytesField(2, Repeated(BytesField(2, ""), n))); },
                   elements});
  bombs.push_back(
      {"lines",
       [](size_t n) { return InDictionary(BytesField(2, Repeated(BytesField(3, ""), n))); },
       elements});
  bombs.push_back({"lines of an unusual location",
                   [](size_t n) {
                     return InDictionary(
                         BytesField(2, VarintField(99, 1) + Repeated(BytesField(3, ""), n)));
                   },
                   elements});
  bombs.push_back({"resource attributes",
                   [](size_t n) { return InResource(Repeated(BytesField(1, ""), n)); }, elements});
  bombs.push_back(
      {"entities",
       [](size_t n) { return InResource(BytesField(3, Repeated(BytesField(3, ""), n))); },
       elements});
  bombs.push_back({"empty entities",
                   [](size_t n) { return InResource(Repeated(BytesField(3, ""), n)); }, elements});
  bombs.push_back({"values of an attribute",
                   [](size_t n) {
                     return InDictionary(BytesField(
                         6, BytesField(2, BytesField(5, Repeated(BytesField(1, ""), n)))));
                   },
                   elements});
  bombs.push_back({"attribute indices of a sample",
                   [](size_t n) {
                     return InScope(BytesField(
                         2, BytesField(2, VarintField(4, 1) + BytesField(2, std::string(n, 0)))));
                   },
                   ints});
  bombs.push_back({"unpacked attribute indices of a profile",
                   [](size_t n) { return InScope(BytesField(2, Repeated(VarintField(11, 0), n))); },
                   ints});
  bombs.push_back(
      {"frames of a stack",
       [](size_t n) { return InDictionary(BytesField(7, BytesField(1, std::string(n, 0)))); },
       ints});
  bombs.push_back({"frames of many stacks",
                   [](size_t n) {
                     return InDictionary(
                         Repeated(BytesField(7, BytesField(1, std::string(50, 0))), n / 50 + 1));
                   },
                   ints});
  bombs.push_back(
      {"attribute indices of a mapping",
       [](size_t n) { return InDictionary(BytesField(1, BytesField(5, std::string(n, 0)))); },
       ints});
  return bombs;
}

TEST(LimitsTest, V50_ElementBombsAreRefusedByTheirLimit) {
  for (const Bomb& bomb : ElementBombs()) {
    SCOPED_TRACE(bomb.what);
    RequestOptions options;
    bomb.limit(options.limits);
    options.limits.max_elements = std::min(options.limits.max_elements, 1'000'000u);
    Request request(options);
    const std::string below = bomb.bytes(20);
    EXPECT_NE(request.Decode(below).outcome, Outcome::kTooLarge);
    const std::string above = bomb.bytes(101);
    const DecodeReport& report = request.Decode(above);
    EXPECT_EQ(report.outcome, Outcome::kTooLarge);
    EXPECT_EQ(ReasonWord(report.reason), "too_many_elements");
    EXPECT_EQ(report.profiles_received, 0u);
  }
}

TEST(LimitsTest, V50_BombsOfMegabytesCostNoMoreThanTheirLimitAllows) {
  // Two million elements of at most 120 bytes each, whatever they are.
  for (const Bomb& bomb : ElementBombs()) {
    SCOPED_TRACE(bomb.what);
    const std::string bytes = bomb.bytes(3 * kMega);
    Request request{RequestOptions{}};
    const DecodeReport& report = request.Decode(bytes);
    // Index lists may have eight million entries, so three million in two bytes each pass.
    EXPECT_TRUE(report.outcome == Outcome::kTooLarge || bytes.size() < 7 * kMega)
        << report.Message();
    EXPECT_LE(request.memory_bytes(), 240 * kMega);
  }
}

TEST(LimitsTest, RequestsOverTheirSizeAreNotLookedAt) {
  RequestOptions options;
  options.limits.max_request_bytes = 1000;
  const DecodeReport report = Pass(std::string(1001, '\xFF'), options).report;
  EXPECT_EQ(report.outcome, Outcome::kTooLarge);
  EXPECT_EQ(report.reason, Reason::kRequestTooLarge);
}

TEST(LimitsTest, V53_StacksHaveADepth) {
  const auto with_depth = [](int depth) {
    return [depth](schema::ExportProfilesServiceRequest& r) {
      SuspectStack(r).clear_location_indices();
      for (int i = 0; i < depth; ++i) SuspectStack(r).add_location_indices(2);
    };
  };
  ExpectPassed(with_depth(4096));
  ExpectSuspectRefused(with_depth(4097), Reason::kStackTooDeep);
  ExpectSuspectRefused(with_depth(100'000), Reason::kStackTooDeep);
}

TEST(LimitsTest, V57_StringsHaveALength) {
  const auto name = [](size_t size) {
    return [size](schema::ExportProfilesServiceRequest& r) {
      r.mutable_dictionary()->set_string_table(SuspectFunction(r).name_strindex(),
                                               std::string(size, 'x'));
    };
  };
  ExpectPassed(name(64 << 10));
  ExpectSuspectRefused(name((64 << 10) + 1), Reason::kStringTooLong);
  const auto value = [](size_t size) {
    return [size](schema::ExportProfilesServiceRequest& r) {
      SuspectAttribute(r).mutable_value()->set_string_value(std::string(size, 'x'));
    };
  };
  ExpectPassed(value(64 << 10));
  ExpectSuspectRefused(value((64 << 10) + 1), Reason::kStringTooLong);
  ExpectSuspectRefused(
      [](schema::ExportProfilesServiceRequest& r) {
        SuspectAttribute(r).mutable_value()->set_bytes_value(std::string(70'000, 'x'));
      },
      Reason::kStringTooLong);
  ExpectSuspectRefused(
      [](schema::ExportProfilesServiceRequest& r) {
        Suspect(r).set_original_payload_format(std::string(70'000, 'x'));
      },
      Reason::kStringTooLong);
}

// One string of 60 KB, referred to from everywhere: a megabyte that means many gigabytes.
std::string LongString() { return BytesField(5, "") + BytesField(5, std::string(60'000, 'x')); }

void ExpectExpansionRefused(const std::string& bytes) {
  const size_t before = PeakBytes();
  Request request{RequestOptions{}};
  const DecodeReport& report = request.Decode(bytes);
  EXPECT_EQ(report.outcome, Outcome::kTooLarge) << report.Message();
  EXPECT_EQ(ReasonWord(report.reason), "request_too_large");
  EXPECT_LE(request.memory_bytes(), 64 * kMega);
  EXPECT_LE(PeakBytes(), before + 200 * kMega);
}

TEST(LimitsTest, ReferencesInResourcesDoNotExpandToGigabytes) {
  const std::string attribute = BytesField(1, VarintField(3, 1) + BytesField(2, VarintField(8, 1)));
  std::string attributes;
  for (int i = 0; i < 20'000; ++i) {
    attributes +=
        BytesField(1, BytesField(1, std::to_string(i)) + BytesField(2, VarintField(8, 1)));
  }
  ExpectExpansionRefused(InDictionary(LongString()) + InResource(attributes));
}

TEST(LimitsTest, ReferencesInArraysDoNotExpandToGigabytes) {
  const std::string list = BytesField(5, Repeated(BytesField(1, VarintField(8, 1)), 50'000));
  ExpectExpansionRefused(InDictionary(LongString()) +
                         InResource(BytesField(1, BytesField(1, "key") + BytesField(2, list))));
  ExpectExpansionRefused(
      InDictionary(LongString() + BytesField(6, "") + BytesField(6, BytesField(2, list))) +
      InResource(""));
}

TEST(LimitsTest, ReferencesInKeysOfListsDoNotExpandToGigabytes) {
  // Keys alone, no values: three bytes that mean sixty thousand.
  const std::string list = BytesField(6, Repeated(BytesField(1, VarintField(3, 1)), 20'000));
  ExpectExpansionRefused(InDictionary(LongString()) +
                         InResource(BytesField(1, BytesField(1, "key") + BytesField(2, list))));
  ExpectExpansionRefused(
      InDictionary(LongString() + BytesField(6, "") + BytesField(6, BytesField(2, list))) +
      InResource(""));
}

TEST(LimitsTest, BrokenTextDoesNotTreble) {
  std::string strings = BytesField(5, "");
  for (int i = 0; i < 500; ++i) strings += BytesField(5, std::string(60'000, '\xFF'));
  const std::string bytes = InDictionary(strings) + Serialize(Neighbours());
  const size_t before = PeakBytes();
  const DecodeReport report = Decode(bytes);
  EXPECT_NE(report.outcome, Outcome::kTooLarge);
  EXPECT_LE(PeakBytes(), before + 2 * bytes.size() + 64 * kMega);
}

TEST(LimitsTest, OneHugeListCostsNoMoreThanItMay) {
  // 32 MiB of one list: far more entries than allowed, known before they are stored.
  const std::string bytes =
      InDictionary(BytesField(1, BytesField(5, std::string(32 * kMega, '\1'))));
  const size_t before = PeakBytes();
  const DecodeReport report = Decode(bytes);
  EXPECT_EQ(report.outcome, Outcome::kTooLarge);
  EXPECT_LE(PeakBytes(), before + 48 * kMega);
}

TEST(LimitsTest, MemoryIsGivenForTheNextRequestNotForTheLargestEver) {
  Request request{RequestOptions{}};
  const std::string small = Serialize(Neighbours());
  (void)request.Decode(small);
  const size_t usual = request.memory_bytes();
  for (int i = 0; i < 100; ++i) (void)request.Decode(small);
  EXPECT_EQ(request.memory_bytes(), usual) << "steady traffic allocates nothing";
}

}  // namespace
}  // namespace flameway
