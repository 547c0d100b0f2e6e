// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flameway {

enum class ComponentKind : uint8_t { kReceiver, kProcessor, kExporter, kExtension };

// What a component type is to us.
enum class ComponentStanding : uint8_t {
  kSupported,
  kForeign,  // the Collector or its contrib distribution has it, we have it not yet
  kIgnored,  // an extension that serves debugging of the Collector itself: accepted, not started
  kUnknown,
};

[[nodiscard]] ComponentStanding StandingOf(ComponentKind kind, std::string_view type);
// The present name of a type known under an old one, else "".
[[nodiscard]] std::string_view CurrentName(ComponentKind kind, std::string_view type);
// Names to suggest: supported first, then foreign.
[[nodiscard]] std::vector<std::string> KnownTypes(ComponentKind kind);

[[nodiscard]] std::string_view KindName(ComponentKind kind);     // "exporter"
[[nodiscard]] std::string_view SectionName(ComponentKind kind);  // "exporters"

}  // namespace flameway
