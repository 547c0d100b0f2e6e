// SPDX-License-Identifier: Apache-2.0
// The input is a script of calls on Table, which answers as std::map does.
//
// step = verb u8, fingerprint u8, spread u8: few fingerprints, so that they meet again, and
// differences in bits that the place in the table is taken from or not.
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "processor/batch/table.h"
#include "tests/fuzz/byte_script.h"
#include "tests/fuzz/verdict.h"

namespace flameway {
namespace {

using Key = std::pair<uint64_t, uint64_t>;
using Model = std::map<Key, uint32_t>;

Key DrawKey(ByteScript& script) {
  const uint64_t print = script.Byte();
  const uint8_t spread = script.Byte();
  return {print << (spread & 63), spread >> 6};
}

Fingerprint PrintOf(const Key& key) { return {.low = key.first, .high = key.second}; }

uint32_t NumberOf(const Model& model, const Key& key) {
  const auto found = model.find(key);
  return found == model.end() ? 0 : found->second;
}

void Step(ByteScript& script, Table& table, Model& model, uint32_t& next) {
  const uint8_t verb = script.Byte();
  const Key key = DrawKey(script);
  const bool known = model.contains(key);
  switch (verb & 7) {
    case 0:
      if (table.Find(PrintOf(key)) != NumberOf(model, key)) ExpectNothing("Find");
      break;
    case 1:
      if (known) table.Replace(PrintOf(key), model[key] = ++next);
      break;
    case 2:
      // Seldom: a table that is emptied all the time never grows.
      if (verb < 16) {
        table.Clear();
        model.clear();
      }
      break;
    case 3:
      table.Prefetch(PrintOf(key));
      break;
    case 4:
      // Many at once, to make it grow.
      for (uint64_t i = 1; i <= verb / 8; ++i) {
        const Key other(key.first + i * (key.second + 1), key.second);
        const bool added = model.try_emplace(other, ++next).second;
        const Table::Found found = table.FindOrAdd(PrintOf(other), next);
        if (found.added != added || found.number != model[other]) ExpectNothing("many");
      }
      break;
    default: {
      if (!known) model[key] = ++next;
      const Table::Found found = table.FindOrAdd(PrintOf(key), model[key]);
      if (found.added == known || found.number != model[key]) ExpectNothing("FindOrAdd");
    }
  }
}

}  // namespace
}  // namespace flameway

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  flameway::ByteScript script(data, size);
  flameway::Table table;
  flameway::Model model;
  uint32_t next = 0;
  while (!script.done()) flameway::Step(script, table, model, next);
  for (const auto& [key, number] : model) {
    if (table.Find(flameway::PrintOf(key)) != number) flameway::ExpectNothing("a row is lost");
  }
  return 0;
}
