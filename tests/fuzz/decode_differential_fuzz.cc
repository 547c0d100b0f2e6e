// SPDX-License-Identifier: Apache-2.0
// Any bytes as a request: the decoder against libprotobuf, accept or refuse, verdict by verdict,
// and by meaning. The written list of intended differences stands in
// tests/processor/protobuf_agreement.h.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/verdict.h"
#include "tests/processor/protobuf_agreement.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  flameway::ExpectNothing(flameway::DisagreementWithProtobuf(bytes));
  return 0;
}
