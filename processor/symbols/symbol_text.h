// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace flameway {

// A text while rules work on it. Narrowing it allocates nothing; only a rule that builds a new text
// does. It also knows which characters occur, so that a rule which needs a `$` costs one test.
// Refers to the original, which must outlive it.
class SymbolText {
 public:
  explicit SymbolText(std::string_view original) : view_(original) { Survey(); }
  SymbolText(const SymbolText&) = delete;
  SymbolText& operator=(const SymbolText&) = delete;

  [[nodiscard]] std::string_view view() const { return view_; }
  [[nodiscard]] size_t size() const { return view_.size(); }
  // Whether an ASCII character occurs. After narrowing it may still say so of one that has gone.
  [[nodiscard]] bool Has(char c) const {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 128 && (seen_[byte >> 6] >> (byte & 63) & 1) != 0;
  }

  void KeepFirst(size_t count) {
    if (count >= view_.size()) return;
    view_ = view_.substr(0, count);
    ++edits_;
  }
  void DropFirst(size_t count) {
    if (count == 0) return;
    view_ = view_.substr(count);
    ++edits_;
  }
  void Replace(std::string text);
  void ReplaceIf(std::optional<std::string> text) {
    if (text) Replace(std::move(text).value());
  }

  // How often the text has changed.
  [[nodiscard]] size_t edits() const { return edits_; }

 private:
  void Survey();

  std::string own_;
  std::string_view view_;
  uint64_t seen_[2];
  size_t edits_ = 0;
};

}  // namespace flameway
