// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flameway {

// A fuzz input read as a script: each draw takes bytes off the front, and past the end all are 0.
class ByteScript {
 public:
  ByteScript(const uint8_t* data, size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] uint8_t Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  [[nodiscard]] uint32_t Two() {
    const uint32_t low = Byte();
    return low | uint32_t{Byte()} << 8;
  }
  // As many as are left, at most `size`.
  [[nodiscard]] std::string_view Bytes(size_t size) {
    const std::string_view taken = rest_.substr(0, std::min(size, rest_.size()));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  [[nodiscard]] std::string_view Rest() { return Bytes(rest_.size()); }

 private:
  std::string_view rest_;
};

}  // namespace flameway
