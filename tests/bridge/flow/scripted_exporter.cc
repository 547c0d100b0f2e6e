// SPDX-License-Identifier: Apache-2.0
#include "tests/bridge/flow/scripted_exporter.h"

#include <utility>

namespace flameway {

class ScriptedLane final : public ExportLane {
 public:
  explicit ScriptedLane(Destination& destination) : destination_(destination) {}
  Delivery Deliver(const Frame& frame) override { return destination_.Attempt(frame); }

 private:
  Destination& destination_;
};

class ScriptedExporter final : public Exporter {
 public:
  explicit ScriptedExporter(Destination& destination) : destination_(destination) {}
  WireForm wire_form() const override { return destination_.form_; }
  absl::Status Start() override { return destination_.start_status_; }
  std::unique_ptr<ExportLane> OpenLane() override {
    return std::make_unique<ScriptedLane>(destination_);
  }
  void Cancel() override {
    const MutexLock lock(destination_.mutex_);
    destination_.cancelled_ = true;
    destination_.changed_.NotifyAll();
  }
  void Stop() override {
    const MutexLock lock(destination_.mutex_);
    ++destination_.stops_;
  }

 private:
  Destination& destination_;
};

std::unique_ptr<Exporter> Destination::MakeExporter() {
  return std::make_unique<ScriptedExporter>(*this);
}

Delivery Destination::Attempt(const Frame& frame) {
  Script script;
  {
    const MutexLock lock(mutex_);
    ++attempts_;
    changed_.NotifyAll();
    while (gate_shut_) changed_.Wait(mutex_);
    if (hanging_) {
      while (!cancelled_) changed_.Wait(mutex_);
      return Retry();
    }
    script = script_;
  }
  Delivery delivery = script ? script(frame) : Delivered();
  if (delivery.outcome == Delivery::Outcome::kDelivered) {
    const MutexLock lock(mutex_);
    delivered_.push_back(frame);
  }
  return delivery;
}

void Destination::set_script(Script script) {
  const MutexLock lock(mutex_);
  script_ = std::move(script);
}

void Destination::ShutGate() {
  const MutexLock lock(mutex_);
  gate_shut_ = true;
}

void Destination::OpenGate() {
  const MutexLock lock(mutex_);
  gate_shut_ = false;
  changed_.NotifyAll();
}

void Destination::HangAttempts() {
  const MutexLock lock(mutex_);
  hanging_ = true;
  cancelled_ = false;
}

void Destination::AwaitAttempts(size_t count) {
  const MutexLock lock(mutex_);
  while (attempts_ < count) changed_.Wait(mutex_);
}

std::vector<Frame> Destination::delivered() const {
  const MutexLock lock(mutex_);
  return delivered_;
}

FrameCounts Destination::delivered_counts() const {
  FrameCounts counts;
  for (const Frame& frame : delivered()) counts += frame.counts;
  return counts;
}

size_t Destination::attempts() const {
  const MutexLock lock(mutex_);
  return attempts_;
}

int Destination::stops() const {
  const MutexLock lock(mutex_);
  return stops_;
}

Delivery Delivered() { return {}; }

Delivery Retry() {
  return {.outcome = Delivery::Outcome::kRetry, .code = "UNAVAILABLE", .message = "try later"};
}

Delivery Permanent() {
  return {.outcome = Delivery::Outcome::kPermanent, .code = "INVALID", .message = "never"};
}

}  // namespace flameway
