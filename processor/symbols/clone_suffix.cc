// SPDX-License-Identifier: Apache-2.0
#include "processor/symbols/clone_suffix.h"

#include "processor/symbols/characters.h"

namespace flameway {
namespace {

bool IsClone(std::string_view word) {
  return word == "clone" || word == "constprop" || word == "isra" || word == "part" ||
         word == "cold";
}

// The length of `name` without its last suffix.
size_t WithoutLast(std::string_view name, CloneSuffixes which) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return name.size();
  const std::string_view last = name.substr(dot + 1);
  if (last == "cold") return which.clones ? dot : name.size();
  if (last.empty() || RunLength(last, 0, IsHex) != last.size()) return name.size();
  const size_t word_dot = name.rfind('.', dot - 1);
  if (word_dot == std::string_view::npos || word_dot == 0) return name.size();
  const std::string_view word = name.substr(word_dot + 1, dot - word_dot - 1);
  const bool is_decimal = RunLength(last, 0, IsDigit) == last.size();
  if (which.clones && is_decimal && IsClone(word)) return word_dot;
  if (which.promoted && (word == "llvm" || (word == "__uniq" && is_decimal))) return word_dot;
  return name.size();
}

}  // namespace

size_t LengthWithoutCloneSuffix(std::string_view name, CloneSuffixes which) {
  for (;;) {
    const size_t size = WithoutLast(name, which);
    if (size == name.size()) return size;
    name = name.substr(0, size);
  }
}

}  // namespace flameway
