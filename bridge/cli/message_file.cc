// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/message_file.h"

#include <utility>

#include "bridge/compress/compressor.h"
#include "fmt/format.h"

namespace flameway {

absl::StatusOr<std::string> PackMessages(std::vector<std::string> messages,
                                         std::optional<Framing> framing, Codec codec) {
  if (framing == Framing::kBare && messages.size() > 1) {
    return absl::FailedPreconditionError(
        fmt::format("{} messages do not fit into one bare file; give --framing length-prefixed",
                    messages.size()));
  }
  std::string content;
  if (framing.value_or(messages.size() > 1 ? Framing::kLengthPrefixed : Framing::kBare) ==
      Framing::kBare) {
    if (!messages.empty()) content = std::move(messages.front());
  } else {
    for (std::string& message : messages) {
      AppendLengthPrefix(message.size(), &content);
      content += message;
      std::string().swap(message);
    }
  }
  if (codec == Codec::kNone) return content;
  std::string packed;
  Compressor compressor;
  if (absl::Status status = compressor.Compress(codec, 0, content, &packed); !status.ok()) {
    return absl::InternalError(status.message());
  }
  return packed;
}

Codec CodecOfName(std::string_view path) {
  if (path.ends_with(".zst")) return Codec::kZstd;
  if (path.ends_with(".gz")) return Codec::kGzip;
  return Codec::kNone;
}

}  // namespace flameway
