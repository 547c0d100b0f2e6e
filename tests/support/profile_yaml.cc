// SPDX-License-Identifier: Apache-2.0
#include "tests/support/profile_yaml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace flameway {
namespace {

using schema::AnyValue;
using schema::ExportProfilesServiceRequest;
using schema::ProfilesDictionary;

constexpr std::string_view kFrameType = "profile.frame.type";

// --- Reading.

[[noreturn]] void Refuse(const YAML::Node& node, std::string_view why) {
  fmt::print(stderr, "line {}: {}\n", node.Mark().line + 1, why);
  std::abort();
}

void CheckKeys(const YAML::Node& map, std::initializer_list<std::string_view> known) {
  if (!map.IsMap()) Refuse(map, "a map is expected");
  for (const auto& entry : map) {
    const auto key = entry.first.as<std::string>();
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      Refuse(entry.first, fmt::format("unknown key {}", key));
    }
  }
}

void ReadValue(const YAML::Node& node, AnyValue* value) {
  if (node.IsNull()) return;
  if (node.IsSequence()) {
    value->mutable_array_value();
    for (const auto& item : node) ReadValue(item, value->mutable_array_value()->add_values());
    return;
  }
  if (node.IsMap()) {
    value->mutable_kvlist_value();
    for (const auto& entry : node) {
      auto* pair = value->mutable_kvlist_value()->add_values();
      pair->set_key(entry.first.as<std::string>());
      ReadValue(entry.second, pair->mutable_value());
    }
    return;
  }
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return value->set_string_value(text);
  if (text == "true" || text == "false") return value->set_bool_value(text == "true");
  char* end = nullptr;
  const long long whole = std::strtoll(text.c_str(), &end, 10);
  if (!text.empty() && *end == '\0') return value->set_int_value(whole);
  const double real = std::strtod(text.c_str(), &end);
  if (!text.empty() && *end == '\0') return value->set_double_value(real);
  value->set_string_value(text);
}

class Reader {
 public:
  explicit Reader(ExportProfilesServiceRequest& request)
      : request_(request), tables_(*request.mutable_dictionary()) {
    tables_.add_string_table("");
    tables_.add_mapping_table();
    tables_.add_location_table();
    tables_.add_function_table();
    tables_.add_link_table();
    tables_.add_attribute_table();
    tables_.add_stack_table();
  }

  void Profile(const YAML::Node& node) {
    CheckKeys(node, {"resource", "resource_schema", "scope", "scope_schema", "type", "period",
                     "time", "duration", "attributes", "samples"});
    schema::ResourceProfiles& group = *request_.add_resource_profiles();
    if (node["resource"]) Pairs(node["resource"], group.mutable_resource()->mutable_attributes());
    if (node["resource_schema"]) group.set_schema_url(node["resource_schema"].as<std::string>());
    schema::ScopeProfiles& scope_group = *group.add_scope_profiles();
    if (const YAML::Node scope = node["scope"]) {
      CheckKeys(scope, {"name", "version", "attributes"});
      scope_group.mutable_scope()->set_name(scope["name"].as<std::string>(""));
      scope_group.mutable_scope()->set_version(scope["version"].as<std::string>(""));
      if (scope["attributes"]) {
        Pairs(scope["attributes"], scope_group.mutable_scope()->mutable_attributes());
      }
    }
    if (node["scope_schema"]) scope_group.set_schema_url(node["scope_schema"].as<std::string>());
    schema::Profile& profile = *scope_group.add_profiles();
    Type(node["type"].as<std::string>("cpu/nanoseconds"), profile.mutable_sample_type());
    if (node["period"]) {
      const auto period = node["period"].as<std::string>();
      const size_t space = period.find(' ');
      profile.set_period(std::stoll(period.substr(0, space)));
      if (space != std::string::npos) {
        Type(period.substr(space + 1), profile.mutable_period_type());
      }
    }
    profile.set_time_unix_nano(node["time"].as<uint64_t>(0));
    profile.set_duration_nano(node["duration"].as<uint64_t>(0));
    if (node["attributes"]) Rows(node["attributes"], profile.mutable_attribute_indices());
    for (const auto& sample : node["samples"]) Sample(sample, *profile.add_samples());
  }

