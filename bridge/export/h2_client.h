// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "bridge/export/h2_connection.h"
#include "bridge/export/h2_exchange.h"

namespace flameway {

// Keeps one connection to one peer and opens a new one when it is gone. One thread, no thread of
// its own.
class H2Client {
 public:
  using Deadline = H2Connection::Deadline;

  explicit H2Client(H2ConnectionOptions options);

  // One exchange. Blocks until `deadline` (plus a name lookup, see Socket::Connect). A request that
  // a kept connection refused before beginning with it goes once more, at once, over a new one:
  // peers that limit the age of connections do so as a matter of course, and it is no failure of
  // the destination.
  [[nodiscard]] H2Reply Call(const H2Request& request, Deadline deadline);

 private:
  const H2ConnectionOptions options_;
  std::unique_ptr<H2Connection> connection_;
};

}  // namespace flameway
