// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "processor/model/fingerprint.h"
#include "processor/model/limits.h"
#include "processor/request/collected_lists.h"
#include "processor/request/columns.h"
#include "processor/request/decode_report.h"
#include "processor/request/origins.h"
#include "processor/request/scratch.h"
#include "processor/request/table_index.h"
#include "proto/otlp/dialect.h"
#include "proto/wire/instructions.h"

namespace flameway {

struct RequestOptions {
  RequestLimits limits;
  FingerprintSecret secret;
  Fingerprinter::Hash hash = Fingerprinter::Best();  // all that meet in a batch share it too
  // Of a machine, for tests that it has not; the same is decoded.
  wire::Instructions instructions = wire::Instructions::OfThisMachine();
  // Which dialects are taken; others are refused with schema_not_accepted.
  bool accept_1_8 = true;
  bool accept_1_9 = true;
  bool accept_1_10 = true;
};

struct DecodeContext {
  // Set when the dialect is certain beforehand; the request is then not asked.
  std::optional<Dialect> known_dialect = std::nullopt;
  // What samples that read both ways are taken for: the last certain dialect of the same
  // connection, or the listener's default.
  Dialect assumed_dialect = Dialect::kV1_10;
};

// One request on its way in: columns of views into its bytes, every index checked, every limit
// kept, each profile with its verdict. Knows no batch. One thread; reused from request to request,
// so that steady traffic allocates nothing. Cost: linear in the bytes; memory: the columns, bounded
// by RequestLimits::max_elements.
class Request {
 public:
  explicit Request(const RequestOptions& options);

  // Decodes one uncompressed ExportProfilesServiceRequest or ProfilesData (the bytes are
  // interchangeable). `bytes` must stay in place as long as the columns are read. A refusal leaves
  // empty columns. The report lives until the next Decode.
  const DecodeReport& Decode(std::string_view bytes, const DecodeContext& context = {});

  [[nodiscard]] const DecodeReport& report() const { return report_; }
  // The rows and profiles, those with a reason included; a batch skips these. Empty unless
  // report().outcome is kAccepted.
  [[nodiscard]] const RequestColumns& columns() const { return columns_; }
  [[nodiscard]] const Fingerprinter& fingerprinter() const { return fingerprinter_; }
  // Whether any decoder of OTLP 1.10 reads in the bytes what the columns say, so that they may be
  // passed on as they are: the whole request was taken, as 1.10, and nothing in it was repaired,
  // unknown, contradictory, in pieces, a reference to a string in place of it, or bad, not even
  // what nobody refers to. Duplicate and unused rows are no flaw.
  [[nodiscard]] bool is_flawless() const { return flawless_; }
  // Upper bound of what merging this request adds to an encoded batch.
  [[nodiscard]] size_t encoded_bytes_bound() const { return encoded_bytes_bound_; }
  // Held for this request and the next ones.
  [[nodiscard]] size_t memory_bytes() const {
    return columns_.capacity_bytes() + index_.capacity_bytes() +
           profile_messages_.capacity() * sizeof(std::string_view) + origins_.capacity_bytes() +
           scratch_.capacity_bytes() + index_list_.capacity_bytes() + text_.capacity() +
           collected_.capacity_bytes();
  }

#ifdef FLAMEWAY_CHECKED
  Fingerprinter& fingerprinter_for_test() { return fingerprinter_; }
#endif

 private:
  bool DecodeWith(std::string_view bytes, const DecodeContext& context);
  bool DecodeInto(Decoder& decoder, const DecodeContext& context);
  void SettleVerdicts();
  // What is_flawless() asks beside what DecodeInto saw on its way.
  [[nodiscard]] bool NothingWasAmiss() const;

  RequestOptions options_;
  Fingerprinter fingerprinter_;
  DecodeReport report_;
  Scratch scratch_;
  TableIndex index_;
  OriginsScratch origins_;
  std::vector<std::string_view> profile_messages_;
  // Lent to the decoder of each request.
  Buffer<uint32_t> index_list_;
  std::string text_;
  CollectedLists collected_;
  RequestColumns columns_;
  size_t encoded_bytes_bound_ = 0;
  bool flawless_ = false;
};

}  // namespace flameway