 private:
  int Text(const std::string& text) {
    const auto& table = tables_.string_table();
    const auto found = std::find(table.begin(), table.end(), text);
    if (found != table.end()) return static_cast<int>(found - table.begin());
    tables_.add_string_table(text);
    return table.size() - 1;
  }

  void Type(const std::string& text, schema::ValueType* type) {
    const size_t slash = text.find('/');
    type->set_type_strindex(Text(text.substr(0, slash)));
    if (slash != std::string::npos) type->set_unit_strindex(Text(text.substr(slash + 1)));
  }

  static void Pairs(const YAML::Node& map,
                    google::protobuf::RepeatedPtrField<schema::KeyValue>* pairs) {
    for (const auto& entry : map) {
      auto* pair = pairs->Add();
      pair->set_key(entry.first.as<std::string>());
      ReadValue(entry.second, pair->mutable_value());
    }
  }

  void Rows(const YAML::Node& map, google::protobuf::RepeatedField<int32_t>* rows) {
    for (const auto& entry : map) {
      auto* row = tables_.add_attribute_table();
      row->set_key_strindex(Text(entry.first.as<std::string>()));
      ReadValue(entry.second, row->mutable_value());
      rows->Add(tables_.attribute_table_size() - 1);
    }
  }

  int Function(const YAML::Node& frame) {
    schema::Function function;
    const bool is_text = frame.IsScalar();
    function.set_name_strindex(
        Text(is_text ? frame.as<std::string>() : frame["name"].as<std::string>("")));
    if (!is_text) {
      function.set_system_name_strindex(Text(frame["system_name"].as<std::string>("")));
      function.set_filename_strindex(Text(frame["file"].as<std::string>("")));
      function.set_start_line(frame["start_line"].as<int64_t>(0));
    }
    if (function.ByteSizeLong() == 0) return 0;
    *tables_.add_function_table() = function;
    return tables_.function_table_size() - 1;
  }

  void Line(const YAML::Node& frame, schema::Location& location) {
    const int function = Function(frame);
    const int64_t line = frame.IsMap() ? frame["line"].as<int64_t>(0) : 0;
    if (function == 0 && line == 0) return;
    auto* added = location.add_lines();
    added->set_function_index(function);
    added->set_line(line);
  }

  int Frame(const YAML::Node& frame) {
    schema::Location location;
    if (frame.IsScalar()) {
      Line(frame, location);
    } else {
      CheckKeys(frame, {"name", "system_name", "file", "start_line", "line", "type", "mapping",
                        "address", "attributes", "mapping_attributes", "inlined"});
      if (frame["inlined"]) {
        for (const auto& line : frame["inlined"]) Line(line, location);
      } else {
        Line(frame, location);
      }
      location.set_address(frame["address"].as<uint64_t>(0));
      if (frame["type"]) {
        auto* row = tables_.add_attribute_table();
        row->set_key_strindex(Text(std::string(kFrameType)));
        row->mutable_value()->set_string_value(frame["type"].as<std::string>());
        location.add_attribute_indices(tables_.attribute_table_size() - 1);
      }
      if (frame["attributes"]) Rows(frame["attributes"], location.mutable_attribute_indices());
      if (frame["mapping"] || frame["mapping_attributes"]) {
        schema::Mapping mapping;
        mapping.set_filename_strindex(Text(frame["mapping"].as<std::string>("")));
        if (frame["mapping_attributes"]) {
          Rows(frame["mapping_attributes"], mapping.mutable_attribute_indices());
        }
        *tables_.add_mapping_table() = mapping;
        location.set_mapping_index(tables_.mapping_table_size() - 1);
      }
    }
    *tables_.add_location_table() = location;
    return tables_.location_table_size() - 1;
  }

