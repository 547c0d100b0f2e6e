// SPDX-License-Identifier: Apache-2.0
// Requests cut off at every byte and with every bit flipped: what is refused leaves the open batch
// byte for byte as it was, a bad profile is refused alone, and libprotobuf agrees on which is
// which.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>

#include "tests/processor/core_fixture.h"
#include "tests/processor/plain_message.h"
#include "tests/processor/protobuf_agreement.h"
#include "tests/processor/request/neighbours.h"
#include "tests/processor/request_meaning.h"
#include "tests/support/renumber.h"
#include "tests/support/well_formed.h"
#include "tests/support/wire_emitter.h"

namespace flameway {
namespace {

using Outcome = DecodeReport::Outcome;
using schema::ExportProfilesServiceRequest;
using testing::IsEmpty;

// Three profiles in two resources; every table filled, every field set, every shape of sample,
// a nested value.
ExportProfilesServiceRequest Inline() {
  ExportProfilesServiceRequest request = Neighbours();
  schema::AnyValue& value = *SuspectAttribute(request).mutable_value();
  schema::KeyValue* pair = value.mutable_kvlist_value()->add_values();
  pair->set_key("k");
  schema::AnyValue* list = pair->mutable_value();
  list->mutable_array_value()->add_values()->set_double_value(1.5);
  list->mutable_array_value()->add_values()->set_bool_value(true);
  list->mutable_array_value()->add_values()->set_bytes_value("\xFF");
  schema::EntityRef* entity = OnlyResource(request).add_entity_refs();
  entity->set_type("service");
  entity->add_id_keys("service.name");
  OnlyResource(request).set_dropped_attributes_count(1);

  schema::ResourceProfiles* resource = request.add_resource_profiles();
  schema::KeyValue* host = resource->mutable_resource()->add_attributes();
  host->set_key("host");
  host->mutable_value()->set_int_value(300);
  schema::Profile* profile = resource->add_scope_profiles()->add_profiles();
  profile->set_time_unix_nano(1'700'000'000'000'000'000);
  profile->set_duration_nano(1'000);
  profile->set_profile_id("0123456789abcdef");
  profile->set_original_payload_format("jfr");
  profile->set_original_payload("FLR");
  profile->set_dropped_attributes_count(2);
  const auto add = [profile](std::initializer_list<int64_t> values, int timestamps) {
    schema::Sample* sample = profile->add_samples();
    sample->set_stack_index(1);
    for (const int64_t item : values) sample->add_values(item);
    for (int i = 0; i < timestamps; ++i)
      sample->add_timestamps_unix_nano(1'700'000'000'000'000'001);
  };
  add({300}, 0);
  add({1, -2}, 0);
  add({4, 5}, 2);
  add({}, 2);
  return request;
}

// The same with the strings of attributes by reference.
ExportProfilesServiceRequest ByReference() {
  ExportProfilesServiceRequest request = Inline();
  schema::ProfilesDictionary& tables = *request.mutable_dictionary();
  const auto refer = [&tables](const std::string& text) {
    tables.add_string_table(text);
    return tables.string_table_size() - 1;
  };
  schema::KeyValue& service = *OnlyResource(request).mutable_attributes(0);
  service.set_key_strindex(refer(service.key()));
  service.clear_key();
  service.mutable_value()->set_string_value_strindex(refer(service.value().string_value()));
  schema::AnyValue& thread = *tables.mutable_attribute_table(1)->mutable_value();
  thread.set_string_value_strindex(refer(thread.string_value()));
  return request;
}

std::string InAnyStyle() { return WireEmitter(WireStyle::Anything(), 3).Emit(Inline()); }

std::string Older(Dialect dialect) {
  const auto old = Renumber(Serialize(Inline()), Dialect::kV1_10, dialect);
  EXPECT_TRUE(old.ok());
  return old.value_or("");
}

using Try = std::function<void(const std::string& damaged)>;

// Every prefix, every flipped bit, and each byte as the ones that mean most to varints.
void ForEachDamage(const std::string& bytes, const Try& attempt) {
  for (size_t size = 0; size < bytes.size(); ++size) {
    attempt(bytes.substr(0, size));
    if (testing::Test::HasFailure()) FAIL() << "prefix of " << size << " bytes";
  }
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    const auto with = [&](char byte) {
      damaged[at] = byte;
      attempt(damaged);
    };
    for (int bit = 0; bit < 8; ++bit) with(static_cast<char>(bytes[at] ^ 1 << bit));
    for (const char byte : {'\0', '\x7F', '\x80', '\xFF'}) with(byte);
    if (testing::Test::HasFailure()) FAIL() << "byte " << at;
  }
}

// A batch that holds something, is shown a damaged request, and takes one more good one. Its
// Processor is used again and again, as in a shard.
class OpenBatch {
 public:
  OpenBatch() : undisturbed_(Sealed("")) {}

