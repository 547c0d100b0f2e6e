// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/json_writer.h"

#include <cmath>

#include "bridge/observe/json_text.h"
#include "fmt/format.h"

namespace flameway {
JsonWriter& JsonWriter::Key(std::string_view key) {
  Separate();
  AppendJsonString(key, &text_);
  text_ += layout_ == Layout::kIndented ? ": " : ":";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  Separate();
  AppendJsonString(value, &text_);
  return *this;
}

JsonWriter& JsonWriter::Ratio(double value) {
  return Raw(std::isfinite(value) ? fmt::format("{:.3f}", value) : "null");
}

JsonWriter& JsonWriter::Raw(std::string_view value) {
  Separate();
  text_ += value;
  return *this;
}

JsonWriter& JsonWriter::Open(char bracket) {
  Separate();
  text_ += bracket;
  ++depth_;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::Close(char bracket) {
  --depth_;
  if (!first_) NewLine();
  text_ += bracket;
  first_ = false;
  return *this;
}

void JsonWriter::Separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!first_) text_ += layout_ == Layout::kOneLine ? ", " : ",";
  first_ = false;
  if (depth_ > 0) NewLine();
}

void JsonWriter::NewLine() {
  if (layout_ == Layout::kOneLine) return;
  text_ += '\n';
  text_.append(static_cast<size_t>(2 * depth_), ' ');
}

}  // namespace flameway
