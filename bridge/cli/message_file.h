// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "bridge/cli/message_framing.h"
#include "bridge/compress/codec.h"

namespace flameway {

// The content of a file that holds `messages`, compressed as a whole. Without a framing one message
// stands bare, several behind their lengths. kFailedPrecondition: several do not fit into a bare
// file. Each message is freed as it is packed.
[[nodiscard]] absl::StatusOr<std::string> PackMessages(std::vector<std::string> messages,
                                                       std::optional<Framing> framing, Codec codec);

// What the end of a file's name says: .zst, .gz, or neither.
[[nodiscard]] Codec CodecOfName(std::string_view path);

}  // namespace flameway
