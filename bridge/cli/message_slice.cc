// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/message_slice.h"

#include "proto/otlp/fields.h"
#include "proto/wire/reader.h"
#include "proto/wire/writer.h"

namespace flameway {
namespace {

using wire::Reader;
using wire::WireType;
using wire::Writer;

// The current field under another number. 32-bit fields and groups are in no dialect and are left
// out.
void Copy(const Reader& fields, uint32_t number, Writer* out) {
  switch (fields.type()) {
    case WireType::kVarint:
      out->VarintField(number, fields.value());
      return;
    case WireType::kFixed64:
      out->Fixed64Field(number, fields.value());
      return;
    case WireType::kBytes:
      out->BytesField(number, fields.bytes());
      return;
    case WireType::kFixed32:
    case WireType::kGroup:
      return;
  }
}

uint32_t Renumber(uint32_t field, const otlp::Numbering& numbering) {
  const uint32_t known = field < numbering.size() ? numbering[field] : otlp::kUnknownField;
  return known == otlp::kLegacyField ? uint32_t{otlp::kUnknownField} : known;
}

class Slicer {
 public:
  Slicer(Dialect dialect, const SliceOptions& options, MessageSlice* slice)
      : profile_numbering_(otlp::ProfileNumbering(dialect)),
        sample_numbering_(otlp::SampleNumbering(dialect)),
        options_(options),
        slice_(slice) {}

  void Request(std::string_view message) {
    Writer out(&slice_->bytes);
    Reader fields(message);
    while (fields.Next()) {
      if (IsMessage(fields, otlp::ExportProfilesServiceRequest::resource_profiles)) {
        std::string resource;
        if (ResourceProfiles(fields.bytes(), &resource)) {
          out.BytesField(fields.field(), resource);
        }
      } else if (IsMessage(fields, otlp::ExportProfilesServiceRequest::dictionary)) {
        out.BytesField(fields.field(), fields.bytes());
      }
    }
  }

 private:
  static bool IsMessage(const Reader& fields, uint32_t field) {
    return fields.field() == field && fields.type() == WireType::kBytes;
  }

  // Each returns whether anything chosen is inside.
  bool ResourceProfiles(std::string_view message, std::string* bytes) {
    bool chosen = !options_.profile.has_value();
    Writer out(bytes);
    Reader fields(message);
    while (fields.Next()) {
      if (!IsMessage(fields, otlp::ResourceProfiles::scope_profiles)) {
        Copy(fields, fields.field(), &out);
        continue;
      }
      std::string scope;
      if (!ScopeProfiles(fields.bytes(), &scope)) continue;
      out.BytesField(fields.field(), scope);
      chosen = true;
    }
    return chosen;
  }

  bool ScopeProfiles(std::string_view message, std::string* bytes) {
    bool chosen = !options_.profile.has_value();
    Writer out(bytes);
    Reader fields(message);
    while (fields.Next()) {
      if (!IsMessage(fields, otlp::ScopeProfiles::profiles)) {
        Copy(fields, fields.field(), &out);
        continue;
      }
      const size_t number = next_profile_++;
      if (options_.profile.value_or(number) != number) continue;
      std::string profile;
      Profile(fields.bytes(), &profile);
      out.BytesField(fields.field(), profile);
      chosen = true;
      ++slice_->profiles;
    }
    return chosen;
  }

  void Profile(std::string_view message, std::string* bytes) {
    Writer out(bytes);
    size_t next_sample = 0;
    size_t kept = 0;
    Reader fields(message);
    while (fields.Next()) {
      const uint32_t number = Renumber(fields.field(), profile_numbering_);
      if (number == otlp::kUnknownField) continue;
      if (number != otlp::Profile::samples || fields.type() != WireType::kBytes) {
        Copy(fields, number, &out);
        continue;
      }
      const size_t sample = next_sample++;
      if (options_.sample.value_or(sample) != sample) continue;
      if (options_.max_samples > 0 && kept == options_.max_samples) {
        ++slice_->samples_left_out;
        continue;
      }
      out.BytesField(number, Sample(fields.bytes()));
      ++kept;
    }
    slice_->samples += kept;
  }

  std::string Sample(std::string_view message) const {
    std::string bytes;
    Writer out(&bytes);
    Reader fields(message);
    while (fields.Next()) {
      const uint32_t number = Renumber(fields.field(), sample_numbering_);
      if (number != otlp::kUnknownField) Copy(fields, number, &out);
    }
    return bytes;
  }

  const otlp::Numbering& profile_numbering_;
  const otlp::Numbering& sample_numbering_;
  const SliceOptions& options_;
  MessageSlice* slice_;
  size_t next_profile_ = 0;
};

}  // namespace

MessageSlice SliceMessage(std::string_view message, Dialect dialect, const SliceOptions& options) {
  MessageSlice slice;
  Slicer(dialect, options, &slice).Request(message);
  return slice;
}

}  // namespace flameway
