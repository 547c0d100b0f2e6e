// SPDX-License-Identifier: Apache-2.0
// The input is a script that makes a story of a few requests, valid, nearly valid or arbitrary,
// which are decoded, merged, encoded, split and read again.
//
// story = coalesce u8, split share u8, seed u16, tidiness u8, request*
// request = kind u8 and
//   plain, or in any wire style: nothing; the generator draws the next one
//   damaged: count u8 (0 to 7), that many { position u16, new byte u8 }
//   raw: size u16, bytes
#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/fuzz/byte_script.h"
#include "tests/fuzz/verdict.h"
#include "tests/processor/merge_agreement.h"
#include "tests/support/request_generator.h"
#include "tests/support/wire_emitter.h"

namespace flameway {
namespace {

constexpr size_t kMaxRequests = 4;

RequestGeneratorOptions SmallWorld(uint64_t seed, uint8_t tidiness) {
  RequestGeneratorOptions options;
  options.seed = seed;
  options.world = {.names = 8,
                   .functions = 5,
                   .mappings = 2,
                   .locations = 8,
                   .stacks = 5,
                   .max_stack_depth = 4,
                   .attributes = 6,
                   .links = 2,
                   .resources = 2,
                   .scopes = 2};
  options.resources = 2;
  options.profiles = 2;
  options.samples = 5;
  options.measurements = 3;
  options.windows = 2;
  const auto share = [&](int bit, double often) { return (tidiness >> bit & 1) != 0 ? often : 0; };
  options.mixed_shape_share = share(0, 0.3);
  options.huge_value_share = share(1, 0.4);
  options.payload_share = share(2, 0.3);
  options.profile_id_share = share(3, 0.5);
  options.duplicate_row_share = share(4, 0.3);
  options.orphan_share = share(5, 0.3);
  options.zero_row_share = options.null_attribute_share = share(6, 0.2);
  options.reference_share = share(7, 0.6);
  return options;
}

void Damage(ByteScript& script, std::string& bytes) {
  for (int count = script.Byte() % 8; count > 0 && !bytes.empty(); --count) {
    const size_t position = script.Two() % bytes.size();
    bytes[position] = static_cast<char>(script.Byte());
  }
}

MergeStory Tell(ByteScript& script) {
  MergeStory story;
  story.coalesce = static_cast<Coalesce>(script.Byte() % 3);
  story.split_share = script.Byte();
  const uint32_t seed = script.Two();
  RequestGenerator generator(SmallWorld(seed, script.Byte()));
  WireEmitter emitter(WireStyle::Anything(), seed);
  while (!script.done() && story.requests.size() < kMaxRequests) {
    std::string& bytes = story.requests.emplace_back();
    switch (script.Byte() % 4) {
      case 0:
        bytes = generator.Next().SerializeAsString();
        break;
      case 1:
        bytes = emitter.Emit(generator.Next());
        break;
      case 2:
        bytes = generator.Next().SerializeAsString();
        Damage(script, bytes);
        break;
      default:
        bytes = script.Bytes(script.Two());
    }
  }
  return story;
}

}  // namespace
}  // namespace flameway

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  flameway::ByteScript script(data, size);
  flameway::ExpectNothing(flameway::MergeDisagreement(flameway::Tell(script)));
  return 0;
}