  int Stack(const YAML::Node& node) {
    std::vector<int> frames;  // root first
    if (node.IsSequence()) {
      for (const auto& frame : node) frames.push_back(Frame(frame));
    } else {
      std::string_view text = node.Scalar();
      while (!text.empty()) {
        const size_t end = std::min(text.find(';'), text.size());
        frames.push_back(Frame(YAML::Node(std::string(text.substr(0, end)))));
        text.remove_prefix(std::min(end + 1, text.size()));
      }
    }
    if (frames.empty()) return 0;
    auto* stack = tables_.add_stack_table();
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
      stack->add_location_indices(*frame);
    }
    return tables_.stack_table_size() - 1;
  }

  void Sample(const YAML::Node& node, schema::Sample& sample) {
    CheckKeys(node, {"stack", "attributes", "values", "times"});
    if (node["stack"]) sample.set_stack_index(Stack(node["stack"]));
    if (node["attributes"]) Rows(node["attributes"], sample.mutable_attribute_indices());
    for (const auto& value : node["values"]) sample.add_values(value.as<int64_t>());
    for (const auto& time : node["times"]) sample.add_timestamps_unix_nano(time.as<uint64_t>());
  }

  ExportProfilesServiceRequest& request_;
  ProfilesDictionary& tables_;
};

// --- Writing.

