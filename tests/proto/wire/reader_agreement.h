// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace flameway::wire {

// Reads the bytes as one message with Reader and with libprotobuf's UnknownFieldSet, and says what
// they disagree on; empty if nothing. Every field libprotobuf reads, Reader reads, with the same
// number, type and content, and both refuse the same bytes, but for what Reader alone refuses:
//
// - V05, a tag of more than 32 bits: libprotobuf cuts it and reads another field
// - a length of more than 32 bits: libprotobuf cuts it too; to Reader it reaches past the end
// - V07, groups 33 to 100 deep: libprotobuf skips them, by recursion
//
// (V06, an end-group that no group opened, stops libprotobuf early; whoever asks whether the whole
// message was consumed, as is done here, learns that it was not.)
//
// Then the two straight ways: ReadVarintFields reads what Reader reads, and what the two writers
// write of the fields reads back as the same fields.
[[nodiscard]] std::string ReaderDisagreement(std::string_view bytes);

}  // namespace flameway::wire
