// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/symbol_text.h"

namespace flameway {

void SymbolText::Replace(std::string text) {
  if (text == view_) return;
  own_ = std::move(text);
  view_ = own_;
  Survey();
  ++edits_;
}

void SymbolText::Survey() {
  uint64_t low = 0;
  uint64_t high = 0;
  for (const char c : view_) {
    const auto byte = static_cast<unsigned char>(c);
    const uint64_t bit = uint64_t{1} << (byte & 63);
    low |= byte < 64 ? bit : 0;
    high |= byte >= 64 && byte < 128 ? bit : 0;
  }
  seen_[0] = low;
  seen_[1] = high;
}

}  // namespace flameway
