// SPDX-License-Identifier: Apache-2.0
#include "processor/encode/text_order.h"

namespace flameway {

void TextSorter::Sort(const OutputTable& texts, RowNumbering& order) {
  items_.Clear();
  runs_.Clear();
  for (uint32_t row = 0; row < texts.size(); ++row) items_.Append({.key = 0, .row = row});
  if (texts.size() > 1) runs_.Append({.begin = 1, .end = texts.size(), .depth = 0});
  while (!runs_.empty()) {
    const Run run = runs_[runs_.size() - 1];
    runs_.Truncate(runs_.size() - 1);
    SortRun(texts, run);
  }
  order.OrderAs(items_.size(), [this](uint32_t number) { return items_[number].row; });
}

void TextSorter::SortRun(const OutputTable& texts, const Run& run) {
  constexpr uint32_t kFew = 8;
  KeyedRow* const begin = items_.data() + run.begin;
  KeyedRow* const end = items_.data() + run.end;
  const auto by_text = [&texts](const KeyedRow& a, const KeyedRow& b) {
    return texts.content(a.row) < texts.content(b.row);
  };
  if (run.end - run.begin < kFew) return std::sort(begin, end, by_text);
  for (KeyedRow* item = begin; item != end; ++item) {
    const std::string_view text = texts.content(item->row);
    item->key = text.size() > run.depth ? WordOf(text.substr(run.depth)) : 0;
  }
  radix_.Sort({begin, end});
  for (KeyedRow* first = begin; first != end;) {
    KeyedRow* last = first + 1;
    while (last != end && last->key == first->key) ++last;
    if (last - first > 1) {
      // A word that ends in zero is the end of a text, or a text with zeroes in it.
      if ((first->key & 0xFF) == 0) {
        std::sort(first, last, by_text);
      } else {
        runs_.Append({.begin = static_cast<uint32_t>(first - items_.data()),
                      .end = static_cast<uint32_t>(last - items_.data()),
                      .depth = run.depth + 8});
      }
    }
    first = last;
  }
}

}  // namespace flameway
