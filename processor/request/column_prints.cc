// SPDX-License-Identifier: Apache-2.0
// Each table is written once, for any hash, and compiled twice: inlined into a function that may
// use the hash's instructions.
#include "processor/request/column_prints.h"

#include <span>
#include <string_view>

#include "processor/model/aes_hash.h"
#include "processor/model/wide_aes_hash.h"
#include "processor/model/xxh3_hash.h"
#include "processor/request/row_prints.h"

namespace flameway {
namespace {

template <typename Row>
Fingerprint* RoomForAll(Column<Row>& column) {
  column.fingerprints.Clear();
  Fingerprint* const prints = column.fingerprints.Reserve(column.rows.size());
  column.fingerprints.Extend(column.rows.size());
  return prints;
}

// The sum, which the order of the attributes does not change.
[[gnu::always_inline]] inline WordPair SetPrint(const RequestColumns& columns, ListSpan list) {
  const Fingerprint* const prints = columns.attributes.fingerprints.data();
  const uint32_t* const indices = columns.attribute_indices.data() + list.begin;
  WordPair set;
  for (uint32_t i = 0; i < list.count; ++i) {
    set.low += prints[indices[i]].low;
    set.high += prints[indices[i]].high;
  }
  return set;
}

struct Strings {
  template <typename Hash>
  [[gnu::always_inline]] static void Print(const Hash& hash, Column<std::string_view>& strings,
                                           size_t max_bytes, Buffer<uint32_t>& unusual) {
    Fingerprint* const prints = RoomForAll(strings);
    const auto count = static_cast<uint32_t>(strings.rows.size());
    for (uint32_t i = 0; i < count; ++i) {
      bool is_ascii = true;
      prints[i] = hash.Text(strings.rows[i], is_ascii);
      // The second part: empty, or too long.
      if (!is_ascii || strings.rows[i].size() - 1 >= max_bytes) [[unlikely]]
        unusual.Append(i);
    }
  }
};

struct Functions {
  template <typename Hash>
  [[gnu::always_inline]] static void Print(const Hash& hash, RequestColumns& columns) {
    const Fingerprint* const strings = columns.strings.fingerprints.data();
    Fingerprint* print = RoomForAll(columns.functions);
    for (const IncomingFunction& function : columns.functions.rows) {
      *print++ = FunctionPrint(
          hash, strings[function.name.value], strings[function.filename.value],
          function.system_name.value == 0 ? nullptr : &strings[function.system_name.value],
          strings[0], function.start_line);
    }
  }
};

struct Locations {
  template <typename Hash>
  [[gnu::always_inline]] static void Print(const Hash& hash, RequestColumns& columns) {
    struct Line {
      const Fingerprint& function;
      int64_t line, column;
    };
    const Fingerprint* const mappings = columns.mappings.fingerprints.data();
    const Fingerprint* const functions = columns.functions.fingerprints.data();
    Fingerprint* print = RoomForAll(columns.locations);
    for (const IncomingLocation& location : columns.locations.rows) {
      const IncomingLine* const lines = columns.lines.data() + location.lines.begin;
      *print++ = LocationPrint(
          hash, mappings[location.mapping.value], location.address,
          SetPrint(columns, location.attributes),
          location.lines.count, [&](uint32_t i) __attribute__((always_inline)) {
            return Line{functions[lines[i].function.value], lines[i].line, lines[i].column};
          });
    }
  }
};

struct Stacks {
  template <typename Hash>
  [[gnu::always_inline]] static void Print(const Hash& hash, RequestColumns& columns) {
    const Fingerprint* const locations = columns.locations.fingerprints.data();
    const uint32_t* const frames = columns.stack_locations.data();
    Fingerprint* print = RoomForAll(columns.stacks);
    for (const IncomingStack& stack : columns.stacks.rows) {
      *print++ = hash.Sequence(locations, {frames + stack.locations.begin, stack.locations.count});
    }
  }
};

struct Samples {
  template <typename Hash>
  [[gnu::always_inline]] static void Print(const Hash& hash, RequestColumns& columns) {
    const Fingerprint* const stacks = columns.stacks.fingerprints.data();
    const Fingerprint* const links = columns.links.fingerprints.data();
    for (IncomingSample& sample : columns.samples) {
      const uint32_t link = sample.link.value;
      sample.identity =
          SamplePrint(hash, stacks[sample.stack.value], SetPrint(columns, sample.attributes),
                      static_cast<uint64_t>(sample.shape),
                      link == 0 || columns.links.rows[link].IsZero() ? nullptr : &links[link]);
    }
  }
};

#if defined(__x86_64__)

template <typename Table, typename... Arguments>
[[gnu::target("aes,sse4.1"), gnu::flatten]] void PrintByAes(const FingerprintKey& key,
                                                            Arguments&... arguments) {
  Table::Print(AesHash(key), arguments...);
}

[[gnu::target("avx512bw,avx512vl,vaes,bmi2,aes,sse4.1"), gnu::flatten]] void PrintStringsByWideAes(
    const FingerprintKey& key, Column<std::string_view>& strings, size_t max_bytes,
    Buffer<uint32_t>& unusual) {
  Strings::Print(WideAesHash(key), strings, max_bytes, unusual);
}

#endif

template <typename Table, typename... Arguments>
void PrintBy(const Fingerprinter& of, Arguments&... arguments) {
#if defined(__x86_64__)
  if (of.hash() == Fingerprinter::Hash::kAes) {
    PrintByAes<Table>(of.key(), arguments...);
    return;
  }
#endif
  Table::Print(Xxh3Hash(of.key()), arguments...);
}

}  // namespace

void PrintStrings(const Fingerprinter& of, [[maybe_unused]] wire::Instructions may_use,
                  Column<std::string_view>& strings, size_t max_bytes, Buffer<uint32_t>& unusual) {
#if defined(__x86_64__)
  if (may_use.wide_bytes && of.hash() == Fingerprinter::Hash::kAes)
    return PrintStringsByWideAes(of.key(), strings, max_bytes, unusual);
#endif
  PrintBy<Strings>(of, strings, max_bytes, unusual);
}
void PrintFunctions(const Fingerprinter& of, RequestColumns& columns) {
  PrintBy<Functions>(of, columns);
}
void PrintLocations(const Fingerprinter& of, RequestColumns& columns) {
  PrintBy<Locations>(of, columns);
}
void PrintStacks(const Fingerprinter& of, RequestColumns& columns) { PrintBy<Stacks>(of, columns); }
void PrintSamples(const Fingerprinter& of, RequestColumns& columns) {
  PrintBy<Samples>(of, columns);
}

}  // namespace flameway
