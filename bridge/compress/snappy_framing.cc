// SPDX-License-Identifier: Apache-2.0
#include "bridge/compress/snappy_framing.h"

#include <snappy.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "bridge/compress/crc32c.h"

namespace flameway {
namespace {

constexpr uint8_t kCompressed = 0x00;
constexpr uint8_t kPlain = 0x01;
constexpr uint8_t kFirstSkippable = 0x80;
constexpr uint8_t kIdentifier = 0xFF;
constexpr std::string_view kIdentifierBody = "sNaPpY";

constexpr size_t kHeaderBytes = 4;
constexpr size_t kChecksumBytes = 4;
constexpr size_t kMaxBlockBytes = size_t{64} << 10;

uint32_t MaskedChecksum(std::string_view decoded) {
  return std::rotr(Crc32c(decoded), 15) + 0xA282EAD8;
}

void PutLittleEndian(uint32_t value, size_t bytes, char* to) {
  for (size_t i = 0; i < bytes; ++i) to[i] = static_cast<char>(value >> (8 * i));
}

uint32_t GetLittleEndian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[i - 1]);
  return value;
}

// A chunk that carries output; its bounds are checked, its content is not.
struct DataChunk {
  uint8_t type = kPlain;
  uint32_t checksum = 0;
  std::string_view body;
  size_t decoded_bytes = 0;
};

enum class ReadResult : uint8_t { kChunk, kEnd, kDamaged };

// Moves *rest behind the next data chunk, past all others.
ReadResult ReadDataChunk(std::string_view* rest, DataChunk* chunk) {
  while (!rest->empty()) {
    if (rest->size() < kHeaderBytes) return ReadResult::kDamaged;
    const auto type = static_cast<uint8_t>(rest->front());
    const size_t length = GetLittleEndian(rest->substr(1, 3));
    rest->remove_prefix(kHeaderBytes);
    if (rest->size() < length) return ReadResult::kDamaged;
    std::string_view body = rest->substr(0, length);
    rest->remove_prefix(length);
    if (type == kIdentifier) {
      if (body != kIdentifierBody) return ReadResult::kDamaged;
      continue;
    }
    if (type >= kFirstSkippable) continue;
    if (type > kPlain || length < kChecksumBytes) return ReadResult::kDamaged;
    chunk->type = type;
    chunk->checksum = GetLittleEndian(body.substr(0, kChecksumBytes));
    body.remove_prefix(kChecksumBytes);
    chunk->body = body;
    chunk->decoded_bytes = body.size();
    if (type == kCompressed &&
        !snappy::GetUncompressedLength(body.data(), body.size(), &chunk->decoded_bytes)) {
      return ReadResult::kDamaged;
    }
    return chunk->decoded_bytes <= kMaxBlockBytes ? ReadResult::kChunk : ReadResult::kDamaged;
  }
  return ReadResult::kEnd;
}

}  // namespace

void EncodeSnappy(std::string_view input, std::string* output) {
  const size_t blocks = (input.size() + kMaxBlockBytes - 1) / kMaxBlockBytes;
  const size_t overhead = kHeaderBytes + kChecksumBytes;
  const size_t most = kHeaderBytes + kIdentifierBody.size() +
                      blocks * (overhead + snappy::MaxCompressedLength(kMaxBlockBytes));
  if (output->size() < most) output->resize(most);
  char* to = output->data();

  *to = static_cast<char>(kIdentifier);
  PutLittleEndian(static_cast<uint32_t>(kIdentifierBody.size()), 3, to + 1);
  std::memcpy(to + kHeaderBytes, kIdentifierBody.data(), kIdentifierBody.size());
  to += kHeaderBytes + kIdentifierBody.size();

  for (; !input.empty(); input.remove_prefix(std::min(input.size(), kMaxBlockBytes))) {
    const std::string_view block = input.substr(0, kMaxBlockBytes);
    size_t stored = 0;
    snappy::RawCompress(block.data(), block.size(), to + overhead, &stored);
    uint8_t type = kCompressed;
    if (stored >= block.size() - block.size() / 8) {
      type = kPlain;
      stored = block.size();
      std::memcpy(to + overhead, block.data(), block.size());
    }
    *to = static_cast<char>(type);
    PutLittleEndian(static_cast<uint32_t>(kChecksumBytes + stored), 3, to + 1);
    PutLittleEndian(MaskedChecksum(block), kChecksumBytes, to + kHeaderBytes);
    to += overhead + stored;
  }
  output->resize(static_cast<size_t>(to - output->data()));
}

DecompressError DecodeSnappy(std::string_view input, BoundedOutput* output) {
  if (input.empty() || static_cast<uint8_t>(input.front()) != kIdentifier) {
    return DecompressError::kDamaged;
  }
  size_t total = 0;
  DataChunk chunk;
  std::string_view rest = input;
  while (true) {
    const ReadResult result = ReadDataChunk(&rest, &chunk);
    if (result == ReadResult::kDamaged) return DecompressError::kDamaged;
    if (result == ReadResult::kEnd) break;
    total += chunk.decoded_bytes;
    if (total > output->left()) return output->beyond();
  }

  output->Expect(total);
  rest = input;
  while (ReadDataChunk(&rest, &chunk) == ReadResult::kChunk) {
    char* const to = output->Room(chunk.decoded_bytes).data();
    if (chunk.type == kPlain) {
      std::memcpy(to, chunk.body.data(), chunk.decoded_bytes);
    } else if (!snappy::RawUncompress(chunk.body.data(), chunk.body.size(), to)) {
      return DecompressError::kDamaged;
    }
    if (MaskedChecksum({to, chunk.decoded_bytes}) != chunk.checksum) {
      return DecompressError::kDamaged;
    }
    output->Commit(chunk.decoded_bytes);
  }
  return DecompressError::kNone;
}

bool IsPlainSnappy(std::string_view input) {
  const size_t longest = kChecksumBytes + snappy::MaxCompressedLength(kMaxBlockBytes);
  input.remove_prefix(std::min(input.size(), kHeaderBytes + kIdentifierBody.size()));
  while (input.size() >= kHeaderBytes) {
    const auto type = static_cast<uint8_t>(input.front());
    const size_t length = GetLittleEndian(input.substr(1, 3));
    if (type > kPlain || length > longest || input.size() - kHeaderBytes < length) return false;
    input.remove_prefix(kHeaderBytes + length);
  }
  return input.empty();
}

}  // namespace flameway
