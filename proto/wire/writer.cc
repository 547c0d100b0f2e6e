// SPDX-License-Identifier: Apache-2.0
#include "proto/wire/writer.h"

namespace flameway::wire {

void BackWriter::Grow(size_t size) {
  const std::string_view written = message();
  const size_t larger = written.size() + size + capacity_ + 256;
  auto buffer = std::make_unique_for_overwrite<char[]>(larger);
  const size_t begin = larger - written.size();
  if (!written.empty()) std::memcpy(buffer.get() + begin, written.data(), written.size());
  buffer_ = std::move(buffer);
  capacity_ = larger;
  begin_ = begin;
}

}  // namespace flameway::wire
