// SPDX-License-Identifier: Apache-2.0
#include "bridge/config/component_table.h"

#include <algorithm>
#include <utility>

#include "bridge/config/nearest_name.h"
#include "fmt/format.h"

namespace flameway {
namespace {

std::string PathOf(ComponentKind kind, std::string_view id) {
  return fmt::format("{}.{}", SectionName(kind), id);
}

void ReportUnknownType(ComponentKind kind, const ConfigNode::Entry& entry, std::string_view type,
                       DiagnosticLog& log) {
  const std::vector<std::string> known = KnownTypes(kind);
  log.Add({.code = DiagnosticCode::kUnknownType,
           .origin = entry.key_origin,
           .message = fmt::format("unknown {} type `{}`", KindName(kind), type),
           .hint = DidYouMean(type, known),
           .path = std::string(SectionName(kind)),
           .value = &entry.value});
}

void ReportForeign(ComponentKind kind, Origin origin, std::string_view type, DiagnosticLog& log) {
  log.Add({.code = DiagnosticCode::kNotSupported,
           .origin = origin,
           .message = fmt::format("{} `{}` is not supported yet", KindName(kind), type),
           .hint = type == "logging" ? "`debug` has taken its place" : "",
           .path = std::string(SectionName(kind))});
}

}  // namespace

bool IsComponentId(std::string_view id) {
  const size_t slash = id.find('/');
  const std::string_view type = id.substr(0, slash);
  if (type.empty() || type.size() > 63 || (type[0] >= '0' && type[0] <= '9')) return false;
  for (const char c : type) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && c != '_' && !(c >= '0' && c <= '9')) return false;
  }
  if (slash == std::string_view::npos) return true;
  const std::string_view name = id.substr(slash + 1);
  if (name.empty() || name.size() > 1024) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != 0x7f && c != '/';
  });
}

std::string_view TypeOfId(std::string_view id) { return id.substr(0, id.find('/')); }

void ComponentTable::Define(ComponentKind kind, const ConfigNode& root, DiagnosticLog& log) {
  const ConfigNode* section = root.Find(SectionName(kind));
  if (section == nullptr || section->is_null()) return;
  if (!section->is_map()) {
    log.Add({.code = DiagnosticCode::kWrongType,
             .origin = section->origin,
             .message = fmt::format("`{}` takes a map of components", SectionName(kind)),
             .value = section});
    return;
  }
  for (const ConfigNode::Entry& entry : section->entries) {
    if (!IsComponentId(entry.key)) {
      log.Add({.code = DiagnosticCode::kBadId,
               .origin = entry.key_origin,
               .message = fmt::format("`{}` is no component id", entry.key),
               .hint = "type or type/name",
               .path = std::string(SectionName(kind))});
      continue;
    }
    const std::string type(TypeOfId(entry.key));
    const ComponentStanding standing = StandingOf(kind, type);
    const std::string_view current = CurrentName(kind, type);
    if (standing == ComponentStanding::kUnknown) {
      ReportUnknownType(kind, entry, type, log);
    } else if (!current.empty() && standing == ComponentStanding::kSupported) {
      log.Add({.code = DiagnosticCode::kOldName,
               .origin = entry.key_origin,
               .message = fmt::format("{} `{}` is now called `{}`", KindName(kind), type, current),
               .path = PathOf(kind, entry.key)});
    }
    components_.push_back({kind, entry.key, type, standing, &entry});
  }
}

ComponentTable::Component* ComponentTable::Find(ComponentKind kind, std::string_view id) {
  const auto found = std::find_if(components_.begin(), components_.end(),
                                  [&](const Component& c) { return c.kind == kind && c.id == id; });
  return found == components_.end() ? nullptr : &*found;
}

std::vector<std::string> ComponentTable::Ids(ComponentKind kind) const {
  std::vector<std::string> ids;
  for (const Component& component : components_) {
    if (component.kind == kind) ids.push_back(component.id);
  }
  return ids;
}

const ComponentTable::Component* ComponentTable::Refer(ComponentKind kind, const ConfigNode& item,
                                                       const std::string& path,
                                                       DiagnosticLog& log) {
  if (item.kind != ConfigNode::Kind::kScalar) {
    log.Add({.code = DiagnosticCode::kWrongType,
             .origin = item.origin,
             .message = fmt::format("`{}` takes ids of {}s", path, KindName(kind)),
             .path = path});
    return nullptr;
  }
  Component* component = Find(kind, item.text);
  if (component == nullptr) {
    std::string hint = DidYouMean(item.text, Ids(kind));
    // A pipeline that kept the old name of a renamed component.
    const std::string current = fmt::format("{}{}", CurrentName(kind, TypeOfId(item.text)),
                                            item.text.substr(TypeOfId(item.text).size()));
    if (Find(kind, current) != nullptr) hint = fmt::format("did you mean `{}`?", current);
    if (hint.empty()) hint = fmt::format("define it below `{}`", SectionName(kind));
    log.Add({.code = DiagnosticCode::kUndefined,
             .origin = item.origin,
             .message = fmt::format("{} `{}` is not defined", KindName(kind), item.text),
             .hint = std::move(hint),
             .path = path,
             .value = &item});
    return nullptr;
  }
  const bool first_use = !component->used;
  component->used = true;
  if (component->standing == ComponentStanding::kSupported) return component;
  if (component->standing == ComponentStanding::kForeign && first_use) {
    ReportForeign(kind, component->entry->key_origin, component->type, log);
  }
  if (component->standing == ComponentStanding::kIgnored && first_use) {
    log.Add(
        {.code = DiagnosticCode::kWithoutEffect,
         .origin = item.origin,
         .message = fmt::format("{} `{}` is accepted and not started", KindName(kind), item.text),
         .path = path});
  }
  return nullptr;
}

void ComponentTable::MarkUsed(ComponentKind kind, std::string_view id) {
  if (Component* component = Find(kind, id)) component->used = true;
}

void ComponentTable::ForEachSupported(ComponentKind kind,
                                      absl::FunctionRef<void(const Component&)> read) const {
  for (const Component& component : components_) {
    if (component.kind == kind && component.standing == ComponentStanding::kSupported) {
      read(component);
    }
  }
}

bool ComponentTable::IsUsed(ComponentKind kind, std::string_view id) const {
  return std::any_of(components_.begin(), components_.end(),
                     [&](const Component& c) { return c.used && c.kind == kind && c.id == id; });
}

void ComponentTable::ReportUnused(DiagnosticLog& log) const {
  for (const Component& component : components_) {
    if (component.used || component.standing == ComponentStanding::kUnknown) continue;
    const std::string_view by = component.kind == ComponentKind::kExtension
                                    ? "not in service.extensions"
                                    : "in no pipeline";
    log.Add({.code = DiagnosticCode::kUnused,
             .origin = component.entry->key_origin,
             .message = fmt::format("{} `{}` is {} and not started", KindName(component.kind),
                                    component.id, by),
             .path = std::string(SectionName(component.kind))});
  }
}

}  // namespace flameway
