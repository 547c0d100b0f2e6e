// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

#include "bridge/compress/decompressor.h"

namespace flameway {

// The one place where memory for decompressed bytes is taken. Decoders write into the room behind
// what is done; the string never grows past `bound`, whatever a header states.
//
// Growing a large string could hold old and new at once. Here room is first reserved, which takes
// address space only, then handed out in pieces that std::string zeroes just before they are
// written. Capacity grows fourfold; what would pass kDirectBytes is reserved up to the bound at
// once and never moved again. So resident memory peaks at the output plus about kDirectBytes
// (measured by decompress_limits_test), and a list of pieces, with its second copy, is not needed.
// Bytes left over in *text from an earlier use are overwritten without being zeroed again.
class BoundedOutput {
 public:
  // *text must outlive this. Its content is replaced, its capacity kept. `beyond` is the error of
  // an output that would be longer than `bound`.
  BoundedOutput(std::string* text, size_t bound, DecompressError beyond)
      : text_(text), bound_(bound), beyond_(beyond) {
    if (text_->size() > bound_) text_->resize(bound_);
  }
  BoundedOutput(const BoundedOutput&) = delete;
  BoundedOutput& operator=(const BoundedOutput&) = delete;

  [[nodiscard]] DecompressError beyond() const { return beyond_; }
  [[nodiscard]] size_t left() const { return bound_ - done_; }

  // A guess at the total; more than the bound is cut to it.
  void Expect(size_t total) {
    if (std::min(total, bound_) > text_->capacity()) Reserve(std::min(total, bound_));
  }

  // Room for at least `wanted` more bytes, or for all that the bound leaves. Invalidates earlier
  // room, keeps what is committed.
  [[nodiscard]] std::span<char> Room(size_t wanted) {
    const size_t end = done_ + std::min(wanted, left());
    if (end > text_->capacity()) Reserve(std::max({end, kFirstBytes, text_->capacity() * 4}));
    if (end > text_->size()) text_->resize(end);
    return {text_->data() + done_, text_->size() - done_};
  }

  // The first `bytes` of the room are output now.
  void Commit(size_t bytes) { done_ += bytes; }

  // Cuts the string to what was committed.
  void Finish() { text_->resize(done_); }

 private:
  static constexpr size_t kFirstBytes = size_t{64} << 10;
  static constexpr size_t kDirectBytes = size_t{2} << 20;

  void Reserve(size_t capacity) {
    text_->resize(done_);  // only what is done is worth the copy
    text_->reserve(capacity > kDirectBytes ? bound_ : std::min(capacity, bound_));
  }

  std::string* const text_;
  const size_t bound_;
  const DecompressError beyond_;
  size_t done_ = 0;
};

}  // namespace flameway
