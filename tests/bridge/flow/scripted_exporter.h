// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bridge/export/exporter.h"
#include "bridge/observe/mutex.h"

namespace flameway {

// What a destination in memory is told to do and what it got. Outlives the exporters made from it.
// Any thread.
class Destination {
 public:
  using Script = std::function<Delivery(const Frame&)>;

  // Called for each attempt, from many threads at once; without one, everything is delivered.
  void set_script(Script script);
  void set_start_status(absl::Status status) { start_status_ = std::move(status); }
  void set_wire_form(const WireForm& form) { form_ = form; }

  // While the gate is shut, attempts wait in it.
  void ShutGate();
  void OpenGate();
  // Attempts wait until they are cancelled, and say so with kRetry.
  void HangAttempts();
  // Waits until this many attempts were begun.
  void AwaitAttempts(size_t count);

  [[nodiscard]] std::vector<Frame> delivered() const;
  [[nodiscard]] FrameCounts delivered_counts() const;
  [[nodiscard]] size_t attempts() const;
  [[nodiscard]] int stops() const;

  [[nodiscard]] std::unique_ptr<Exporter> MakeExporter();

 private:
  friend class ScriptedLane;
  friend class ScriptedExporter;
  Delivery Attempt(const Frame& frame);

  WireForm form_;
  absl::Status start_status_;
  mutable Mutex mutex_;
  CondVar changed_;
  Script script_ ABSL_GUARDED_BY(mutex_);
  bool gate_shut_ ABSL_GUARDED_BY(mutex_) = false;
  bool hanging_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  size_t attempts_ ABSL_GUARDED_BY(mutex_) = 0;
  int stops_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Frame> delivered_ ABSL_GUARDED_BY(mutex_);
};

[[nodiscard]] Delivery Delivered();
[[nodiscard]] Delivery Retry();
[[nodiscard]] Delivery Permanent();

}  // namespace flameway
