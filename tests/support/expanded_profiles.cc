// SPDX-License-Identifier: Apache-2.0
#include "tests/support/expanded_profiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <ostream>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/row_texts.h"

namespace flameway {
namespace {

constexpr std::array<std::string_view, ExpandedProfiles::kParts> kPartNames = {
    "resource", "scope", "profile", "stack", "attributes", "link"};

std::string SortedText(const google::protobuf::RepeatedPtrField<std::string>& keys) {
  std::vector<std::string> quoted;
  for (const std::string& key : keys) quoted.push_back(Quoted(key));
  std::sort(quoted.begin(), quoted.end());
  return fmt::format("{}", fmt::join(quoted, ", "));
}

std::string ResourceText(const schema::ResourceProfiles& group, const RowTexts& rows) {
  const schema::Resource& resource = group.resource();
  std::vector<std::string> entities;
  for (const schema::EntityRef& entity : resource.entity_refs()) {
    entities.push_back(fmt::format("{} schema {} id ({}) description ({})", Quoted(entity.type()),
                                   Quoted(entity.schema_url()), SortedText(entity.id_keys()),
                                   SortedText(entity.description_keys())));
  }
  std::sort(entities.begin(), entities.end());
  return fmt::format("{} entities [{}] dropped {} schema {}",
                     rows.AttributeSet(resource.attributes()), fmt::join(entities, "; "),
                     resource.dropped_attributes_count(), Quoted(group.schema_url()));
}

std::string ScopeText(const schema::ScopeProfiles& group, const RowTexts& rows) {
  const schema::InstrumentationScope& scope = group.scope();
  return fmt::format("{} version {} {} dropped {} schema {}", Quoted(scope.name()),
                     Quoted(scope.version()), rows.AttributeSet(scope.attributes()),
                     scope.dropped_attributes_count(), Quoted(group.schema_url()));
}

// Only 16 bytes that are not all zero identify a profile.
std::string ProfileId(const schema::Profile& profile) {
  const std::string& id = profile.profile_id();
  const bool valid = id.size() == 16 && id != std::string(16, '\0');
  return valid ? Quoted(id) : "none";
}

bool HasPayload(const schema::Profile& profile) {
  return !profile.original_payload().empty() || !profile.original_payload_format().empty();
}

std::string ProfileText(const schema::Profile& profile, const RowTexts& rows) {
  std::string text = fmt::format(
      "{} every {} of {} {} dropped {} id {}", rows.Type(profile.sample_type()), profile.period(),
      rows.Type(profile.period_type()), rows.AttributeSet(profile.attribute_indices()),
      profile.dropped_attributes_count(), ProfileId(profile));
  if (HasPayload(profile)) {
    text += fmt::format(" payload {} {}", Quoted(profile.original_payload_format()),
                        Quoted(profile.original_payload()));
  }
  return text;
}

// Up to max_lines lines of output; counts what did not fit.
class Lines {
 public:
  explicit Lines(size_t max_lines) : left_(max_lines) {}

  void Append(std::string_view text) {
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      if (left_ > 0) {
        --left_;
        text_.append(text.substr(0, end)).push_back('\n');
      } else {
        ++cut_;
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  [[nodiscard]] bool full() const { return left_ == 0; }
  std::string Take() {
    if (cut_ > 0) text_ += fmt::format("... {} more lines\n", cut_);
    return std::move(text_);
  }

 private:
  size_t left_;
  size_t cut_ = 0;
  std::string text_;
};

}  // namespace

std::string ExpandedProfiles::KeyLine(Part part, const std::string& text) {
  const auto index = static_cast<size_t>(part);
  const TextDigest digest = texts_.Put(text);
  parts_[index].insert(digest);
  return fmt::format("  {} {}\n", kPartNames[index], Reference(digest));
}

void ExpandedProfiles::Add(const schema::ExportProfilesServiceRequest& request) {
  const RowTexts rows(request.dictionary(), texts_);
  for (const auto& resource_group : request.resource_profiles()) {
    const std::string resource = KeyLine(Part::kResource, ResourceText(resource_group, rows));
    for (const auto& scope_group : resource_group.scope_profiles()) {
      const std::string scope = KeyLine(Part::kScope, ScopeText(scope_group, rows));
      for (const auto& profile : scope_group.profiles()) {
        const std::string header =
            resource + scope + KeyLine(Part::kProfile, ProfileText(profile, rows));
        const Measurements::Window window(profile.time_unix_nano(), profile.duration_nano());
        if (HasPayload(profile)) ++samples_[texts_.Put(header)].payloads[window];
        for (const auto& sample : profile.samples()) {
          if (sample.values().empty() && sample.timestamps_unix_nano().empty()) {
            ++empty_samples_;
            continue;
          }
          const std::string key =
              header + KeyLine(Part::kStack, rows.Stack(sample.stack_index())) +
              KeyLine(Part::kAttributes, rows.AttributeSet(sample.attribute_indices())) +
              KeyLine(Part::kLink, rows.Link(sample.link_index()));
          AddSample(sample, window, &samples_[texts_.Put(key)]);
        }
      }
    }
  }
}

std::string ExpandedProfiles::PartsDiffText(const ExpandedProfiles& actual) const {
  std::string text;
  const auto compare = [&text](std::string_view what, size_t part, const ExpandedProfiles& a,
                               const ExpandedProfiles& b) {
    std::vector<TextDigest> only;
    std::set_difference(a.parts_[part].begin(), a.parts_[part].end(), b.parts_[part].begin(),
                        b.parts_[part].end(), std::back_inserter(only));
    if (only.empty()) return;
    text += fmt::format("{} {}: {}, first: {}\n", kPartNames[part], what, only.size(),
                        a.texts_.Expand(only.front()));
  };
  for (size_t part = 0; part < kParts; ++part) {
    compare("only expected", part, *this, actual);
    compare("only actual", part, actual, *this);
  }
  return text;
}

std::string ExpandedProfiles::DiffText(const ExpandedProfiles& actual, size_t max_lines) const {
  if (*this == actual) return "";
  Lines lines(max_lines);
  lines.Append(PartsDiffText(actual));
  const Measurements nothing;
  const auto append = [&lines](std::string_view verdict, const ExpandedProfiles& owner,
                               const TextDigest& digest, const Measurements& expected,
                               const Measurements& found) {
    // Expanding is the dear part: once full, only count.
    lines.Append(lines.full() ? "-"
                              : fmt::format("{}: {}\n{}", verdict, DifferenceText(expected, found),
                                            owner.texts_.Expand(digest)));
  };
  for (const auto& [digest, expected] : samples_) {
    const auto found = actual.samples_.find(digest);
    if (found == actual.samples_.end()) {
      append("sample lost", *this, digest, expected, nothing);
    } else if (found->second != expected) {
      append("sample changed", *this, digest, expected, found->second);
    }
  }
  for (const auto& [digest, found] : actual.samples_) {
    if (!samples_.contains(digest)) append("sample invented", actual, digest, nothing, found);
  }
  return lines.Take();
}

void PrintTo(const ExpandedProfiles& expanded, std::ostream* out) {
  *out << expanded.samples_.size() << " distinct samples";
}

std::string ExpandedProfiles::FullText() const {
  std::string text;
  for (const auto& [digest, measurements] : samples_) {
    text += fmt::format("sample{}\n{}", MeasurementsText(measurements), texts_.Expand(digest));
  }
  return text;
}

}  // namespace flameway
