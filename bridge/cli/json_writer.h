// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace flameway {

// Builds one JSON text. Commas and indentation come by themselves; that keys stand in objects and
// values where they belong is the caller's duty. Text that is not UTF-8 gets U+FFFD for each byte
// at fault.
class JsonWriter {
 public:
  enum class Layout : uint8_t { kOneLine, kIndented };
  explicit JsonWriter(Layout layout) : layout_(layout) {}

  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view value);
  template <std::integral Number>
  JsonWriter& Value(Number value) {
    return Raw(std::to_string(value));
  }
  JsonWriter& Flag(bool value) { return Raw(value ? "true" : "false"); }
  // Rounded to three places.
  JsonWriter& Ratio(double value);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  JsonWriter& Open(char bracket);
  JsonWriter& Close(char bracket);
  JsonWriter& Raw(std::string_view value);
  void Separate();
  void NewLine();

  Layout layout_;
  std::string text_;
  int depth_ = 0;
  bool first_ = true;       // nothing yet in the innermost bracket
  bool after_key_ = false;  // the next value belongs to a key
};

}  // namespace flameway
