// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "opentelemetry/proto/collector/profiles/v1development/profiles_service.pb.h"

// Short names for the generated messages, apart from the product's own nouns.
namespace flameway::schema {

namespace common = opentelemetry::proto::common::v1;
namespace profiles = opentelemetry::proto::profiles::v1development;
namespace service = opentelemetry::proto::collector::profiles::v1development;

using common::AnyValue;
using common::EntityRef;
using common::InstrumentationScope;
using common::KeyValue;
using opentelemetry::proto::resource::v1::Resource;
using profiles::Function;
using profiles::KeyValueAndUnit;
using profiles::Line;
using profiles::Link;
using profiles::Location;
using profiles::Mapping;
using profiles::Profile;
using profiles::ProfilesDictionary;
using profiles::ResourceProfiles;
using profiles::Sample;
using profiles::ScopeProfiles;
using profiles::Stack;
using profiles::ValueType;
using service::ExportProfilesServiceRequest;
using service::ExportProfilesServiceResponse;

}  // namespace flameway::schema
