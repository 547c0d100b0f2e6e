// SPDX-License-Identifier: Apache-2.0
#include "bridge/traffic/synthetic_requests.h"

#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/traffic/made_up_names.h"
#include "bridge/traffic/request_writer.h"
#include "bridge/traffic/seeded_random.h"

namespace flameway {

std::string BytesOfHex(std::string_view text, size_t digits) {
  std::string bytes;
  if (text.size() != digits) return bytes;
  for (size_t i = 0; i < digits; i += 2) {
    unsigned value = 0;
    const char* const end = text.data() + i + 2;
    const auto [parsed, error] = std::from_chars(text.data() + i, end, value, 16);
    if (error != std::errc{} || parsed != end) return {};
    bytes.push_back(static_cast<char>(value));
  }
  return bytes;
}

std::string EncodeSyntheticRequest(const SyntheticOptions& options, uint32_t number) {
  SeededRandom random(MixBits(options.seed, number));
  RequestWriter writer;
  RequestWriter::Profile profile;
  profile.sample_type = writer.String(options.sample_type_name);
  profile.sample_unit = writer.String(options.sample_type_unit);
  profile.period_type = writer.String(options.period_type_name);
  profile.period_unit = writer.String(options.period_type_unit);
  profile.period = options.period;
  profile.duration_nano =
      static_cast<uint64_t>(std::chrono::nanoseconds(options.profile_duration).count());
  profile.time_unix_nano = options.start_unix_nano + number * profile.duration_nano;

  const std::string trace_id = BytesOfHex(options.trace_id, 32);
  const std::string span_id = BytesOfHex(options.span_id, 16);
  const bool is_linked = !trace_id.empty() && !span_id.empty();
  const RequestWriter::Row link = is_linked ? writer.Link(trace_id, span_id) : 0;
  const std::string package = MakePackage(Runtime::kGo, options.seed);
  const uint64_t address_seed = MixBits(options.seed, 1);
  const std::string build_id = MakeHex(address_seed, 40);
  const RequestWriter::Row build_id_row =
      writer.Attribute("process.executable.build_id.gnu", build_id);
  const RequestWriter::Row mapping = writer.Mapping({.memory_start = 0x400000,
                                                     .memory_limit = 0x1400000,
                                                     .filename = options.service,
                                                     .attributes = {&build_id_row, 1}});
  const RequestWriter::Row frame_type = writer.Attribute("profile.frame.type", "go");
  const RequestWriter::Row thread = writer.Attribute("thread.name", options.service);
  std::vector<RequestWriter::Row> stack;
  for (uint32_t i = 0; i < options.sample_count; ++i) {
    stack.clear();
    for (uint32_t depth = 0; depth < options.stack_depth; ++depth) {
      const uint32_t function = random.Below(options.unique_functions);
      const FunctionText text = MakeFunctionText(Runtime::kGo, package, options.seed, function);
      stack.push_back(writer.Location({.mapping = mapping,
                                       .address = 0x400000 + 64 * uint64_t{function},
                                       .function = writer.Function(text.name, text.filename),
                                       .line = 10 + int64_t{function},
                                       .frame_type = frame_type}));
    }
    const int64_t value = random.Between(1, 100);
    writer.AddSample({.stack = writer.Stack(stack),
                      .attributes = {thread},
                      .link = link,
                      .values = {&value, 1}});
  }
  const std::pair<std::string_view, AttributeValue> resource[] = {
      {"service.name", std::string_view(options.service)}};
  writer.EndResource(resource, {.name = "flameway-gen", .version = "1"}, profile, "");
  return writer.Finish();
}

}  // namespace flameway
