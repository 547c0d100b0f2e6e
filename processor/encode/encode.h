// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "processor/batch/batch.h"
#include "processor/encode/row_order.h"
#include "processor/model/buffer.h"

namespace flameway {

struct EncodeOptions {
  // What is compressed next is best sorted.
  RowOrder row_order = RowOrder::kByUse;
  // Write the strings of resource and scope attributes as references into the string table
  // (OTLP 1.10+).
  bool attribute_references = false;
  // Upper bound of each message. A larger batch is split by profiles, then by samples, each part
  // with a dictionary of its own. 0: no bound.
  size_t max_message_bytes = 0;
  // Upper bound of the samples in each message, split in the same way. 0: no bound.
  size_t max_message_samples = 0;
};

struct EncodedMessage {
  std::string_view bytes;  // an ExportProfilesServiceRequest, OTLP 1.10+; stands in `storage`
  std::unique_ptr<char[]> storage;
  size_t capacity = 0;       // of storage
  uint64_t profiles_in = 0;  // accepted profiles and samples it stands for; parts sum to the batch
  uint64_t samples_in = 0;
  uint64_t samples_out = 0;  // samples in it
};

struct EncodeResult {
  std::vector<EncodedMessage> messages;
  // What even one sample alone could not get below max_message_bytes; counted by the caller as
  // dropped.
  uint64_t oversize_profiles = 0;
  uint64_t oversize_samples = 0;
};

// What an encoder works in.
struct EncoderMemory {
  Buffer<uint32_t> set;     // attributes of a row
  Buffer<uint64_t> frames;  // packed number by location
};

// Encodes one batch after the other. One thread; what comes out does not depend on what was encoded
// before. Linear in the size of the batch, n log n when sorted (times the logarithm of the number
// of parts when split).
//
// Memory belongs to two: the encoder keeps what it works in (see RowSorter), the caller the result,
// which is written into the memory it holds from the last time. So with both kept, batches of the
// same kind ask for none. Exceptions, which do: the resolved strings of attribute_references, and
// splitting, which sends the batch through the core again. A caller that keeps the result keeps
// encoded_bytes_bound() of address space, of which only what was written is memory.
class Encoder {
 public:
  Encoder() = default;

  void Encode(const SealedBatch& batch, const EncodeOptions& options, EncodeResult* result);
  // Without the result.
  [[nodiscard]] size_t memory_bytes() const {
    return sorter_.memory_bytes() + memory_.set.capacity_bytes() + memory_.frames.capacity_bytes();
  }

 private:
  EncodedMessage EncodeWhole(const BatchContent& content, const EncodeOptions& options,
                             EncodedMessage memory);

  RowSorter sorter_;
  EncoderMemory memory_;
};

// By an encoder of its own.
[[nodiscard]] EncodeResult Encode(const SealedBatch& batch, const EncodeOptions& options);

}  // namespace flameway
