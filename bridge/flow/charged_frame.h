// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "bridge/flow/ledger.h"
#include "bridge/queue/frame.h"

namespace flameway {

// A frame and the memory it stands for, released together by whoever drops the last reference.
struct ChargedFrame {
  Frame frame;
  Lease lease;

  // The frame as others see it; it keeps both alive.
  [[nodiscard]] static std::shared_ptr<const Frame> Share(std::shared_ptr<ChargedFrame> charged) {
    const Frame* const frame = &charged->frame;
    return {std::move(charged), frame};
  }
};

}  // namespace flameway
