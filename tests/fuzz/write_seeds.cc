// SPDX-License-Identifier: Apache-2.0
// Writes the seed corpora of the core's fuzz targets from made-up requests:
//
//   build/release/tests/fuzz/flameway_fuzz_seeds tests/fuzz/corpus
//
// The same files every time, a few hundred bytes each. What is in the folders already stays, unless
// it has the name of a seed.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/support/renumber.h"
#include "tests/support/request_generator.h"
#include "tests/support/wire_bytes.h"
#include "tests/support/wire_emitter.h"

namespace flameway {
namespace {

class Corpus {
 public:
  explicit Corpus(std::filesystem::path root) : root_(std::move(root)) {}

  void Write(std::string_view target, std::string_view name, std::string_view bytes) {
    const std::filesystem::path folder = root_ / target;
    std::filesystem::create_directories(folder);
    std::ofstream file(folder / name, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    failed_ |= !file.flush();
  }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::filesystem::path root_;
  bool failed_ = false;
};

// Little of everything: each table, each shape of sample.
RequestGeneratorOptions Small(uint64_t seed) {
  RequestGeneratorOptions options;
  options.seed = seed;
  options.world = {.names = 6,
                   .functions = 3,
                   .mappings = 2,
                   .locations = 4,
                   .stacks = 3,
                   .max_stack_depth = 3,
                   .attributes = 5,
                   .links = 2,
                   .resources = 2,
                   .scopes = 2};
  options.resources = 2;
  options.profiles = 2;
  options.samples = 3;
  options.measurements = 2;
  options.payload_share = 0.2;
  return options;
}

bool FillsAllTables(const schema::ProfilesDictionary& tables) {
  return tables.attribute_table_size() > 1 && tables.function_table_size() > 1 &&
         tables.mapping_table_size() > 1 && tables.location_table_size() > 1 &&
         tables.stack_table_size() > 1 && tables.link_table_size() > 1;
}

// A request that fills all tables, and is no larger than a seed should be.
schema::ExportProfilesServiceRequest SmallRequest(RequestGeneratorOptions options) {
  constexpr size_t kMaxBytes = 900;
  for (;; options.seed += 1000) {
    auto request = RequestGenerator(options).Next();
    if (request.ByteSizeLong() <= kMaxBytes && FillsAllTables(request.dictionary())) return request;
  }
}

void WriteRequests(Corpus& corpus) {
  constexpr std::string_view kTarget = "decode_differential_fuzz";
  corpus.Write(kTarget, "plain", SmallRequest(Small(1)).SerializeAsString());
  corpus.Write(kTarget, "references", [] {
    RequestGeneratorOptions options = Small(2);
    options.reference_share = 1;
    return SmallRequest(options).SerializeAsString();
  }());
  corpus.Write(kTarget, "untidy", [] {
    RequestGeneratorOptions options = Small(3);
    options.duplicate_row_share = options.orphan_share = 0.5;
    options.zero_row_share = options.null_attribute_share = 0.3;
    return SmallRequest(options).SerializeAsString();
  }());
  corpus.Write(kTarget, "any_wire_style",
               WireEmitter(WireStyle::Anything(), 4).Emit(SmallRequest(Small(4))));
  for (const Dialect dialect : {Dialect::kV1_8, Dialect::kV1_9}) {
    RequestGeneratorOptions options = Small(5);
    options.reference_share = 0;
    const auto old = Renumber(SmallRequest(options).SerializeAsString(), Dialect::kV1_10, dialect);
    if (old.ok()) corpus.Write(kTarget, "dialect_" + std::string(DialectName(dialect)), *old);
  }
}

void WriteMessages(Corpus& corpus) {
  constexpr std::string_view kTarget = "wire_reader_fuzz";
  const auto request = SmallRequest(Small(6));
  corpus.Write(kTarget, "request", request.SerializeAsString().substr(0, 300));
  corpus.Write(kTarget, "function", request.dictionary().function_table(1).SerializeAsString());
  WireStyle style = WireStyle::Anything();
  style.unknown_field_share = 1;
  corpus.Write(kTarget, "any_wire_style",
               WireEmitter(style, 7).Emit(request.dictionary().location_table(1)));
  std::string groups;
  for (uint32_t field = 1; field <= 20; ++field) AppendTag(field, 3, &groups);
  for (uint32_t field = 20; field >= 1; --field) AppendTag(field, 4, &groups);
  corpus.Write(kTarget, "groups", groups);
}

// The grammar stands in merge_round_trip_fuzz.cc.
void WriteStories(Corpus& corpus) {
  constexpr std::string_view kTarget = "merge_round_trip_fuzz";
  const auto story = [](uint8_t coalesce, uint8_t split, uint8_t seed, uint8_t tidiness) {
    std::string script;
    for (const uint8_t byte : {coalesce, split, seed, uint8_t{0}, tidiness})
      script.push_back(static_cast<char>(byte));
    return script;
  };
  constexpr char kPlain = 0;
  constexpr char kAnyStyle = 1;
  constexpr char kDamaged = 2;
  constexpr char kRaw = 3;
  corpus.Write(kTarget, "tidy", story(1, 120, 1, 0) + kPlain + kPlain + kAnyStyle);
  corpus.Write(kTarget, "untidy", story(1, 60, 2, 0xFF) + kAnyStyle + kPlain + kAnyStyle + kPlain);
  corpus.Write(kTarget, "never_joined", story(0, 200, 3, 0x87) + kPlain + kPlain + kPlain);
  corpus.Write(kTarget, "all_joined", story(2, 90, 4, 0x5B) + kAnyStyle + kPlain + kPlain);
  corpus.Write(kTarget, "damaged",
               story(1, 128, 5, 0x30) + kPlain + kDamaged +
                   std::string("\x02\x10\x01\x07\x90\x00\x01", 7) + kPlain);
  const std::string request = SmallRequest(Small(8)).SerializeAsString();
  std::string raw = story(1, 100, 6, 0) + kRaw;
  raw.push_back(static_cast<char>(request.size() & 0xFF));
  raw.push_back(static_cast<char>(request.size() >> 8));
  corpus.Write(kTarget, "raw", raw + request + kPlain);
}

void WriteTableScripts(Corpus& corpus) {
  constexpr std::string_view kTarget = "table_model_fuzz";
  std::string script;
  for (int i = 0; i < 90; ++i) {
    for (const int byte : {i * 7, i % 11, i * 37}) script.push_back(static_cast<char>(byte));
  }
  corpus.Write(kTarget, "all_verbs", script);
  std::string growth;
  for (int i = 0; i < 60; ++i) {
    for (const int byte : {252, i * 5, i % 3}) growth.push_back(static_cast<char>(byte));
  }
  corpus.Write(kTarget, "growth", growth);
}

}  // namespace
}  // namespace flameway

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  flameway::Corpus corpus(argv[1]);
  flameway::WriteRequests(corpus);
  flameway::WriteMessages(corpus);
  flameway::WriteStories(corpus);
  flameway::WriteTableScripts(corpus);
  return corpus.failed() ? 1 : 0;
}
