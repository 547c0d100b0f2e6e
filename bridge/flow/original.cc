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
  const bool is_body = IsBodyIn(form);
  const int level = is_body ? 0 : form.level;
  for (const Made& made : made_) {
    if (made.codec == form.codec && made.level == level) return made.frame;
  }
  std::shared_ptr<ChargedFrame> charged = body_;
  if (is_body) {
    // Not shrunk, which would copy it: what it takes is charged instead.
    charged->lease.Resize(charged->frame.payload.capacity());
  } else {
    charged = std::make_shared<ChargedFrame>();
    std::string& payload = charged->frame.payload;
    if (!compressor.Compress(form.codec, form.level, message_, &payload).ok()) return nullptr;
    payload.shrink_to_fit();
    charged->lease = ledger.Charge(payload.size());
  }
  Complete(*charged, form.codec, counts);
  made_.push_back({form.codec, level, ChargedFrame::Share(std::move(charged))});
  return made_.back().frame;
}

void Original::Complete(ChargedFrame& charged, Codec codec, const FrameCounts& counts) const {
  Frame& frame = charged.frame;
  FillRandom(frame.id.data(), frame.id.size());
  frame.codec = codec;
  frame.uncompressed_bytes = message_.size();
  frame.counts = counts;
  frame.samples_out = counts.samples;
}

}  // namespace flameway
