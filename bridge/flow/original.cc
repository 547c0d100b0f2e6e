// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/original.h"

#include <utility>

#include "bridge/flow/random_bytes.h"

namespace flameway {

Original::Original(std::string body, Codec codec, Lease lease)
    : codec_(codec), body_(std::make_shared<ChargedFrame>()) {
  body_->frame.payload = std::move(body);
  body_->lease = std::move(lease);
  if (codec == Codec::kNone) message_ = body_->frame.payload;
}

bool Original::GiveUpBody() {
  if (codec_ == Codec::kNone || body_ == nullptr) return false;
  body_.reset();
  return true;
}

std::shared_ptr<const Frame> Original::FrameFor(const WireForm& form, const FrameCounts& counts,
                                                Compressor& compressor, Ledger& ledger) {
  std::shared_ptr<ChargedFrame> charged;
  if (IsBodyIn(form) && !body_is_taken_) {
    body_is_taken_ = true;
    charged = body_;
    // Not shrunk, which would copy it: what it takes is charged instead.
    charged->lease.Resize(charged->frame.payload.capacity());
  } else {
    charged = std::make_shared<ChargedFrame>();
    std::string& payload = charged->frame.payload;
    if (IsBodyIn(form)) {
      payload = body();
    } else if (!compressor.Compress(form.codec, form.level, message_, &payload).ok()) {
      return nullptr;
    }
    payload.shrink_to_fit();
    charged->lease = ledger.Charge(payload.size());
  }
  Frame& frame = charged->frame;
  FillRandom(frame.id.data(), frame.id.size());
  frame.codec = form.codec;
  frame.uncompressed_bytes = message_.size();
  frame.counts = counts;
  frame.samples_out = counts.samples;
  return ChargedFrame::Share(std::move(charged));
}

}  // namespace flameway