  struct Counts {
    int refused = 0;
    int partly = 0;
    int taken = 0;
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

  void Show(const std::string& damaged, const DecodeContext& context = {}) {
    const std::string sealed = Sealed(damaged, context);
    if (report_.outcome != Outcome::kAccepted) {
      ++counts_.refused;
      EXPECT_EQ(sealed, undisturbed_);
      return;
    }
    ++(report_.profiles_rejected > 0 ? counts_.partly : counts_.taken);
    if (report_.dialect != Dialect::kV1_10) return;
    const ExportProfilesServiceRequest out = Parse(sealed);
    EXPECT_THAT(CheckWellFormed(out), IsEmpty());
    ExpandedProfiles expected;
    expected.Add(SmallRequest());
    expected.Add(Neighbours());
    expected.Add(RequestMeaning(Parse(PlainMessage(damaged).bytes)).accepted);
    ExpandedProfiles actual;
    actual.Add(out);
    EXPECT_EQ(expected, actual) << expected.DiffText(actual, 20);
  }

 private:
  std::string Sealed(const std::string& damaged, const DecodeContext& context = {}) {
    EXPECT_EQ(processor_.Decode(before_).outcome, Outcome::kAccepted);
    processor_.Merge();
    const BatchCounts counts = processor_.batch().counts();
    report_ = processor_.Decode(damaged, context);
    processor_.Merge();  // of a refused request as well: there is nothing in it
    EXPECT_EQ(processor_.batch().counts().profiles - counts.profiles,
              report_.outcome == Outcome::kAccepted ? report_.profiles_accepted() : 0);
    EXPECT_EQ(processor_.Decode(after_).outcome, Outcome::kAccepted);
    processor_.Merge();
    SealedBatch batch = processor_.Seal();
    const EncodeResult result = Encode(batch, {});
    std::string bytes(result.messages.at(0).bytes);
    processor_.Recycle(std::move(batch));
    return bytes;
  }

  // Both know rows that the damaged request is about.
  const std::string before_ = Serialize(SmallRequest());
  const std::string after_ = Serialize(Neighbours());
  Processor processor_{ProcessorOptions{}};
  DecodeReport report_;
  const std::string undisturbed_;
  Counts counts_;
};

TEST(DamageTest, TheOpenBatchTakesWhatIsGoodAndNothingElse) {
  for (const std::string& bytes : {Serialize(Inline()), Serialize(ByReference()), InAnyStyle()}) {
    OpenBatch batch;
    ForEachDamage(bytes, [&](const std::string& damaged) {
      batch.Show(damaged, {.known_dialect = Dialect::kV1_10});
    });
    EXPECT_GT(batch.counts().refused, 3'000);
    EXPECT_GT(batch.counts().partly, 200);
    EXPECT_GT(batch.counts().taken, 2'000);
  }
}

TEST(DamageTest, OlderDialectsHarmTheOpenBatchNoMore) {
  for (const Dialect dialect : {Dialect::kV1_8, Dialect::kV1_9}) {
    OpenBatch batch;
    ForEachDamage(Older(dialect), [&](const std::string& damaged) { batch.Show(damaged); });
    EXPECT_GT(batch.counts().refused, 3'000);
    EXPECT_GT(batch.counts().partly, 200);
    EXPECT_GT(batch.counts().taken, 2'000);
  }
}

TEST(DamageTest, LibprotobufAgreesOnEachDamage) {
  for (const std::string& bytes : {Serialize(Inline()), Serialize(ByReference()), InAnyStyle()}) {
    ForEachDamage(bytes, [](const std::string& damaged) {
      EXPECT_EQ(DisagreementWithProtobuf(damaged), "");
    });
  }
}

// What a damaged request of an older dialect says is what it says in the numbers of 1.10.
TEST(DamageTest, OlderDialectsAreReadLikeTheNewOne) {
  for (const Dialect dialect : {Dialect::kV1_8, Dialect::kV1_9}) {
    int compared = 0;
    ForEachDamage(Older(dialect), [&](const std::string& damaged) {
      const auto renumbered = Renumber(damaged, dialect, Dialect::kV1_10);
      if (!renumbered.ok()) return;  // no message at all, or one with groups
      ++compared;
      const Passage old = Pass(damaged, {}, {.known_dialect = dialect});
      const Passage same = Pass(*renumbered, {}, {.known_dialect = Dialect::kV1_10});
      EXPECT_EQ(old.report.outcome, same.report.outcome) << old.report.Message();
      EXPECT_EQ(old.report.profiles_rejected, same.report.profiles_rejected);
      EXPECT_EQ(old.merged, same.merged);
    });
    EXPECT_GT(compared, 6'000);
  }
}

}  // namespace
}  // namespace flameway
