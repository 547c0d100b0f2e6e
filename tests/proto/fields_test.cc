// SPDX-License-Identifier: Apache-2.0
// The constants of proto/otlp against the descriptors of proto/opentelemetry, in both directions.
#include "proto/otlp/fields.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "opentelemetry/proto/collector/profiles/v1development/profiles_service.pb.h"

namespace flameway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;
using opentelemetry::proto::collector::profiles::v1development::ExportProfilesServiceRequest;

struct Constant {
  std::string message;
  std::string field;
  uint32_t number;
};

std::vector<Constant> Constants() {
  return {
#define FLAMEWAY_FIELD(message, field, number) {#message, #field, otlp::message::field},
#include "proto/otlp/fields.def"
#undef FLAMEWAY_FIELD
  };
}

// The files a request is made of.
void AddFiles(const FileDescriptor* file, std::set<const FileDescriptor*>* files) {
  if (!files->insert(file).second) return;
  for (int i = 0; i < file->dependency_count(); ++i) AddFiles(file->dependency(i), files);
}

std::set<const FileDescriptor*> SchemaFiles() {
  std::set<const FileDescriptor*> files;
  AddFiles(ExportProfilesServiceRequest::descriptor()->file(), &files);
  return files;
}

const Descriptor* FindMessage(const std::string& name) {
  for (const FileDescriptor* file : SchemaFiles()) {
    if (const Descriptor* message = file->FindMessageTypeByName(name)) return message;
  }
  return nullptr;
}

TEST(FieldsTest, EveryConstantIsTheNumberInTheSchema) {
  ASSERT_FALSE(Constants().empty());
  for (const Constant& constant : Constants()) {
    const Descriptor* message = FindMessage(constant.message);
    ASSERT_NE(message, nullptr) << constant.message;
    const auto* field = message->FindFieldByName(constant.field);
    ASSERT_NE(field, nullptr) << constant.message << "." << constant.field;
    EXPECT_EQ(static_cast<uint32_t>(field->number()), constant.number)
        << constant.message << "." << constant.field;
  }
}

TEST(FieldsTest, EveryFieldOfTheSchemaHasItsConstant) {
  std::set<std::pair<std::string, std::string>> known;
  for (const Constant& constant : Constants()) known.insert({constant.message, constant.field});
  for (const FileDescriptor* file : SchemaFiles()) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      const Descriptor& message = *file->message_type(i);
      // Same fields as the request; never read by that name.
      if (message.name() == "ProfilesData") continue;
      for (int f = 0; f < message.field_count(); ++f) {
        EXPECT_TRUE(known.contains({message.name(), message.field(f)->name()}))
            << message.name() << "." << message.field(f)->name();
      }
    }
  }
}

TEST(FieldsTest, ProfilesDataReadsLikeTheRequest) {
  const Descriptor& request = *ExportProfilesServiceRequest::descriptor();
  const Descriptor& data = *FindMessage("ProfilesData");
  ASSERT_EQ(request.field_count(), data.field_count());
  for (int i = 0; i < request.field_count(); ++i) {
    EXPECT_EQ(request.field(i)->number(), data.field(i)->number());
    EXPECT_EQ(request.field(i)->message_type(), data.field(i)->message_type());
  }
}

TEST(FieldsTest, TheServiceHasItsName) {
  const auto& file = *ExportProfilesServiceRequest::descriptor()->file();
  ASSERT_EQ(file.service_count(), 1);
  EXPECT_EQ(file.service(0)->method(0)->full_name(),
            "opentelemetry.proto.collector.profiles.v1development.ProfilesService.Export");
}

}  // namespace
}  // namespace flameway
