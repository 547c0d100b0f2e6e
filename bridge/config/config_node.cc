// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/config_node.h"

#include <algorithm>
#include <utility>

namespace flameway {

const ConfigNode::Entry* ConfigNode::FindEntry(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

ConfigNode::Entry* ConfigNode::FindEntry(std::string_view key) {
  return const_cast<Entry*>(std::as_const(*this).FindEntry(key));
}

const ConfigNode* ConfigNode::Find(std::string_view key) const {
  const Entry* entry = FindEntry(key);
  return entry == nullptr ? nullptr : &entry->value;
}

ConfigNode& ConfigNode::At(std::string_view key) {
  if (kind != Kind::kMap) {
    kind = Kind::kMap;
    text.clear();
    items.clear();
  }
  if (Entry* entry = FindEntry(key)) return entry->value;
  entries.push_back({std::string(key), {}, {}});
  return entries.back().value;
}

ConfigNode ConfigNode::Scalar(std::string text, Style style) {
  ConfigNode node;
  node.kind = Kind::kScalar;
  node.style = style;
  node.text = std::move(text);
  return node;
}

void MergeOver(ConfigNode& base, ConfigNode over) {
  if (!base.is_map() || !over.is_map()) {
    if (base.origin.known()) over.overrides = base.origin;
    base = std::move(over);
    return;
  }
  for (ConfigNode::Entry& entry : over.entries) {
    ConfigNode::Entry* present = base.FindEntry(entry.key);
    if (present == nullptr) {
      base.entries.push_back(std::move(entry));
      continue;
    }
    if (!present->value.origin.known()) present->value.origin = present->key_origin;
    present->key_origin = entry.key_origin;
    MergeOver(present->value, std::move(entry.value));
  }
}

}  // namespace flameway