// A plain scalar where it reads as the same text, also within [] and {}.
std::string Scalar(const std::string& text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./$+;()<>-=* ";
  const bool letter =
      !text.empty() && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z') ||
                        text[0] == '/' || text[0] == '_');
  const bool plain = letter && text.back() != ' ' &&
                     text.find_first_not_of(kPlain) == std::string::npos && text != "true" &&
                     text != "false" && text != "null" && text != "inf" && text != "nan" &&
                     text != "infinity";
  if (plain) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') quoted += '\\';
    if (byte < 0x20) {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string Value(const AnyValue& value) {
  switch (value.value_case()) {
    case AnyValue::kStringValue:
      return Scalar(value.string_value());
    case AnyValue::kBoolValue:
      return value.bool_value() ? "true" : "false";
    case AnyValue::kIntValue:
      return fmt::format("{}", value.int_value());
    case AnyValue::kDoubleValue: {
      const std::string text = fmt::format("{}", value.double_value());
      return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
    }
    case AnyValue::kArrayValue: {
      std::vector<std::string> items;
      for (const auto& item : value.array_value().values()) items.push_back(Value(item));
      return fmt::format("[{}]", fmt::join(items, ", "));
    }
    case AnyValue::kKvlistValue: {
      std::vector<std::string> pairs;
      for (const auto& pair : value.kvlist_value().values()) {
        pairs.push_back(fmt::format("{}: {}", Scalar(pair.key()), Value(pair.value())));
      }
      std::sort(pairs.begin(), pairs.end());
      return fmt::format("{{{}}}", fmt::join(pairs, ", "));
    }
    default:
      return value.value_case() == AnyValue::VALUE_NOT_SET ? "null" : "\"(other)\"";
  }
}

std::string MapOf(std::vector<std::string> pairs) {
  std::sort(pairs.begin(), pairs.end());
  return fmt::format("{{{}}}", fmt::join(pairs, ", "));
}

class Writer {
 public:
  explicit Writer(const ExportProfilesServiceRequest& request)
      : request_(request), tables_(request.dictionary()) {}

  std::string Write() const {
    std::vector<std::string> profiles;
    for (const auto& group : request_.resource_profiles()) {
      for (const auto& scope_group : group.scope_profiles()) {
        for (const auto& profile : scope_group.profiles()) {
          profiles.push_back(Profile(group, scope_group, profile));
        }
      }
    }
    std::sort(profiles.begin(), profiles.end());
    if (profiles.empty()) return "[]\n";
    return fmt::format("{}", fmt::join(profiles, ""));
  }

 private:
  const std::string& Text(int index) const { return tables_.string_table(index); }

  std::string Type(const schema::ValueType& type) const {
    return fmt::format("{}/{}", Text(type.type_strindex()), Text(type.unit_strindex()));
  }

  static std::string Pairs(const google::protobuf::RepeatedPtrField<schema::KeyValue>& list) {
    std::vector<std::string> pairs;
    for (const auto& pair : list) {
      pairs.push_back(fmt::format("{}: {}", Scalar(pair.key()), Value(pair.value())));
    }
    return MapOf(std::move(pairs));
  }

  std::vector<std::string> Rows(const google::protobuf::RepeatedField<int32_t>& rows,
                                std::string* frame_type = nullptr) const {
    std::vector<std::string> pairs;
    for (const int index : rows) {
      const auto& row = tables_.attribute_table(index);
      const std::string& key = Text(row.key_strindex());
      if (frame_type != nullptr && key == kFrameType && row.value().has_string_value()) {
        *frame_type = row.value().string_value();
        continue;
      }
      pairs.push_back(fmt::format("{}: {}", Scalar(key), Value(row.value())));
    }
    return pairs;
  }

  std::string Profile(const schema::ResourceProfiles& group,
                      const schema::ScopeProfiles& scope_group,
                      const schema::Profile& profile) const {
    std::string text = fmt::format("- resource: {}\n", Pairs(group.resource().attributes()));
    const auto line = [&text](std::string_view key, const std::string& value) {
      text += fmt::format("  {}: {}\n", key, value);
    };
    if (!group.schema_url().empty()) line("resource_schema", Scalar(group.schema_url()));
    const auto& scope = scope_group.scope();
    if (!scope.name().empty() || !scope.version().empty() || !scope.attributes().empty()) {
      std::string map = fmt::format("{{name: {}", Scalar(scope.name()));
      if (!scope.version().empty()) map += fmt::format(", version: {}", Scalar(scope.version()));
      if (!scope.attributes().empty()) {
        map += fmt::format(", attributes: {}", Pairs(scope.attributes()));
      }
      line("scope", map + "}");
    }
    if (!scope_group.schema_url().empty()) line("scope_schema", Scalar(scope_group.schema_url()));
    line("type", Scalar(Type(profile.sample_type())));
    const std::string period_type = Type(profile.period_type());
    if (profile.period() != 0 || period_type != "/") {
      line("period", Scalar(fmt::format("{} {}", profile.period(), period_type)));
    }
    if (profile.time_unix_nano() != 0) line("time", fmt::format("{}", profile.time_unix_nano()));
    if (profile.duration_nano() != 0) line("duration", fmt::format("{}", profile.duration_nano()));
    if (!profile.attribute_indices().empty()) {
      line("attributes", MapOf(Rows(profile.attribute_indices())));
    }
    std::vector<std::string> samples;
    for (const auto& sample : profile.samples()) samples.push_back(Sample(sample));
    std::sort(samples.begin(), samples.end());
    text += samples.empty() ? "  samples: []\n" : "  samples:\n";
    for (const std::string& sample : samples) text += fmt::format("    - {}\n", sample);
    return text;
  }

  std::string Sample(const schema::Sample& sample) const {
    std::string text = fmt::format("{{stack: {}", Stack(sample.stack_index()));
    if (!sample.attribute_indices().empty()) {
      text += fmt::format(", attributes: {}", MapOf(Rows(sample.attribute_indices())));
    }
    std::vector<std::pair<uint64_t, int64_t>> points;
    const bool timed = !sample.timestamps_unix_nano().empty();
    const bool paired = sample.values_size() == sample.timestamps_unix_nano_size();
    const int count = std::max(sample.values_size(), sample.timestamps_unix_nano_size());
    for (int i = 0; i < count; ++i) {
      points.emplace_back(timed ? sample.timestamps_unix_nano(i) : 0,
                          i < sample.values_size() ? sample.values(i) : 0);
    }
    if (timed) std::sort(points.begin(), points.end());
    std::vector<int64_t> values;
    std::vector<uint64_t> times;
    for (const auto& [time, value] : points) {
      values.push_back(value);
      times.push_back(time);
    }
    if (!timed || paired) text += fmt::format(", values: [{}]", fmt::join(values, ", "));
    if (timed) text += fmt::format(", times: [{}]", fmt::join(times, ", "));
    return text + "}";
  }

  std::string Stack(int index) const {
    const auto& frames = tables_.stack_table(index).location_indices();
    std::vector<std::string> texts;
    bool plain = true;
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
      const std::optional<std::string> name = PlainName(tables_.location_table(*frame));
      plain &= name.has_value();
      texts.push_back(name.value_or(""));
    }
    if (plain) return Scalar(fmt::format("{}", fmt::join(texts, ";")));
    texts.clear();
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
      texts.push_back(Frame(tables_.location_table(*frame)));
    }
    return fmt::format("[{}]", fmt::join(texts, ", "));
  }

  // The name of a frame that is nothing but a name.
  std::optional<std::string> PlainName(const schema::Location& location) const {
    if (location.lines_size() != 1 || location.mapping_index() != 0 || location.address() != 0 ||
        !location.attribute_indices().empty() || location.lines(0).line() != 0) {
      return std::nullopt;
    }
    const auto& function = tables_.function_table(location.lines(0).function_index());
    if (function.system_name_strindex() != 0 || function.filename_strindex() != 0 ||
        function.start_line() != 0) {
      return std::nullopt;
    }
    const std::string& name = Text(function.name_strindex());
    if (name.empty() || name.find(';') != std::string::npos) return std::nullopt;
    return name;
  }

  std::vector<std::string> Line(const schema::Line& line) const {
    std::vector<std::string> pairs;
    const auto& function = tables_.function_table(line.function_index());
    const auto add = [&](std::string_view key, int index) {
      if (index != 0) pairs.push_back(fmt::format("{}: {}", key, Scalar(Text(index))));
    };
    add("name", function.name_strindex());
    add("system_name", function.system_name_strindex());
    add("file", function.filename_strindex());
    if (function.start_line() != 0) {
      pairs.push_back(fmt::format("start_line: {}", function.start_line()));
    }
    if (line.line() != 0) pairs.push_back(fmt::format("line: {}", line.line()));
    return pairs;
  }

  std::string Frame(const schema::Location& location) const {
    if (const std::optional<std::string> name = PlainName(location)) return Scalar(*name);
    std::vector<std::string> pairs;
    if (location.lines_size() == 1) pairs = Line(location.lines(0));
    if (location.lines_size() > 1) {
      std::vector<std::string> lines;
      for (const auto& line : location.lines()) {
        lines.push_back(fmt::format("{{{}}}", fmt::join(Line(line), ", ")));
      }
      pairs.push_back(fmt::format("inlined: [{}]", fmt::join(lines, ", ")));
    }
    std::string type;
    std::vector<std::string> attributes = Rows(location.attribute_indices(), &type);
    if (!type.empty()) pairs.push_back(fmt::format("type: {}", Scalar(type)));
    if (location.mapping_index() != 0) {
      const auto& mapping = tables_.mapping_table(location.mapping_index());
      pairs.push_back(fmt::format("mapping: {}", Scalar(Text(mapping.filename_strindex()))));
      if (!mapping.attribute_indices().empty()) {
        pairs.push_back(
            fmt::format("mapping_attributes: {}", MapOf(Rows(mapping.attribute_indices()))));
      }
    }
    if (location.address() != 0) pairs.push_back(fmt::format("address: {}", location.address()));
    if (!attributes.empty()) {
      pairs.push_back(fmt::format("attributes: {}", MapOf(std::move(attributes))));
    }
    return fmt::format("{{{}}}", fmt::join(pairs, ", "));
  }

  const ExportProfilesServiceRequest& request_;
  const ProfilesDictionary& tables_;
};

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace

ExportProfilesServiceRequest ReadProfileYaml(const std::string& text) {
  ExportProfilesServiceRequest request;
  Reader reader(request);
  for (const auto& profile : YAML::Load(text)) reader.Profile(profile);
  return request;
}

std::string WriteProfileYaml(const ExportProfilesServiceRequest& request) {
  return Writer(request).Write();
}

// Longest common subsequence; the texts of cases are short.
std::string LineDiff(const std::string& expected, const std::string& actual) {
  if (expected == actual) return "";
  const std::vector<std::string> a = LinesOf(expected);
  const std::vector<std::string> b = LinesOf(actual);
  std::vector<std::vector<size_t>> common(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = a.size(); i-- > 0;) {
    for (size_t j = b.size(); j-- > 0;) {
      common[i][j] =
          a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::string diff = "- expected\n+ actual\n";
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      diff += fmt::format("  {}\n", a[i]);
      ++i;
      ++j;
    } else if (i < a.size() && (j == b.size() || common[i + 1][j] >= common[i][j + 1])) {
      diff += fmt::format("- {}\n", a[i++]);
    } else {
      diff += fmt::format("+ {}\n", b[j++]);
    }
  }
  return diff;
}

}  // namespace flameway
