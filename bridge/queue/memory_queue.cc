// SPDX-License-Identifier: Apache-2.0
#include "bridge/queue/memory_queue.h"

#include <iterator>
#include <utility>

namespace flameway {

MemoryQueue::MemoryQueue(const QueueOptions& options) : options_(options) {}

size_t MemoryQueue::SizeOf(const QueuedFrame& queued) const {
  switch (options_.sizer) {
    case QueueOptions::Sizer::kRequests:
      return 1;
    case QueueOptions::Sizer::kItems:
      return queued.frame->counts.samples;
    case QueueOptions::Sizer::kBytes:
      return queued.frame->payload.size();
  }
  return 1;
}

MemoryQueue::PushResult MemoryQueue::Push(QueuedFrame queued) {
  const size_t size = SizeOf(queued);
  const MutexLock lock(mutex_);
  if (closed_) return PushResult::kClosed;
  if (size > options_.queue_size) return PushResult::kFull;
  while (size > options_.queue_size - size_) {
    if (!options_.block_on_overflow) return PushResult::kFull;
    has_room_.Wait(mutex_);
    if (closed_) return PushResult::kClosed;
  }
  size_ += size;
  frames_.push_back(std::move(queued));
  not_empty_.NotifyOne();
  return PushResult::kAccepted;
}

std::optional<QueuedFrame> MemoryQueue::Pop() {
  const MutexLock lock(mutex_);
  while (frames_.empty()) {
    if (closed_) return std::nullopt;
    not_empty_.Wait(mutex_);
  }
  QueuedFrame queued = std::move(frames_.front());
  frames_.pop_front();
  return queued;
}

void MemoryQueue::Done(const QueuedFrame& queued) {
  const MutexLock lock(mutex_);
  size_ -= SizeOf(queued);
  // All, not one: pushers wait for different amounts of room.
  has_room_.NotifyAll();
}

void MemoryQueue::Close() {
  const MutexLock lock(mutex_);
  closed_ = true;
  not_empty_.NotifyAll();
  has_room_.NotifyAll();
}

std::vector<QueuedFrame> MemoryQueue::TakeAll() {
  const MutexLock lock(mutex_);
  std::vector<QueuedFrame> taken(std::make_move_iterator(frames_.begin()),
                                 std::make_move_iterator(frames_.end()));
  frames_.clear();
  for (const QueuedFrame& queued : taken) size_ -= SizeOf(queued);
  has_room_.NotifyAll();
  return taken;
}

size_t MemoryQueue::size() const {
  const MutexLock lock(mutex_);
  return size_;
}

}  // namespace flameway
