// SPDX-License-Identifier: Apache-2.0
// Profiles as YAML that a person can read and write:
//
//   - resource: {service.name: shop, process.pid: 7}
//     scope: {name: agent, version: "1", attributes: {a: b}}
//     type: cpu/nanoseconds
//     period: 10 cpu/nanoseconds
//     time: 1000
//     duration: 50
//     attributes: {host: a}
//     samples:
//       - {stack: main;work, attributes: {thread.name: w}, values: [5], times: [1]}
//
// A list of profiles, each with the resource and scope it stands under (`resource_schema` and
// `scope_schema` are their schema URLs); what is not given is empty. A stack is the names of its
// frames, root first, joined by `;`, or a list of frames where one has more to say:
//
//   stack: [main, {name: work, system_name: _Z4workv, file: work.cc, start_line: 3, line: 5,
//                  type: native, mapping: /bin/app, address: 4096, attributes: {a: b},
//                  mapping_attributes: {c: d}}]
//
// `type` is the attribute profile.frame.type. A frame with `inlined: [inner, outer]` has several
// lines. Values of attributes are text, whole numbers, numbers with a point, true and false, null
// (no value), lists and maps.
#pragma once

#include <string>

#include "tests/support/schema.h"

namespace flameway {

// One request that says what `text` does, with a dictionary of its own. Ends the process with the
// place of the mistake when it cannot be read: it is part of a test.
[[nodiscard]] schema::ExportProfilesServiceRequest ReadProfileYaml(const std::string& text);

// The same for any request. Profiles, samples, attributes and points are sorted, so two requests
// that say the same have the same text; order, numbers and unused rows do not show. Left out:
// links, profile ids, payloads, units of attributes, entity references.
[[nodiscard]] std::string WriteProfileYaml(const schema::ExportProfilesServiceRequest& request);

// The lines in which two texts differ, with what stands around them; "" when they are equal.
[[nodiscard]] std::string LineDiff(const std::string& expected, const std::string& actual);

}  // namespace flameway
