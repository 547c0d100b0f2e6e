// SPDX-License-Identifier: Apache-2.0
#include "bridge/flow/shard.h"

#include <algorithm>
#include <utility>

#include "bridge/flow/answers.h"
#include "bridge/observe/process_memory.h"

namespace flameway {
namespace {

// Columns of a decoded request take about as much as its bytes; the bytes themselves come on top
// when they were compressed. Charged while a request is being read.
constexpr size_t kDecodeFactor = 2;

// Scratch larger than this is not kept between requests.
constexpr size_t kKeptScratchBytes = size_t{8} << 20;

// gRPC hides the name of a compression it does not know, and hands the bytes on.
constexpr std::string_view kMaybeCompressed =
    "; if the body is compressed: gzip, zstd and framed snappy are known";

// By its first tag: resource_profiles or dictionary.
bool StartsLikeARequest(std::string_view raw) {
  return raw.starts_with('\x0a') || raw.starts_with('\x12');
}

uint64_t DialectKey(const Job& job) {
  // Receivers number their connections each on their own.
  const auto entrance = reinterpret_cast<uintptr_t>(job.entrance);
  return (job.arrival.connection * 0x9E3779B97F4A7C15U) ^ entrance;
}

}  // namespace

Shard::Shard(const ShardOptions& options, const std::vector<Pipeline*>& pipelines, Ledger& ledger,
             const Clock& clock)
    : options_(options),
      ledger_(ledger),
      clock_(clock),
      decompressor_(options.decompress),
      scratch_lease_(ledger.Charge(0)) {
  for (Pipeline* pipeline : pipelines) {
    assemblers_.push_back(std::make_unique<Assembler>(*pipeline, compressor_, ledger));
  }
}

Shard::~Shard() {
  Cut();
  Join();
}

void Shard::Start() {
  {
    const MutexLock lock(mutex_);
    done_ = false;
  }
  thread_ = std::thread([this] { Run(); });
}

bool Shard::Post(Job& job) {
  const MutexLock lock(mutex_);
  if (closed_ || inbox_.size() >= options_.inbox_requests) return false;
  inbox_.push_back(std::move(job));
  changed_.NotifyAll();
  return true;
}

size_t Shard::inbox_size() const {
  const MutexLock lock(mutex_);
  return inbox_.size();
}

void Shard::Close() {
  const MutexLock lock(mutex_);
  closed_ = true;
  changed_.NotifyAll();
}

bool Shard::AwaitDone(TimePoint deadline) {
  const MutexLock lock(mutex_);
  while (!done_) {
    if (clock_.Now() >= deadline) return false;
    clock_.WaitUntil(changed_, mutex_, deadline);
  }
  return true;
}

void Shard::Cut() {
  std::deque<Job> refused;
  {
    const MutexLock lock(mutex_);
    closed_ = true;
    refused.swap(inbox_);
    changed_.NotifyAll();
  }
  for (Job& job : refused) {
    const Answer answer = AnswerBusy("shutting down; retry elsewhere", std::chrono::seconds(1));
    job.entrance->counters.CountRefusal(RefusalCause::kShutdown);
    job.entrance->counters.CountAnswer(answer);
    job.ack.Complete(answer);
  }
}

void Shard::Join() {
  if (thread_.joinable()) thread_.join();
}

void Shard::Run() {
  bool ended = false;
  while (!ended) {
    if (std::optional<Job> job = NextJob(&ended)) {
      const Answer answer = Handle(*job);
      job->entrance->counters.CountAnswer(answer);
      job->ack.Complete(answer);
    }
    SealDue();
  }
  for (const auto& assembler : assemblers_) assembler->Seal(SealTrigger::kShutdown);
  const MutexLock lock(mutex_);
  done_ = true;
  changed_.NotifyAll();
}

std::optional<Job> Shard::NextJob(bool* ended) {
  const std::optional<TimePoint> due = NextDue();
  const MutexLock lock(mutex_);
  while (inbox_.empty()) {
    if (closed_) {
      *ended = true;
      return std::nullopt;
    }
    if (!due.has_value()) {
      changed_.Wait(mutex_);
    } else if (clock_.Now() >= *due) {
      return std::nullopt;
    } else {
      clock_.WaitUntil(changed_, mutex_, *due);
    }
  }
  Job job = std::move(inbox_.front());
  inbox_.pop_front();
  return job;
}

std::optional<TimePoint> Shard::NextDue() const {
  std::optional<TimePoint> earliest;
  for (const auto& assembler : assemblers_) {
    const std::optional<TimePoint> due = assembler->due();
    if (due.has_value() && (!earliest.has_value() || *due < *earliest)) earliest = due;
  }
  return earliest;
}

void Shard::SealDue() {
  const TimePoint now = clock_.Now();
  for (const auto& assembler : assemblers_) assembler->SealIfDue(now);
}

Answer Shard::Handle(Job& job) {
  ReceiverCounters& counters = job.entrance->counters;
  const Codec codec = job.arrival.codec;
  size_t raw_bytes = 0;
  Answer answer;
  {
    Original original(std::move(job.arrival.body), codec, std::move(job.lease));
    const DecompressError error = codec == Codec::kNone
                                      ? DecompressError::kNone
                                      : decompressor_.Decompress(codec, original.body(), &raw_);
    if (error == DecompressError::kNone) {
      if (codec != Codec::kNone) {
        original.set_message(raw_);
        if (!decompressor_.last_was_plain() || !MayForwardBody(*job.entrance, codec)) {
          original.GiveUpBody();
        }
      }
      raw_bytes = original.message().size();
      counters.raw_bytes.Add(raw_bytes);
      // What the threads that received it have freed since.
      if (raw_bytes > kKeptScratchBytes) GiveFreePagesBack();
      answer = DecodeAndMerge(job, original);
    } else {
      counters.CountRefusal(error == DecompressError::kDamaged    ? RefusalCause::kDamaged
                            : error == DecompressError::kTooLarge ? RefusalCause::kTooLarge
                                                                  : RefusalCause::kRatio);
      answer = AnswerTo(error);
    }
    // The body goes before the answer, so that what a sender has in flight is what it has not been
    // told of.
  }
  TrimScratch(raw_bytes);
  return answer;
}

bool Shard::MayForwardBody(const Entrance& entrance, Codec codec) const {
  return std::ranges::any_of(entrance.pipelines, [&](size_t pipeline) {
    return assemblers_[pipeline]->MayForwardBody(codec);
  });
}

void Shard::TrimScratch(size_t raw_bytes) {
  bool was_large = raw_bytes > kKeptScratchBytes;
  if (raw_.capacity() > kKeptScratchBytes) std::string().swap(raw_);
  size_t kept = raw_.capacity();
  for (auto& request : requests_) {
    if (request == nullptr) continue;
    if (request->memory_bytes() > kKeptScratchBytes) {
      request.reset();
      was_large = true;
    } else {
      kept += request->memory_bytes();
    }
  }
  scratch_lease_.Resize(kept);
  if (was_large) GiveFreePagesBack();
}

Request& Shard::RequestFor(const AcceptedDialects& accept) {
  const size_t slot = (accept.v1_8 ? 1U : 0U) | (accept.v1_9 ? 2U : 0U) | (accept.v1_10 ? 4U : 0U);
  if (requests_[slot] == nullptr) {
    RequestOptions options = options_.request;
    options.accept_1_8 = accept.v1_8;
    options.accept_1_9 = accept.v1_9;
    options.accept_1_10 = accept.v1_10;
    requests_[slot] = std::make_unique<Request>(options);
  }
  return *requests_[slot];
}

Answer Shard::DecodeAndMerge(const Job& job, Original& original) {
  Entrance& entrance = *job.entrance;
  const std::string_view raw = original.message();
  std::optional<Lease> working = ledger_.TryCharge(kDecodeFactor * raw.size());
  // Compressing anew is better than refusing.
  if (!working.has_value() && original.GiveUpBody()) {
    working = ledger_.TryCharge(kDecodeFactor * raw.size());
  }
  if (!working.has_value()) {
    entrance.counters.CountRefusal(RefusalCause::kMemory);
    if (kDecodeFactor * raw.size() > ledger_.soft_limit()) return AnswerTooLarge();
    return AnswerBusy("out of memory budget; retry later", ledger_.RetryDelay(raw.size()));
  }
  const uint64_t key = DialectKey(job);
  Request& request = RequestFor(entrance.accept);
  const Dialect assumed = entrance.assumed_dialect.has_value()
                              ? *entrance.assumed_dialect
                              : dialects_.Recall(key).value_or(Dialect::kV1_10);
  const DecodeReport& report = request.Decode(raw, {.assumed_dialect = assumed});
  // Many small rows take more than was guessed: now it is known.
  working->Resize(std::max(working->bytes(), request.memory_bytes()));
  entrance.counters.Count(report);
  bool converts_anew = false;
  if (report.outcome == DecodeReport::Outcome::kAccepted) {
    if (report.samples_received > 0 && !report.dialect_ambiguous && !report.dialect_conflict) {
      converts_anew = report.dialect != Dialect::kV1_10 && dialects_.Recall(key) != report.dialect;
      dialects_.Remember(key, report.dialect);
    }
    if (report.profiles_accepted() > 0) {
      const TimePoint now = clock_.Now();
      if (!request.is_flawless()) original.GiveUpBody();
      for (const size_t pipeline : entrance.pipelines) {
        assemblers_[pipeline]->Add(request, request.is_flawless() ? &original : nullptr, now);
      }
    }
  }
  Answer answer = AnswerTo(report);
  if (answer.kind == Answer::Kind::kInvalid && report.profiles_received == 0 &&
      job.arrival.codec == Codec::kNone && !StartsLikeARequest(raw)) {
    answer.message += kMaybeCompressed;
  }
  // Once a connection: senders log it each time.
  if (converts_anew && answer.message.empty()) answer.message = ConversionNotice(report.dialect);
  return answer;
}

}  // namespace flameway
