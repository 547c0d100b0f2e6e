// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace flameway {

// The candidate a person most likely meant by `name`: fewest edits (insert, delete, replace, swap
// of neighbours), at most a third of the longer name. Case and the difference of '-' and '_' cost
// nothing. "" if none is near.
[[nodiscard]] std::string NearestName(std::string_view name,
                                      std::span<const std::string> candidates);

// "did you mean `x`?", or "" if nothing is near.
[[nodiscard]] std::string DidYouMean(std::string_view name,
                                     std::span<const std::string> candidates);

}  // namespace flameway
