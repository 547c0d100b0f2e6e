// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/assembler.h"

#include <algorithm>
#include <string>
#include <utility>

#include "bridge/flow/charged_frame.h"
#include "bridge/flow/random_bytes.h"

namespace flameway {
namespace {

// A sealed batch leaves its memory, and that it was encoded in, to the next one, so that steady
// traffic asks for little; unless it was unusually large or memory is short.
constexpr size_t kKeptBytes = size_t{96} << 20;

// Sorting pays where a compressor finds what many requests have in common; of a single request it
// takes off 7 % and costs as much as compressing it.
RowOrder OrderFor(const WireForm& form, const std::optional<BatchPolicy>& policy) {
  switch (form.row_order) {
    case WireForm::RowOrder::kByUse:
      return RowOrder::kByUse;
    case WireForm::RowOrder::kSorted:
      return RowOrder::kSorted;
    case WireForm::RowOrder::kAuto:
      break;
  }
  return policy.has_value() && form.codec != Codec::kNone ? RowOrder::kSorted : RowOrder::kByUse;
}

size_t MaxMessageBytes(const WireForm& form, const std::optional<BatchPolicy>& policy) {
  const size_t by_policy = policy.has_value() ? policy->max_bytes : 0;
  if (by_policy == 0) return form.max_request_bytes;
  return form.max_request_bytes == 0 ? by_policy : std::min(form.max_request_bytes, by_policy);
}

}  // namespace

Assembler::Assembler(Pipeline& pipeline, Compressor& compressor, Ledger& ledger)
    : pipeline_(pipeline),
      compressor_(compressor),
      ledger_(ledger),
      batch_(pipeline.batch_options(), pipeline.NewChain()),
      encoder_(std::make_unique<Encoder>()),
      lease_(ledger.Charge(0)) {
  NoteMemory();
}

void Assembler::Add(const Request& request, Original* original, TimePoint now) {
  if (!HasRoom(request)) Seal(SealTrigger::kNoRoom);
  pipeline_.Owe(request.report().profiles_accepted());
  if (original != nullptr && pipeline_.forwards() && Forward(request, *original)) return;
  if (!is_open()) opened_ = now;
  const BatchCounts before = batch_.counts();
  batch_.Merge(request);
  const BatchCounts& after = batch_.counts();
  pipeline_.Filter({.profiles = after.dropped_profiles - before.dropped_profiles,
                    .samples = after.dropped_samples - before.dropped_samples});
  NoteMemory();
}

bool Assembler::MayForwardBody(Codec codec) const {
  return std::ranges::any_of(pipeline_.groups(), [&](const Pipeline::FormGroup& group) {
    return pipeline_.Forwards(group.form, 0) && Original::IsBodyOf(codec, group.form);
  });
}

bool Assembler::Forward(const Request& request, Original& original) {
  const FrameCounts counts = {.profiles = request.report().profiles_accepted(),
                              .samples = request.report().samples_accepted()};
  const auto& groups = pipeline_.groups();
  served_.assign(groups.size(), false);
  for (size_t i = 0; i < groups.size(); ++i) {
    const WireForm& form = groups[i].form;
    if (!pipeline_.Forwards(form, original.message().size())) continue;
    (original.IsBodyIn(form) ? pipeline_.forwarded_bodies : pipeline_.forwarded_messages).Add();
    Load(groups[i], original.FrameFor(form, counts, compressor_, ledger_), counts);
    served_[i] = true;
  }
  if (std::ranges::count(served_, false) > 0) return false;
  served_.clear();
  pipeline_.sealed[static_cast<size_t>(SealTrigger::kRequest)].Add();
  return true;
}

size_t Assembler::open_samples() const {
  return batch_.counts().samples - batch_.counts().dropped_samples;
}

bool Assembler::HasRoom(const Request& request) const {
  if (!is_open()) return true;
  const auto& policy = pipeline_.policy();
  // Each request is a batch of its own; `served_` speaks of one.
  if (!policy.has_value()) return false;
  if (!batch_.Fits(request)) return false;
  if (policy->send_batch_max_samples == 0) return true;
  return open_samples() + request.report().samples_accepted() <= policy->send_batch_max_samples;
}

void Assembler::NoteMemory() {
  const size_t before = lease_.bytes();
  const size_t after = batch_.memory_bytes();
  lease_.Resize(after + packing_bytes());
  pipeline_.open_batch_bytes.Add(after);
  pipeline_.open_batch_bytes.Subtract(before);
}

std::optional<TimePoint> Assembler::due() const {
  if (!is_open() || !pipeline_.policy().has_value()) return std::nullopt;
  return opened_ + pipeline_.policy()->timeout;
}

std::optional<SealTrigger> Assembler::DueTrigger(TimePoint now) const {
  if (!is_open()) return std::nullopt;
  const auto& policy = pipeline_.policy();
  if (!policy.has_value()) return SealTrigger::kRequest;
  if (policy->send_batch_samples > 0 && open_samples() >= policy->send_batch_samples) {
    return SealTrigger::kSamples;
  }
  if (policy->max_bytes > 0 && batch_.encoded_bytes_bound() >= policy->max_bytes) {
    return SealTrigger::kBytes;
  }
  if (now - opened_ >= policy->timeout) return SealTrigger::kAge;
  if (ledger_.above_soft_limit()) return SealTrigger::kMemory;
  return std::nullopt;
}

void Assembler::SealIfDue(TimePoint now) {
  if (const auto trigger = DueTrigger(now)) {
    Seal(*trigger);
  } else {
    Ship();
  }
}

void Assembler::Seal(SealTrigger trigger) {
  if (is_open()) {
    SealedBatch sealed = batch_.Seal();
    if (!sealed.empty()) {  // else transforms removed all that came
      pipeline_.sealed[static_cast<size_t>(trigger)].Add();
      const auto& groups = pipeline_.groups();
      served_.resize(groups.size());
      for (size_t i = 0; i < groups.size(); ++i) {
        if (!served_[i]) PackFor(groups[i], sealed);
      }
    }
    served_.clear();
    const size_t kept = batch_.memory_bytes() - batch_.remembered_bytes() + packing_bytes();
    if (kept <= kKeptBytes && ledger_.used() <= ledger_.soft_limit() / 2) {
      batch_.Recycle(std::move(sealed));
    } else {
      batch_.Shrink();
      encoder_ = std::make_unique<Encoder>();
      encoded_ = {};
    }
    NoteMemory();
  }
  Ship();
}

void Assembler::Ship() {
  // Those that may wait come last, so that they hold up nobody's frames of this batch.
  std::stable_partition(shipments_.begin(), shipments_.end(),
                        [](const Shipment& shipment) { return !shipment.drain->may_block(); });
  for (Shipment& shipment : shipments_) shipment.drain->Push(std::move(shipment.queued));
  shipments_.clear();
}

void Assembler::PackFor(const Pipeline::FormGroup& group, const SealedBatch& sealed) {
  const auto& policy = pipeline_.policy();
  const RowOrder order = OrderFor(group.form, policy);
  encoder_->Encode(sealed,
                   {.row_order = order,
                    .attribute_references = group.form.attribute_references,
                    .max_message_bytes = MaxMessageBytes(group.form, policy),
                    .max_message_samples = policy.has_value() ? policy->send_batch_max_samples : 0},
                   &encoded_);
  for (const EncodedMessage& message : encoded_.messages) {
    Load(group, MakeFrame(group.form, message, order),
         {.profiles = message.profiles_in, .samples = message.samples_in});
  }
  if (encoded_.oversize_profiles == 0 && encoded_.oversize_samples == 0) return;
  for (const Pipeline::Outlet& outlet : group.outlets) {
    outlet.drain->Drop(
        outlet.route,
        {.profiles = encoded_.oversize_profiles, .samples = encoded_.oversize_samples},
        DropReason::kOversize);
  }
}

size_t Assembler::packing_bytes() const {
  size_t bytes = encoder_->memory_bytes();
  // Of the room a message stands in, only what was written is memory.
  for (const EncodedMessage& message : encoded_.messages) bytes += message.bytes.size();
  return bytes;
}

void Assembler::Load(const Pipeline::FormGroup& group, const std::shared_ptr<const Frame>& frame,
                     const FrameCounts& counts) {
  for (const Pipeline::Outlet& outlet : group.outlets) {
    if (frame == nullptr) {
      outlet.drain->Drop(outlet.route, counts, DropReason::kInternal);
    } else {
      shipments_.push_back({outlet.drain, {.frame = frame, .route = outlet.route}});
    }
  }
}

std::shared_ptr<const Frame> Assembler::MakeFrame(const WireForm& form,
                                                  const EncodedMessage& message, RowOrder order) {
  auto charged = std::make_shared<ChargedFrame>();
  Frame& frame = charged->frame;
  const Content content = order == RowOrder::kSorted ? Content::kSortedRows : Content::kAny;
  if (!compressor_.Compress(form.codec, form.level, message.bytes, &frame.payload, content).ok()) {
    return nullptr;
  }
  frame.payload.shrink_to_fit();
  FillRandom(frame.id.data(), frame.id.size());
  frame.codec = form.codec;
  frame.uncompressed_bytes = message.bytes.size();
  frame.counts = {.profiles = message.profiles_in, .samples = message.samples_in};
  frame.samples_out = message.samples_out;
  charged->lease = ledger_.Charge(frame.payload.size());
  return ChargedFrame::Share(std::move(charged));
}

}  // namespace flameway
