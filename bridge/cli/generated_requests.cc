// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/generated_requests.h"

#include <chrono>
#include <optional>
#include <utility>

#include "bridge/cli/command_flags.h"
#include "bridge/cli/input_files.h"
#include "bridge/config/core_schema.h"
#include "bridge/traffic/fleet_requests.h"
#include "bridge/traffic/request_times.h"
#include "fmt/format.h"

namespace flameway {

bool ParseResourceAttribute(const std::string& text, ResourceAttributes* attributes) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return false;
  std::string value = text.substr(equals + 1);
  const bool quoted = value.size() >= 2 && value.starts_with('"') && value.ends_with('"');
  const std::optional<int64_t> number = ParseCoreInt(value);
  if (quoted) {
    attributes->emplace_back(text.substr(0, equals), value.substr(1, value.size() - 2));
  } else if (number.has_value()) {
    attributes->emplace_back(text.substr(0, equals), *number);
  } else {
    attributes->emplace_back(text.substr(0, equals), std::move(value));
  }
  return true;
}

void GeneratedRequests::Declare(CLI::App& app) {
  app.add_option(
         "--shape",
         [this](const CLI::results_t& values) {
           if (values[0] == "corpus" && values.size() == 2) {
             shape_ = Shape::kCorpus;
             corpus_ = values[1];
             return true;
           }
           shape_ = values[0] == "ebpf-like" ? Shape::kEbpfLike : Shape::kSynthetic;
           return values.size() == 1 && (values[0] == "ebpf-like" || values[0] == "synthetic");
         },
         "synthetic (default); corpus FILE: the requests of FILE, as if every host had sent them; "
         "ebpf-like: what the eBPF profilers of a fleet send")
      ->expected(1, 2)
      ->type_name("SHAPE");
  app.add_option("--seed", synthetic_.seed, "the same seed and flags give the same bytes (1)");
  app.add_option("--hosts", hosts_, "senders (1)")->check(CLI::Range(1, 100'000).description(""));
  app.add_option("--windows", windows_, "reporting intervals, one request of each host in each (1)")
      ->check(CLI::Range(1, 100'000).description(""));
  app.add_option("--cores", cores_, "of each host (ebpf-like; 8 to 64)")
      ->check(CLI::Range(1, 4096).description(""))
      ->type_name("N");
  app.add_option("--load", load_, "busy share of the cores of each host (ebpf-like; 0.15 to 0.75)")
      ->check(CLI::Range(0.001, 1.0).description(""))
      ->type_name("SHARE");
  app.add_option("--service", synthetic_.service, "service.name (synthetic)")->type_name("NAME");
  app.add_option(
         "--otlp-attributes",
         [this](const CLI::results_t& values) {
           for (const std::string& value : values) {
             if (!ParseResourceAttribute(value, &attributes_)) return false;
           }
           return true;
         },
         "KEY=VALUE, a resource attribute; repeatable")
      ->type_size(1)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("ATTRIBUTE");
  const auto number = [&app](const char* name, uint32_t* target, const char* description) {
    app.add_option(name, *target, description)
        ->check(CLI::Range(1, 1'000'000).description(""))
        ->type_name("N")
        ->group("Synthetic");
  };
  number("--sample-count", &synthetic_.sample_count, "samples of a profile (10)");
  number("--stack-depth", &synthetic_.stack_depth, "frames of a stack (5)");
  number("--unique-functions", &synthetic_.unique_functions, "functions in all (10)");
  const auto text = [&app](const char* name, std::string* target, const char* description) {
    app.add_option(name, *target, description)->group("Synthetic")->type_name("TEXT");
  };
  text("--trace-id", &synthetic_.trace_id, "32 hex digits: samples link to it");
  text("--span-id", &synthetic_.span_id, "16 hex digits");
  text("--sample-type-name", &synthetic_.sample_type_name, "what is counted (samples)");
  text("--sample-type-unit", &synthetic_.sample_type_unit, "in which unit (count)");
  text("--period-type-name", &synthetic_.period_type_name, "what triggers a sample (cpu)");
  text("--period-type-unit", &synthetic_.period_type_unit, "in which unit (nanoseconds)");
  app.add_option("--period", synthetic_.period, "between samples, in that unit (10000000)")
      ->group("Synthetic");
  app.add_option(
         "--profile-duration",
         [this](const CLI::results_t& values) {
           const std::optional<DurationText> parsed = ParseDuration(values.back());
           if (parsed.has_value()) synthetic_.profile_duration = parsed->value;
           return parsed.has_value();
         },
         "the time a profile covers (10s)")
      ->group("Synthetic")
      ->type_name("DURATION");
}

absl::Status GeneratedRequests::Check() const {
  const auto check_hex = [](const std::string& text, size_t digits, std::string_view flag) {
    if (text.empty() || !BytesOfHex(text, digits).empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("{} {}: expected {} hex digits", flag, text, digits));
  };
  if (absl::Status status = check_hex(synthetic_.trace_id, 32, "--trace-id"); !status.ok()) {
    return status;
  }
  if (absl::Status status = check_hex(synthetic_.span_id, 16, "--span-id"); !status.ok()) {
    return status;
  }
  if (synthetic_.trace_id.empty() != synthetic_.span_id.empty()) {
    return absl::InvalidArgumentError("--trace-id and --span-id go together");
  }
  return absl::OkStatus();
}

absl::Status GeneratedRequests::ForEach(const std::function<absl::Status(std::string)>& take,
                                        std::istream& standard_input) const {
  if (shape_ == Shape::kCorpus) return ForEachOfCorpus(take, standard_input);
  std::optional<FleetRequests> fleet;
  if (shape_ == Shape::kEbpfLike) {
    fleet.emplace(FleetOptions{.seed = synthetic_.seed,
                               .hosts = hosts_,
                               .windows = windows_,
                               .cores = cores_,
                               .load = load_});
  }
  for (uint32_t window = 0; window < windows_; ++window) {
    for (uint32_t host = 0; host < hosts_; ++host) {
      ResourceAttributes attributes = attributes_;
      std::string request;
      if (fleet.has_value()) {
        request = fleet->Encode(window * hosts_ + host);
      } else {
        SyntheticOptions options = synthetic_;
        options.seed = MixBits(synthetic_.seed, host);
        request = EncodeSyntheticRequest(options, window);
        if (hosts_ > 1) attributes.emplace_back("host.name", fmt::format("host-{}", host));
      }
      if (absl::Status status = take(WithResourceAttributes(request, attributes)); !status.ok()) {
        return status;
      }
    }
  }
  return absl::OkStatus();
}

// Each window is one request of the file for every host, moved on by the span of the file when it
// begins again.
absl::Status GeneratedRequests::ForEachOfCorpus(
    const std::function<absl::Status(std::string)>& take, std::istream& standard_input) const {
  InputFiles files({.paths = {corpus_}}, standard_input);
  std::vector<std::pair<std::string, RequestTimes>> corpus;
  for (;;) {
    const absl::StatusOr<std::optional<InputMessage>> message = files.Next();
    if (!message.ok()) return message.status();
    if (!message->has_value()) break;
    std::optional<RequestTimes> times = RequestTimes::Of((*message)->bytes);
    if (!times.has_value()) {
      return absl::DataLossError(fmt::format("{}: no OTLP request", (*message)->name));
    }
    corpus.emplace_back((*message)->bytes, *std::move(times));
  }
  if (corpus.empty()) return absl::DataLossError(corpus_ + ": there is no request in it");
  uint64_t first = UINT64_MAX;
  uint64_t last = 0;
  for (const auto& [bytes, times] : corpus) {
    if (times.end_unix_nano() == 0) continue;
    first = std::min(first, times.end_unix_nano());
    last = std::max(last, times.end_unix_nano());
  }
  const auto count = static_cast<uint64_t>(corpus.size());
  const uint64_t gap = count > 1 && last > first ? (last - first) / (count - 1) : 5'000'000'000;
  const uint64_t span = (last > first ? last - first : 0) + gap;
  for (uint64_t window = 0; window < windows_; ++window) {
    const auto& [bytes, times] = corpus[window % count];
    std::string moved = bytes;
    times.Shift(static_cast<int64_t>(window / count * span), &moved);
    for (uint32_t host = 0; host < hosts_; ++host) {
      ResourceAttributes attributes = attributes_;
      if (hosts_ > 1) attributes.emplace_back("host.name", fmt::format("host-{}", host));
      if (absl::Status status = take(WithResourceAttributes(moved, attributes)); !status.ok()) {
        return status;
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace flameway
