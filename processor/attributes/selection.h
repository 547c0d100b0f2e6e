// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "processor/attributes/option_error.h"
#include "processor/ottl/footprint.h"
#include "processor/ottl/pattern.h"
#include "processor/ottl/value.h"

namespace flameway::attributes {

// The Collector's `include` or `exclude`: what is given must all match; of services, one.
struct MatchOptions {
  struct Attribute {
    std::string key;
    ottl::Value value;  // nil: whatever value
  };
  struct Library {
    std::string name;
    std::optional<std::string> version;  // nothing: whatever version
  };
  std::string match_type;  // strict, regexp
  std::vector<std::string> services;
  std::vector<Attribute> resources;
  std::vector<Attribute> attributes;
  std::vector<Library> libraries;
};

// The rows around the attributes that are to be changed. Views of the caller's.
struct MatchSubject {
  std::span<const ottl::Entry> resource;
  std::string_view scope_name;
  std::string_view scope_version;
  std::span<const ottl::Entry> attributes;
};

// Whether a processor acts on something: included, and not excluded. Immutable once made.
class Selection {
 public:
  // Errors name "include" or "exclude" and the field below: "include.resources".
  [[nodiscard]] static std::variant<Selection, OptionErrors> Create(
      const std::optional<MatchOptions>& include, const std::optional<MatchOptions>& exclude);

  [[nodiscard]] bool Selects(const MatchSubject& subject, ottl::Arena& arena) const;

  // What is looked at: resource, scope; the attributes themselves, which are of the caller's
  // context.
  [[nodiscard]] ottl::ContextSet contexts() const { return contexts_; }
  [[nodiscard]] bool reads_attributes() const { return reads_attributes_; }

 private:
  // One word or pattern.
  struct Words {
    std::string exact;
    std::optional<ottl::Pattern> pattern;
    [[nodiscard]] bool Match(std::string_view text) const;
  };
  struct Attribute {
    std::string key;
    ottl::Value value;
    std::optional<ottl::Pattern> pattern;
  };
  struct Library {
    Words name;
    std::optional<Words> version;
  };
  struct Properties {
    std::vector<Words> services;
    std::vector<Attribute> resources;
    std::vector<Attribute> attributes;
    std::vector<Library> libraries;
  };
  class Checker;

  static bool MatchAttributes(const std::vector<Attribute>& wanted,
                              std::span<const ottl::Entry> attributes);
  static bool Match(const Properties& properties, const MatchSubject& subject, ottl::Arena& arena);
  void Note(const Properties& properties);

  std::unique_ptr<ottl::Arena> values_ = std::make_unique<ottl::Arena>();
  std::optional<Properties> include_;
  std::optional<Properties> exclude_;
  ottl::ContextSet contexts_;
  bool reads_attributes_ = false;
};

}  // namespace flameway::attributes
