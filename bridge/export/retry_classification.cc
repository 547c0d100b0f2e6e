// SPDX-License-Identifier: Apache-2.0
#include "bridge/export/retry_classification.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace flameway {
namespace {

enum class Verdict : uint8_t { kDelivered, kRetry, kRetryIfHinted, kPermanent };

struct Row {
  RpcCode code;
  Verdict verdict;
};

constexpr std::array<Row, 17> kTable = {{
    {RpcCode::kOk, Verdict::kDelivered},
    {RpcCode::kCancelled, Verdict::kRetry},
    {RpcCode::kUnknown, Verdict::kPermanent},
    {RpcCode::kInvalidArgument, Verdict::kPermanent},
    {RpcCode::kDeadlineExceeded, Verdict::kRetry},
    {RpcCode::kNotFound, Verdict::kPermanent},
    {RpcCode::kAlreadyExists, Verdict::kPermanent},
    {RpcCode::kPermissionDenied, Verdict::kPermanent},
    {RpcCode::kResourceExhausted, Verdict::kRetryIfHinted},
    {RpcCode::kFailedPrecondition, Verdict::kPermanent},
    {RpcCode::kAborted, Verdict::kRetry},
    {RpcCode::kOutOfRange, Verdict::kRetry},
    {RpcCode::kUnimplemented, Verdict::kPermanent},
    {RpcCode::kInternal, Verdict::kPermanent},
    {RpcCode::kUnavailable, Verdict::kRetry},
    {RpcCode::kDataLoss, Verdict::kRetry},
    {RpcCode::kUnauthenticated, Verdict::kPermanent},
}};

constexpr bool RowsStandAtTheirCodes() {
  for (size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<size_t>(kTable[i].code) != i) return false;
  }
  return true;
}
static_assert(RowsStandAtTheirCodes());

}  // namespace

Delivery::Outcome ClassifyRpc(RpcCode code, RetryHint hint) {
  const auto index = static_cast<size_t>(code);
  const Verdict verdict = index < kTable.size() ? kTable[index].verdict : Verdict::kPermanent;
  switch (verdict) {
    case Verdict::kDelivered:
      return Delivery::Outcome::kDelivered;
    case Verdict::kRetry:
      return Delivery::Outcome::kRetry;
    case Verdict::kRetryIfHinted:
      return hint == RetryHint::kGiven ? Delivery::Outcome::kRetry : Delivery::Outcome::kPermanent;
    case Verdict::kPermanent:
      break;
  }
  return Delivery::Outcome::kPermanent;
}

Delivery::Outcome ClassifyHttp(int status) {
  if (status >= 200 && status <= 299) return Delivery::Outcome::kDelivered;
  switch (status) {
    case 429:
    case 502:
    case 503:
    case 504:
      return Delivery::Outcome::kRetry;
    default:
      return Delivery::Outcome::kPermanent;
  }
}

}  // namespace flameway
