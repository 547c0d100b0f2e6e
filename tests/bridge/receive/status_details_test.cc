// SPDX-License-Identifier: Apache-2.0
#include "bridge/receive/status_details.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace flameway {
namespace {

using std::chrono::milliseconds;

google::rpc::Status Parsed(const std::string& bytes) {
  google::rpc::Status status;
  EXPECT_TRUE(status.ParseFromString(bytes));
  return status;
}

TEST(StatusDetailsTest, CodeAndMessageReadBack) {
  const auto status = Parsed(EncodeStatusDetails({.code = 14, .message = "try later"}));
  EXPECT_EQ(status.code(), 14);
  EXPECT_EQ(status.message(), "try later");
  EXPECT_EQ(status.details_size(), 0);
  EXPECT_EQ(EncodeStatusDetails({}), "");
}

TEST(StatusDetailsTest, RetryInfoReadsBack) {
  for (const int64_t millis : {0, 1, 999, 1000, 1500, 30'000, 3'600'001}) {
    const auto status =
        Parsed(EncodeStatusDetails({.code = 14, .retry_delay = milliseconds(millis)}));
    ASSERT_EQ(status.details_size(), 1);
    google::rpc::RetryInfo info;
    ASSERT_TRUE(status.details(0).UnpackTo(&info));
    EXPECT_TRUE(info.has_retry_delay());
    EXPECT_EQ(info.retry_delay().seconds(), millis / 1000);
    EXPECT_EQ(info.retry_delay().nanos(), millis % 1000 * 1'000'000);
  }
}

TEST(StatusDetailsTest, BadRequestReadsBack) {
  const auto status = Parsed(EncodeStatusDetails(
      {.code = 3, .violations = {{"a.b[0]", "first"}, {std::string(300, 'f'), ""}}}));
  ASSERT_EQ(status.details_size(), 1);
  google::rpc::BadRequest bad;
  ASSERT_TRUE(status.details(0).UnpackTo(&bad));
  ASSERT_EQ(bad.field_violations_size(), 2);
  EXPECT_EQ(bad.field_violations(0).field(), "a.b[0]");
  EXPECT_EQ(bad.field_violations(0).description(), "first");
  EXPECT_EQ(bad.field_violations(1).field(), std::string(300, 'f'));
}

TEST(StatusDetailsTest, JsonIsProtobufsOwnMapping) {
  const StatusDetails cases[] = {
      {.code = 3, .message = "quote \" and\nline"},
      {.code = 14, .message = "later", .retry_delay = milliseconds(1050)},
      {.code = 3, .message = "bad", .violations = {{"x", "y"}, {"p[1]", "\\"}}},
  };
  for (const StatusDetails& details : cases) {
    google::rpc::Status from_json;
    ASSERT_TRUE(
        google::protobuf::util::JsonStringToMessage(StatusDetailsJson(details), &from_json).ok())
        << StatusDetailsJson(details);
    EXPECT_EQ(from_json.SerializeAsString(),
              Parsed(EncodeStatusDetails(details)).SerializeAsString());
  }
}

}  // namespace
}  // namespace flameway
