// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bridge/compress/compressor.h"
#include "bridge/compress/decompressor.h"
#include "bridge/flow/assembler.h"
#include "bridge/flow/clock.h"
#include "bridge/flow/dialect_memory.h"
#include "bridge/flow/gateway_options.h"
#include "bridge/flow/ledger.h"
#include "bridge/flow/original.h"
#include "bridge/flow/pipeline.h"
#include "bridge/flow/receiver_counters.h"
#include "bridge/observe/mutex.h"
#include "bridge/receive/ack.h"
#include "bridge/receive/intake.h"
#include "processor/request/request.h"

namespace flameway {

// One way in, as the shards see it: a receiver and transport. Fixed before the shards start.
struct Entrance {
  std::string receiver;
  Transport transport = Transport::kGrpc;
  AcceptedDialects accept;
  std::optional<Dialect> assumed_dialect;  // nullopt: the connection's history decides
  std::vector<size_t> pipelines;           // fed by it; indices into the shard's pipelines
  ReceiverCounters counters;
};

// An admitted request on its way to a shard.
struct Job {
  Arrival arrival;
  Ack ack;
  Entrance* entrance = nullptr;
  Lease lease;  // of the body as it arrived
};

struct ShardOptions {
  size_t inbox_requests = 256;
  RequestOptions request;
  DecompressLimits decompress;
};

// A thread with everything a request needs from bytes to frames: decompressor, decode scratch, and
// one open batch per pipeline. Connections stay with their shard, so no lock is shared while
// merging. An answer is given as soon as the request is merged, or made frames of as it came.
//
// Life: Start, then Post from any thread, then Close, AwaitDone, Cut, Join.
class Shard {
 public:
  // Borrows all but the options; `pipelines` by position as Entrance::pipelines names them.
  Shard(const ShardOptions& options, const std::vector<Pipeline*>& pipelines, Ledger& ledger,
        const Clock& clock);
  // Cuts and joins.
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  void Start();
  // False: the inbox is full or closed, and the job stays with the caller.
  [[nodiscard]] bool Post(Job& job);
  [[nodiscard]] size_t inbox_size() const;

  // No more jobs; those posted are done, then open batches are sealed, then the thread ends.
  void Close();
  // Waits for that. False: `deadline` came first.
  [[nodiscard]] bool AwaitDone(TimePoint deadline);
  // Waiting jobs are refused instead of done. Open batches are still sealed.
  void Cut();
  void Join();

 private:
  void Run();
  // Waits for a job until an open batch is due. nullopt with *ended true: closed and empty.
  [[nodiscard]] std::optional<Job> NextJob(bool* ended);
  [[nodiscard]] std::optional<TimePoint> NextDue() const;
  [[nodiscard]] Answer Handle(Job& job);
  [[nodiscard]] Answer DecodeAndMerge(const Job& job, Original& original);
  [[nodiscard]] Request& RequestFor(const AcceptedDialects& accept);
  // After a request of `raw_bytes`: large scratch is not kept.
  void TrimScratch(size_t raw_bytes);
  // Whether a pipeline behind the entrance may pass bodies of this codec on.
  [[nodiscard]] bool MayForwardBody(const Entrance& entrance, Codec codec) const;
  void SealDue();

  const ShardOptions options_;
  Ledger& ledger_;
  const Clock& clock_;
  std::thread thread_;

  // The thread's own.
  Decompressor decompressor_;
  Compressor compressor_;
  std::string raw_;  // decompressed body
  // One per set of accepted dialects, made when needed and given up when one request made it large.
  std::array<std::unique_ptr<Request>, 8> requests_;
  Lease scratch_lease_;  // of raw_ and requests_ between requests
  DialectMemory dialects_;
  std::vector<std::unique_ptr<Assembler>> assemblers_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::deque<Job> inbox_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = true;  // no thread
};

}  // namespace flameway
