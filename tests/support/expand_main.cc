// SPDX-License-Identifier: Apache-2.0
// flameway_expand: the oracle for scripts. Reads files of requests (corpus.h).
//
//   flameway_expand compare --expected A... --actual B...   0 same content, 1 not (with a diff)
//   flameway_expand check FILE...                           0 well formed, 1 not (with reasons)
//   flameway_expand summary FILE...                         counts
//
// A file that cannot be read or parsed ends each of them with 2.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "tests/support/corpus.h"
#include "tests/support/expanded_profiles.h"
#include "tests/support/well_formed.h"

namespace flameway {
namespace {

constexpr int kSame = 0;
constexpr int kDifferent = 1;
constexpr int kUnreadable = 2;

// Calls visit(request, where) for each request of each file; false if one cannot be read.
template <typename Visit>
bool ForEachRequest(const std::vector<std::string>& files, Dialect dialect, const Visit& visit) {
  for (const std::string& file : files) {
    const absl::StatusOr<std::vector<std::string>> requests = ReadRequests(file);
    if (!requests.ok()) {
      fmt::print(stderr, "{}: {}\n", file, std::string(requests.status().message()));
      return false;
    }
    for (size_t i = 0; i < requests->size(); ++i) {
      const std::string where = fmt::format("{} request {}", file, i);
      const auto request = ParseRequest((*requests)[i], dialect);
      if (!request.ok()) {
        fmt::print(stderr, "{}: {}\n", where, std::string(request.status().message()));
        return false;
      }
      visit(*request, where);
    }
  }
  return true;
}

struct CompareOptions {
  std::vector<std::string> expected;
  std::vector<std::string> actual;
  Dialect expected_dialect = Dialect::kV1_10;
  size_t max_lines = 200;
};

int Compare(const CompareOptions& options) {
  ExpandedProfiles expected;
  ExpandedProfiles actual;
  const auto add_to = [](ExpandedProfiles& sum) {
    return [&sum](const auto& request, const std::string&) { sum.Add(request); };
  };
  if (!ForEachRequest(options.expected, options.expected_dialect, add_to(expected)) ||
      !ForEachRequest(options.actual, Dialect::kV1_10, add_to(actual))) {
    return kUnreadable;
  }
  if (expected == actual) {
    fmt::print("same: {} distinct samples\n", expected.distinct_samples());
    return kSame;
  }
  fmt::print("different: {} distinct samples expected, {} actual\n{}", expected.distinct_samples(),
             actual.distinct_samples(), expected.DiffText(actual, options.max_lines));
  return kDifferent;
}

int Check(const std::vector<std::string>& files, Dialect dialect) {
  int result = kSame;
  const bool readable = ForEachRequest(files, dialect, [&](const auto& request, const auto& where) {
    for (const std::string& problem : CheckWellFormed(request)) {
      fmt::print("{}: {}\n", where, problem);
      result = kDifferent;
    }
  });
  return readable ? result : kUnreadable;
}

int Summary(const std::vector<std::string>& files, Dialect dialect) {
  ExpandedProfiles expanded;
  std::map<std::string, uint64_t> counts;
  const bool readable = ForEachRequest(files, dialect, [&](const auto& request, const auto&) {
    expanded.Add(request);
    ++counts["requests"];
    counts["bytes"] += request.ByteSizeLong();
    const auto count = [&counts](const char* name, int rows) {
      counts[name] += static_cast<uint64_t>(rows);
    };
    const schema::ProfilesDictionary& rows = request.dictionary();
    count("row mappings", rows.mapping_table_size());
    count("row locations", rows.location_table_size());
    count("row functions", rows.function_table_size());
    count("row links", rows.link_table_size());
    count("row strings", rows.string_table_size());
    count("row attributes", rows.attribute_table_size());
    count("row stacks", rows.stack_table_size());
    count("resources", request.resource_profiles_size());
    for (const auto& resource : request.resource_profiles()) {
      count("scopes", resource.scope_profiles_size());
      for (const auto& scope : resource.scope_profiles()) {
        count("profiles", scope.profiles_size());
        for (const auto& profile : scope.profiles()) {
          count("samples", profile.samples_size());
          for (const auto& sample : profile.samples()) {
            count("timestamps", sample.timestamps_unix_nano_size());
            count("values", sample.values_size());
          }
        }
      }
    }
  });
  if (!readable) return kUnreadable;
  using Part = ExpandedProfiles::Part;
  counts["distinct samples"] = expanded.distinct_samples();
  counts["distinct resources"] = expanded.distinct(Part::kResource);
  counts["distinct scopes"] = expanded.distinct(Part::kScope);
  counts["distinct profiles"] = expanded.distinct(Part::kProfile);
  counts["distinct stacks"] = expanded.distinct(Part::kStack);
  counts["distinct attribute sets"] = expanded.distinct(Part::kAttributes);
  counts["distinct links"] = expanded.distinct(Part::kLink);
  counts["samples without measurement"] = expanded.empty_samples();
  for (const auto& [name, count] : counts) fmt::print("{:<28}{}\n", name, count);
  return kSame;
}

int Run(int argc, char** argv) {
  CLI::App app("Compares and checks OTLP profiles by content.");
  app.require_subcommand(1);
  const std::map<std::string, Dialect> dialects = {
      {"1.8", Dialect::kV1_8}, {"1.9", Dialect::kV1_9}, {"1.10", Dialect::kV1_10}};
  CompareOptions options;
  auto* compare = app.add_subcommand("compare", "same content?");
  compare->add_option("--expected", options.expected, "files sent")->required();
  compare->add_option("--actual", options.actual, "files received, 1.10")->required();
  compare->add_option("--dialect", options.expected_dialect, "dialect of the expected files")
      ->transform(CLI::CheckedTransformer(dialects));
  compare->add_option("--max-lines", options.max_lines, "lines of the diff");

  std::vector<std::string> files;
  Dialect dialect = Dialect::kV1_10;
  auto* check = app.add_subcommand("check", "well formed?");
  auto* summary = app.add_subcommand("summary", "counts");
  for (CLI::App* command : {check, summary}) {
    command->add_option("file", files, "files of requests")->required();
    command->add_option("--dialect", dialect, "dialect of the files")
        ->transform(CLI::CheckedTransformer(dialects));
  }
  CLI11_PARSE(app, argc, argv);
  if (compare->parsed()) return Compare(options);
  return check->parsed() ? Check(files, dialect) : Summary(files, dialect);
}

}  // namespace
}  // namespace flameway

int main(int argc, char** argv) { return flameway::Run(argc, argv); }
