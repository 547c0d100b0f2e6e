// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "bridge/observe/mutex.h"
#include "bridge/queue/frame.h"
#include "bridge/queue/queue_options.h"

namespace flameway {

// A frame and the way it came. Frames are shared because several exporters hold the same bytes for
// different times.
struct QueuedFrame {
  std::shared_ptr<const Frame> frame;
  size_t route =
      0;  // given back as it was pushed; tells the consumer which pipeline the frame belongs to
};

// Frames between the shards and the consumers of one exporter. Any thread. Bounded in units of the
// sizer; a frame counts from Push until Done, so what is being delivered is part of the bound.
//
// Invariants: 1. frames leave in the order of their Push. 2. size() <= capacity(). 3. after Close
// nothing enters, and what is inside can still be popped.
class MemoryQueue {
 public:
  enum class PushResult : uint8_t {
    kAccepted,
    kFull,    // no room, or the frame alone is larger than the queue
    kClosed,  // also when the queue was closed while Push waited for room
  };

  explicit MemoryQueue(const QueueOptions& options);
  MemoryQueue(const MemoryQueue&) = delete;
  MemoryQueue& operator=(const MemoryQueue&) = delete;

  // Waits for room with block_on_overflow, else never.
  [[nodiscard]] PushResult Push(QueuedFrame queued);
  // Waits for a frame. nullopt: the queue is closed and empty. Each frame popped must be given to
  // Done once.
  [[nodiscard]] std::optional<QueuedFrame> Pop();
  // Frees the room of a popped frame.
  void Done(const QueuedFrame& queued);

  void Close();
  // Takes out what no consumer has popped yet; their room is free at once. For shutdown deadlines.
  [[nodiscard]] std::vector<QueuedFrame> TakeAll();

  // In units of the sizer.
  [[nodiscard]] size_t size() const;
  [[nodiscard]] size_t capacity() const { return options_.queue_size; }

 private:
  [[nodiscard]] size_t SizeOf(const QueuedFrame& queued) const;

  const QueueOptions options_;

  mutable Mutex mutex_;
  CondVar not_empty_;
  CondVar has_room_;
  std::deque<QueuedFrame> frames_ ABSL_GUARDED_BY(mutex_);
  size_t size_ ABSL_GUARDED_BY(mutex_) = 0;  // waiting and popped but not done
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace flameway
