// SPDX-License-Identifier: Apache-2.0
// Merging with transforms means what editing every profile by itself, by hand, would mean. The
// edits here are made on parsed messages, one profile at a time, and know nothing of tables.
#include "processor/batch/transforming_merger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/processor/core_fixture.h"
#include "tests/support/request_generator.h"
#include "tests/support/well_formed.h"

namespace flameway {
namespace {

using schema::ExportProfilesServiceRequest;
using testing::IsEmpty;

using Edit = std::function<void(ExportProfilesServiceRequest&)>;
using MakeTransform = std::function<std::unique_ptr<Transform>()>;

struct Case {
  const char* name;
  std::vector<MakeTransform> steps;
  Edit edit;  // of a request that holds one profile
  PointRule points = {};
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

bool IsOdd(size_t number) { return number % 2 == 1; }

// --- The transforms, each with what it does to a message.

schema::ResourceProfiles& ResourceOf(ExportProfilesServiceRequest& r) {
  return *r.mutable_resource_profiles(0);
}
schema::Profile& ProfileOf(ExportProfilesServiceRequest& r) {
  return *ResourceOf(r).mutable_scope_profiles(0)->mutable_profiles(0);
}
int StringOf(ExportProfilesServiceRequest& r, const std::string& text) {
  r.mutable_dictionary()->add_string_table(text);
  return r.dictionary().string_table_size() - 1;
}
const std::string& Text(const ExportProfilesServiceRequest& r, int index) {
  return r.dictionary().string_table(index);
}

// Asks for all rows and changes none.
class Onlooker final : public Transform {
 public:
  TransformHooks hooks() const override {
    return {.resources = true,
            .scopes = true,
            .profiles = true,
            .samples = true,
            .samples_see_resource = true,
            .samples_see_scope = true,
            .samples_see_profile = true,
            .functions = true,
            .mappings = true,
            .locations = true,
            .stacks = StackHook::kAll};
  }
};

class Rename final : public Transform {
 public:
  TransformHooks hooks() const override { return {.functions = true}; }
  RowVerdict OnFunction(FunctionRow& row, const FrameAround&, std::string&) override {
    row.name = "f" + std::to_string(row.name.size() % 3);
    return RowVerdict::kChanged;
  }
};
void EditNames(ExportProfilesServiceRequest& r) {
  auto& functions = *r.mutable_dictionary()->mutable_function_table();
  for (int i = 1; i < functions.size(); ++i) {
    const size_t size = Text(r, functions[i].name_strindex()).size();
    functions[i].set_name_strindex(StringOf(r, "f" + std::to_string(size % 3)));
  }
}

// Neighbours change places, so that what leaves as one is what came in as the other.
class Exchange final : public Transform {
 public:
  TransformHooks hooks() const override { return {.functions = true, .locations = true}; }
  RowVerdict OnFunction(FunctionRow& row, const FrameAround&, std::string&) override {
    if (!row.name.empty()) row.name.back() ^= 1;
    return RowVerdict::kChanged;
  }
  RowVerdict OnLocation(LocationRow& row) override {
    row.address ^= 1;
    return RowVerdict::kChanged;
  }
};
// `new_rows`: at the end of both tables, put there by a transform and so shown to no other.
void EditNeighbours(ExportProfilesServiceRequest& r, int new_rows = 0) {
  auto& tables = *r.mutable_dictionary();
  for (int i = 0; i < tables.function_table_size() - new_rows; ++i) {
    auto& function = *tables.mutable_function_table(i);
    std::string name = Text(r, function.name_strindex());
    if (name.empty()) continue;
    name.back() ^= 1;
    function.set_name_strindex(StringOf(r, name));
  }
  for (int i = 0; i < tables.location_table_size() - new_rows; ++i) {
    auto& location = *tables.mutable_location_table(i);
    if (location.ByteSizeLong() > 0) location.set_address(location.address() ^ 1);
  }
}
// What is odd joins what is even.
class JoinOdd final : public Transform {
 public:
  TransformHooks hooks() const override { return {.locations = true}; }
  RowVerdict OnLocation(LocationRow& row) override {
    row.address &= ~uint64_t{1};
    return RowVerdict::kChanged;
  }
};
void EditOdd(ExportProfilesServiceRequest& r) {
  for (auto& location : *r.mutable_dictionary()->mutable_location_table())
    location.set_address(location.address() & ~uint64_t{1});
}

// Learns a frame type from names, for locations that have none.
class LearnTypes final : public Transform {
 public:
  TransformHooks hooks() const override { return {.functions = true}; }
  RowVerdict OnFunction(FunctionRow& row, const FrameAround& around, std::string& type) override {
    if (IsOdd(row.name.size()) && around.frame_type.empty()) type = "kernel";
    return RowVerdict::kKeep;
  }
};
void EditTypes(ExportProfilesServiceRequest& r) {
  auto& tables = *r.mutable_dictionary();
  auto& type = *tables.add_attribute_table();
  type.set_key_strindex(StringOf(r, "profile.frame.type"));
  type.mutable_value()->set_string_value("kernel");
  const int row = tables.attribute_table_size() - 1;
  for (auto& location : *tables.mutable_location_table()) {
    bool learnt = false;
    for (const auto& line : location.lines()) {
      learnt |= line.function_index() != 0 &&
                IsOdd(Text(r, tables.function_table(line.function_index()).name_strindex()).size());
    }
    for (const int index : location.attribute_indices()) {
      const auto& attribute = tables.attribute_table(index);
      learnt &= Text(r, attribute.key_strindex()) != "profile.frame.type";
    }
    if (learnt) location.add_attribute_indices(row);
  }
}

class OneMapping final : public Transform {
 public:
  TransformHooks hooks() const override { return {.mappings = true}; }
  RowVerdict OnMapping(MappingRow& row) override {
    row.filename = "m";
    row.memory_start = row.memory_limit = row.file_offset = 0;
    row.attributes.clear();
    return RowVerdict::kChanged;
  }
};
void EditMappings(ExportProfilesServiceRequest& r) {
  const int name = StringOf(r, "m");
  auto& mappings = *r.mutable_dictionary()->mutable_mapping_table();
  for (int i = 1; i < mappings.size(); ++i) {
    mappings[i].Clear();
    mappings[i].set_filename_strindex(name);
  }
}

class NoAddresses final : public Transform {
 public:
  TransformHooks hooks() const override { return {.locations = true}; }
  RowVerdict OnLocation(LocationRow& row) override {
    row.address = 0;
    row.attributes.clear();
    for (LineRow& line : row.lines) line.column = 0;
    return RowVerdict::kChanged;
  }
};
void EditAddresses(ExportProfilesServiceRequest& r) {
  for (auto& location : *r.mutable_dictionary()->mutable_location_table()) {
    location.clear_address();
    location.clear_attribute_indices();
    for (auto& line : *location.mutable_lines()) line.clear_column();
  }
}

// Frames at odd addresses go; of what is left, three at most stay.
class FewFrames final : public Transform {
 public:
  TransformHooks hooks() const override { return {.stacks = StackHook::kAll}; }
  FrameMarks JudgeFrame(const LocationRow& row) override { return row.address % 2; }
  bool SelectFrames(std::span<const StackFrame> stack, std::vector<uint32_t>& kept) override {
    kept.clear();
    for (uint32_t i = 0; i < stack.size(); ++i) {
      if (stack[i].marks == 0) kept.push_back(i);
    }
    if (kept.size() <= 3) return false;
    kept.erase(kept.begin(), kept.end() - 3);
    return true;
  }
};
void EditFrames(ExportProfilesServiceRequest& r) {
  auto& tables = *r.mutable_dictionary();
  tables.add_function_table()->set_name_strindex(StringOf(r, "[truncated]"));
  tables.add_location_table()->add_lines()->set_function_index(tables.function_table_size() - 1);
  const int truncated = tables.location_table_size() - 1;
  for (auto& stack : *tables.mutable_stack_table()) {
    std::vector<int> kept;
    for (const int frame : stack.location_indices()) {
      if (tables.location_table(frame).address() % 2 == 0) kept.push_back(frame);
    }
    if (kept.size() > 3) {
      kept.erase(kept.begin(), kept.end() - 3);
      kept.insert(kept.begin(), truncated);
    }
    *stack.mutable_location_indices() = {kept.begin(), kept.end()};
  }
}

// What is left of a stack, were it to come in, would lose one more.
class NoLeaves final : public Transform {
 public:
  TransformHooks hooks() const override { return {.stacks = StackHook::kAll}; }
  bool SelectFrames(std::span<const StackFrame> stack, std::vector<uint32_t>& kept) override {
    kept.clear();
    for (uint32_t i = 1; i < stack.size(); ++i) kept.push_back(i);
    return false;
  }
};
void EditLeaves(ExportProfilesServiceRequest& r) {
  for (auto& stack : *r.mutable_dictionary()->mutable_stack_table()) {
    auto& frames = *stack.mutable_location_indices();
    if (!frames.empty()) frames.erase(frames.begin());
  }
}

class ShortResources final : public Transform {
 public:
  TransformHooks hooks() const override { return {.resources = true, .scopes = true}; }
  RowVerdict OnResource(ResourceRow& row) override {
    row.dropped_attributes_count = 0;
    std::erase_if(row.attributes, [](const Attribute& a) { return IsOdd(a.key.size()); });
    return RowVerdict::kChanged;
  }
  RowVerdict OnScope(ScopeRow& row, const RowsAround& around) override {
    row.version = std::to_string(around.resource->attributes.size());
    row.attributes.clear();
    return RowVerdict::kChanged;
  }
};
// The scope sees the resource as the step before left it: `before` were its attributes then.
void EditScope(ExportProfilesServiceRequest& r, int before) {
  auto& scope = *ResourceOf(r).mutable_scope_profiles(0)->mutable_scope();
  scope.set_version(std::to_string(before));
  scope.clear_attributes();
}
void EditResource(ExportProfilesServiceRequest& r) {
  EditScope(r, ResourceOf(r).resource().attributes_size());
  schema::Resource& resource = *ResourceOf(r).mutable_resource();
  resource.clear_dropped_attributes_count();
  auto& attributes = *resource.mutable_attributes();
  attributes.erase(std::remove_if(attributes.begin(), attributes.end(),
                                  [](const auto& a) { return IsOdd(a.key().size()); }),
                   attributes.end());
  const auto gone = [&](const std::string& key) {
    return std::none_of(attributes.begin(), attributes.end(),
                        [&](const auto& a) { return a.key() == key; });
  };
  auto& entities = *resource.mutable_entity_refs();
  entities.erase(std::remove_if(entities.begin(), entities.end(),
                                [&](const auto& entity) {
                                  return std::any_of(entity.id_keys().begin(),
                                                     entity.id_keys().end(), gone);
                                }),
                 entities.end());
  for (auto& entity : entities) {
    auto& keys = *entity.mutable_description_keys();
    keys.erase(std::remove_if(keys.begin(), keys.end(), gone), keys.end());
  }
}

class NoOddResources final : public Transform {
 public:
  TransformHooks hooks() const override { return {.resources = true}; }
  RowVerdict OnResource(ResourceRow& row) override {
    return IsOdd(row.attributes.size()) ? RowVerdict::kDrop : RowVerdict::kKeep;
  }
};

class NoOddScopes final : public Transform {
 public:
  TransformHooks hooks() const override { return {.scopes = true}; }
  RowVerdict OnScope(ScopeRow& row, const RowsAround&) override {
    return IsOdd(row.name.size()) ? RowVerdict::kDrop : RowVerdict::kKeep;
  }
};

// Drops some profiles and writes what it sees around the others into them.
class MarkProfiles final : public Transform {
 public:
  TransformHooks hooks() const override { return {.profiles = true}; }
  RowVerdict OnProfile(ProfileRow& row, const RowsAround& around) override {
    if (row.type.size() % 3 == 1) return RowVerdict::kDrop;
    row.attributes.clear();
    row.attributes.push_back({.key = "seen", .value = StringValue(around.scope->name)});
    row.period = static_cast<int64_t>(around.resource->attributes.size());
    row.profile_id.clear();
    return RowVerdict::kChanged;
  }
};
void EditProfile(ExportProfilesServiceRequest& r) {
  schema::Profile& profile = ProfileOf(r);
  if (Text(r, profile.sample_type().type_strindex()).size() % 3 == 1) return r.Clear();
  auto& seen = *r.mutable_dictionary()->add_attribute_table();
  seen.set_key_strindex(StringOf(r, "seen"));
  seen.mutable_value()->set_string_value(ResourceOf(r).scope_profiles(0).scope().name());
  profile.clear_attribute_indices();
  profile.add_attribute_indices(r.dictionary().attribute_table_size() - 1);
  profile.set_period(ResourceOf(r).resource().attributes_size());
  profile.clear_profile_id();
}

// Samples without attributes go; others keep those with even keys, and learn what is around.
class MarkSamples final : public Transform {
 public:
  TransformHooks hooks() const override {
    return {.samples = true, .samples_see_resource = true, .samples_see_profile = true};
  }
  RowVerdict OnSample(SampleRow& row, const RowsAround& around) override {
    if (row.attributes.empty()) return RowVerdict::kDrop;
    std::erase_if(row.attributes, [](const Attribute& a) { return IsOdd(a.key.size()); });
    row.attributes.push_back({.key = "a", .value = StringValue(around.profile->type)});
    row.attributes.push_back(
        {.key = "b", .value = StringValue(std::to_string(around.resource->attributes.size()))});
    return RowVerdict::kChanged;
  }
};
void EditSamples(ExportProfilesServiceRequest& r) {
  auto& tables = *r.mutable_dictionary();
  schema::Profile& profile = ProfileOf(r);
  auto& type = *tables.add_attribute_table();
  type.set_key_strindex(StringOf(r, "a"));
  type.mutable_value()->set_string_value(Text(r, profile.sample_type().type_strindex()));
  auto& count = *tables.add_attribute_table();
  count.set_key_strindex(StringOf(r, "b"));
  count.mutable_value()->set_string_value(
      std::to_string(ResourceOf(r).resource().attributes_size()));
  auto& samples = *profile.mutable_samples();
  const bool had_samples = !samples.empty();
  samples.erase(std::remove_if(samples.begin(), samples.end(),
                               [](const auto& s) { return s.attribute_indices().empty(); }),
                samples.end());
  for (auto& sample : samples) {
    auto& indices = *sample.mutable_attribute_indices();
    indices.erase(
        std::remove_if(
            indices.begin(), indices.end(),
            [&](int i) { return IsOdd(Text(r, tables.attribute_table(i).key_strindex()).size()); }),
        indices.end());
    indices.Add(tables.attribute_table_size() - 2);
    indices.Add(tables.attribute_table_size() - 1);
  }
  if (had_samples && samples.empty()) r.Clear();
}

void EditTimes(ExportProfilesServiceRequest& r) {
  for (auto& sample : *ProfileOf(r).mutable_samples()) {
    for (auto& time : *sample.mutable_timestamps_unix_nano()) time &= ~uint64_t{0xFF};
  }
}

template <typename T>
MakeTransform Make() {
  return [] { return std::make_unique<T>(); };
}
Edit DropWhen(const std::function<bool(ExportProfilesServiceRequest&)>& condition) {
  return [condition](ExportProfilesServiceRequest& r) {
    if (condition(r)) r.Clear();
  };
}

std::vector<Case> Cases() {
  const auto odd_resource = [](ExportProfilesServiceRequest& r) {
    return IsOdd(static_cast<size_t>(ResourceOf(r).resource().attributes_size()));
  };
  const auto odd_scope = [](ExportProfilesServiceRequest& r) {
    return IsOdd(ResourceOf(r).scope_profiles(0).scope().name().size());
  };
  return {
      {"nothing", {}, [](auto&) {}},
      {"onlooker", {Make<Onlooker>(), Make<Onlooker>()}, [](auto&) {}},
      {"rename", {Make<Rename>()}, EditNames},
      {"rename_seen", {Make<Onlooker>(), Make<Rename>()}, EditNames},
      {"types", {Make<LearnTypes>()}, EditTypes},
      {"types_seen", {Make<LearnTypes>(), Make<Onlooker>()}, EditTypes},
      {"mappings", {Make<OneMapping>()}, EditMappings},
      {"addresses", {Make<NoAddresses>()}, EditAddresses},
      {"frames", {Make<FewFrames>()}, EditFrames},
      {"frames_before_addresses_go",
       {Make<FewFrames>(), Make<NoAddresses>()},
       [](auto& r) {
         EditFrames(r);
         EditAddresses(r);
       }},
      {"frames_after_addresses_went",
       {Make<NoAddresses>(), Make<FewFrames>()},
       [](auto& r) {
         EditAddresses(r);
         EditFrames(r);
       }},
      {"leaves", {Make<NoLeaves>()}, EditLeaves},
      {"neighbours", {Make<Exchange>()}, [](auto& r) { EditNeighbours(r); }},
      {"neighbours_join",
       {Make<Exchange>(), Make<JoinOdd>()},
       [](auto& r) {
         EditNeighbours(r);
         EditOdd(r);
       }},
      {"odd", {Make<JoinOdd>()}, EditOdd},
      {"frames_before_neighbours",
       {Make<FewFrames>(), Make<Exchange>()},
       [](auto& r) {
         EditFrames(r);
         EditNeighbours(r, 1);
       }},
      {"frames_after_neighbours",
       {Make<Exchange>(), Make<FewFrames>()},
       [](auto& r) {
         EditNeighbours(r);
         EditFrames(r);
       }},
      {"origins", {Make<ShortResources>()}, EditResource},
      {"resources_dropped", {Make<NoOddResources>()}, DropWhen(odd_resource)},
      {"resources_dropped_as_they_came",
       {Make<NoOddResources>(), Make<ShortResources>()},
       [odd_resource](auto& r) {
         if (odd_resource(r)) return r.Clear();
         EditResource(r);
       }},
      {"scopes_dropped", {Make<NoOddScopes>()}, DropWhen(odd_scope)},
      {"profiles", {Make<MarkProfiles>()}, EditProfile},
      {"samples", {Make<MarkSamples>()}, EditSamples},
      {"samples_see_what_was",
       {Make<MarkSamples>(), Make<ShortResources>()},
       [](auto& r) {
         EditSamples(r);
         if (r.resource_profiles_size() > 0) EditResource(r);
       }},
      {"times_rounded", {}, EditTimes, {Timestamps::kRound, ~uint64_t{0xFF}}},
  };
}

// --- Running them.

struct Outcome {
  std::string bytes;
  BatchCounts counts;
};

// Chains that change frames only have a way of their own; one that looks at all rows takes the
// other.
enum class Way { kOwn, kOfAllRows };

Outcome MergeWith(const Case& c, const std::vector<std::string>& wire, Way way = Way::kOwn) {
  std::vector<std::unique_ptr<Transform>> steps;
  for (const MakeTransform& make : c.steps) steps.push_back(make());
  if (way == Way::kOfAllRows) steps.push_back(std::make_unique<Onlooker>());
  Batch batch({}, std::make_unique<TransformChain>(std::move(steps), c.points));
  Request request{RequestOptions{}};
  for (const std::string& bytes : wire) {
    EXPECT_EQ(request.Decode(bytes).outcome, DecodeReport::Outcome::kAccepted);
    batch.Merge(request);
  }
  const SealedBatch sealed = batch.Seal();
  Outcome outcome{.bytes = {}, .counts = sealed.counts()};
  const EncodeResult result = Encode(sealed, {});
  uint64_t profiles = outcome.counts.dropped_profiles;
  for (const EncodedMessage& message : result.messages) {
    outcome.bytes = message.bytes;
    profiles += message.profiles_in;
    EXPECT_EQ(message.samples_in + outcome.counts.dropped_samples, outcome.counts.samples);
  }
  EXPECT_EQ(profiles, outcome.counts.profiles);
  EXPECT_THAT(CheckWellFormed(Parse(outcome.bytes)), IsEmpty());
  return outcome;
}

// Each profile of the request by itself, in the plain form the core writes.
std::vector<ExportProfilesServiceRequest> Isolated(const ExportProfilesServiceRequest& request) {
  std::vector<ExportProfilesServiceRequest> single;
  for (const auto& resource : request.resource_profiles()) {
    for (const auto& scope : resource.scope_profiles()) {
      for (const auto& profile : scope.profiles()) {
        ExportProfilesServiceRequest one;
        *one.mutable_dictionary() = request.dictionary();
        auto& r = *one.add_resource_profiles();
        r = resource;
        r.clear_scope_profiles();
        auto& s = *r.add_scope_profiles();
        s = scope;
        s.clear_profiles();
        *s.add_profiles() = profile;
        single.push_back(Parse(Merge({Serialize(one)})));
      }
    }
  }
  return single;
}

class TransformingMergerTest : public testing::TestWithParam<Case> {};

TEST_P(TransformingMergerTest, MeansWhatEditingEachProfileMeans) {
  for (uint64_t seed = 0; seed < 25; ++seed) {
    SCOPED_TRACE(seed);
    RequestGeneratorOptions options = RequestGeneratorOptions::ForSeed(seed);
    options.huge_value_share = 0;  // isolating a profile would part its sums elsewhere
    RequestGenerator generator(options);
    std::vector<std::string> wire;
    ExpandedProfiles expected;
    std::vector<ExportProfilesServiceRequest> requests = generator.Take(3);
    // What has left comes in once more, beside what it was made of.
    requests.push_back(Parse(MergeWith(GetParam(), {Serialize(requests[0])}).bytes));
    for (const ExportProfilesServiceRequest& request : requests) {
      wire.push_back(Serialize(request));
      for (ExportProfilesServiceRequest& one : Isolated(request)) {
        GetParam().edit(one);
        expected.Add(one);
      }
    }
    const ExpandedProfiles actual = Expand({MergeWith(GetParam(), wire).bytes});
    ASSERT_EQ(expected, actual) << expected.DiffText(actual, 20);
    ASSERT_EQ(Expand({MergeWith(GetParam(), wire, Way::kOfAllRows).bytes}), expected);
    std::mt19937_64 random(seed);
    std::shuffle(wire.begin(), wire.end(), random);
    ASSERT_EQ(Expand({MergeWith(GetParam(), wire).bytes}), expected) << "in another order";
  }
}

TEST_P(TransformingMergerTest, AnEmptiedBatchStartsAnew) {
  RequestGenerator generator(RequestGeneratorOptions::ForSeed(7));
  const std::string first = Serialize(generator.Next());
  const std::string second = Serialize(generator.Next());
  std::vector<std::unique_ptr<Transform>> steps;
  for (const MakeTransform& make : GetParam().steps) steps.push_back(make());
  Batch batch({}, std::make_unique<TransformChain>(std::move(steps), GetParam().points));
  Request request{RequestOptions{}};
  (void)request.Decode(first);
  batch.Merge(request);
  batch.Recycle(batch.Seal());
  const auto merge_second = [&] {
    (void)request.Decode(second);
    batch.Merge(request);
    SealedBatch sealed = batch.Seal();
    const EncodeResult result = Encode(sealed, {});
    std::string bytes(result.messages.empty() ? "" : result.messages[0].bytes);
    batch.Recycle(std::move(sealed));
    return bytes;
  };
  const std::string expected = MergeWith(GetParam(), {second}).bytes;
  EXPECT_EQ(merge_second(), expected);
  batch.Shrink();
  EXPECT_LT(batch.memory_bytes() - batch.remembered_bytes(), 1u << 16);
  EXPECT_EQ(merge_second(), expected) << "the chain stays";
}

INSTANTIATE_TEST_SUITE_P(Transforms, TransformingMergerTest, testing::ValuesIn(Cases()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace flameway
