// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "bridge/compress/codec.h"
#include "bridge/compress/compressor.h"
#include "bridge/export/exporter.h"
#include "bridge/flow/charged_frame.h"
#include "bridge/flow/ledger.h"
#include "bridge/queue/frame.h"

namespace flameway {

// A request as it came, in the hands of its shard: owns the body with its charge, and makes the
// frames of pipelines that pass requests on as they are. The first frame in the body's own codec is
// the body itself; copies are made for further ones, because each has an id of its own.
//
// It ends before the request is answered; frames that were made live on. One thread.
class Original {
 public:
  // `lease` is the body's.
  Original(std::string body, Codec codec, Lease lease);
  Original(const Original&) = delete;
  Original& operator=(const Original&) = delete;

  // As it arrived; empty once given up.
  [[nodiscard]] std::string_view body() const {
    return body_ == nullptr ? std::string_view() : body_->frame.payload;
  }
  [[nodiscard]] Codec codec() const { return codec_; }
  // The uncompressed message. Stays in place as long as this.
  [[nodiscard]] std::string_view message() const { return message_; }
  // What the body decompresses to, for a body that is compressed. Borrowed.
  void set_message(std::string_view message) { message_ = message; }
  // A compressed body is freed, before any frame was made; frames are then made of the message.
  // False: there was none to give up.
  bool GiveUpBody();

  // Whether a frame of this form would be the body as it is.
  [[nodiscard]] bool IsBodyIn(const WireForm& form) const {
    return body_ != nullptr && IsBodyOf(codec_, form);
  }
  // For a body of `codec`: it fits a form that asks for no level but the default, whichever the
  // sender chose.
  [[nodiscard]] static bool IsBodyOf(Codec codec, const WireForm& form) {
    return form.codec == codec && LevelOf(form) == DefaultLevel(codec);
  }
  // A frame of the message in the form's codec; null when the compressor has no memory.
  [[nodiscard]] std::shared_ptr<const Frame> FrameFor(const WireForm& form,
                                                      const FrameCounts& counts,
                                                      Compressor& compressor, Ledger& ledger);

 private:
  // 0 for codecs that have none.
  [[nodiscard]] static int LevelOf(const WireForm& form) {
    const int usual = DefaultLevel(form.codec);
    return usual == 0 || form.level == 0 ? usual : form.level;
  }

  const Codec codec_;
  std::shared_ptr<ChargedFrame> body_;  // not to be changed once it was taken
  bool body_is_taken_ = false;
  std::string_view message_;
};

}  // namespace flameway
