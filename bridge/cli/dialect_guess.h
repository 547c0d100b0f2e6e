// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "processor/request/decode_report.h"
#include "processor/request/request.h"

namespace flameway {

// What a message whose samples do not tell their dialect is read as: what the last message of the
// same file was certain of, else what the user said. A file stands for one connection.
class DialectGuess {
 public:
  explicit DialectGuess(Dialect assumed) : assumed_(assumed), current_(assumed) {}

  [[nodiscard]] DecodeContext context() const { return {.assumed_dialect = current_}; }
  void Learn(const DecodeReport& report) {
    if (report.samples_received > 0 && !report.dialect_ambiguous && !report.dialect_conflict) {
      current_ = report.dialect;
    }
  }
  void StartFile() { current_ = assumed_; }

 private:
  Dialect assumed_;
  Dialect current_;
};

}  // namespace flameway
