// SPDX-License-Identifier: Apache-2.0
// Any bytes as one message: proto/wire against libprotobuf. What they may differ in stands in
// tests/proto/wire/reader_agreement.h.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/verdict.h"
#include "tests/proto/wire/reader_agreement.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  flameway::ExpectNothing(flameway::wire::ReaderDisagreement(bytes));
  return 0;
}
