#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a second shard on a second core is worth to a gateway, end to end over gRPC.

    bench/scaling.py [--rounds N] [--json FILE]

Compared are a gateway with one shard that is kept to one core, and one with two shards on two
cores: merging K = 128, and passing through, zstd to zstd. Load and sink have to run somewhere:

* One core: the gateway has core 0 to itself, load and sink have core 1. Wall time is the gateway's.
* Two cores: load and sink take time of both, so half of their CPU is subtracted from the wall time.
  Nothing is taken off for what their coming and going costs the gateway.

Sender and sink decode nothing (`sink --no-decode`), and everything is encoded and compressed
beforehand. Throughput is uncompressed input over that time, from the first request sent to the
last byte delivered. Printed beside it: wall time as it was, and the CPU of the gateway in both,
which shows what sharing costs apart from waiting; and how evenly the two busiest threads, which are
the shards, were loaded when the last request was answered.

Not every machine gives two cores twice the speed of one: hyper-threads share one core, and memory
is shared anyway. So the same is done with two processes that share nothing: `flameway merge` of
the same requests once alone on core 0, and twice at the same time. That ratio is the ceiling.

What the gateways deliver is verified once before by the expand oracle, with two shards.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from measured import (PROGRAM, Listener, Load, free_port, machine, messages_in, replay,
                      same_meaning, start_flameway)

CORES = (0, 1)


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def on_cores(cores):
    """Processes started from now on run there."""
    os.sched_setaffinity(0, cores)


def serve(load, folder, merge, shards, own_cores, other_cores, dump=None):
    """One run of a gateway with so many shards on `own_cores`."""
    on_cores(other_cores)
    keep = ["--dump", str(dump)] if dump else ["--no-decode"]
    with Listener("sink", folder, *keep) as sink:
        port = free_port()
        on_cores(own_cores)
        gateway = start_flameway(folder, port, sink.grpc_port, merge,
                                 load.samples / load.requests, shards)
        on_cores(other_cores)
        with gateway:
            gateway.begin()
            begin = time.monotonic()
            sent = replay(load, port, "zstd", 16)
            preparing = time.monotonic() - begin - sent["seconds"]
            threads = sorted(gateway.cpu_by_thread().values(), reverse=True)
            cpu, _ = gateway.end()
            wall = time.monotonic() - begin - preparing
        before = children_cpu()
        if sink.terminate() != 0:
            raise RuntimeError("the sink failed")
        sink_cpu = children_cpu() - before
    others = sent["cpu_seconds"] + sink_cpu
    shared = own_cores == other_cores
    seconds = wall - others / len(own_cores) if shared else wall
    return {"mb_per_second": load.bytes / 1e6 / seconds, "wall_seconds": wall,
            "others_cpu_seconds": others, "gateway_cpu_seconds": cpu,
            "second_busiest_thread_share": threads[1] / threads[0]}


def verify(load, folder, merge):
    serve(load, folder, merge, 2, CORES, CORES, folder / "dump")
    came_out = messages_in(folder, sorted((folder / "dump").iterdir()), "actual")
    wrong = same_meaning(messages_in(folder, [load.path], "expected"), came_out)
    if wrong:
        sys.exit(f"merge {merge}: what came out does not mean what was sent: {wrong}")


def ceiling(load):
    """How many times as much two processes do that share nothing."""
    def run(at_once):
        begin = time.monotonic()
        merges = []
        for core in CORES[:at_once]:
            on_cores((core,))
            merges.append(subprocess.Popen(
                [PROGRAM, "merge", "-q", "--k", "128", "--framing", "length-prefixed", load.path,
                 "-O", "/dev/null"]))
        if any(merge.wait() != 0 for merge in merges):
            raise RuntimeError("merge failed")
        return time.monotonic() - begin
    return 2 * run(1) / run(2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="the median counts (5)")
    parser.add_argument("--windows", type=int, default=8, help="reporting intervals of 128 hosts (8)")
    parser.add_argument("--json", type=pathlib.Path, help="where to keep all figures")
    options = parser.parse_args()
    if not set(CORES) <= os.sched_getaffinity(0):
        sys.exit("two cores are needed, 0 and 1")
    about = machine()
    with tempfile.TemporaryDirectory(prefix="flameway-scaling-") as root:
        root = pathlib.Path(root)
        load = Load(root / "load.otlp", "--hosts", 128, "--windows", options.windows)
        proof = Load(root / "proof.otlp", "--hosts", 128, "--windows", 1)
        results = {}
        ceilings = [ceiling(load) for _ in range(options.rounds)]
        for merge in (128, 1):
            with tempfile.TemporaryDirectory(dir=root) as folder:
                verify(proof, pathlib.Path(folder), merge)
            rounds = []
            for _ in range(options.rounds):
                runs = []
                for shards, own, others in ((1, CORES[:1], CORES[1:]), (2, CORES, CORES)):
                    with tempfile.TemporaryDirectory(dir=root) as folder:
                        runs.append(serve(load, pathlib.Path(folder), merge, shards, own, others))
                rounds.append(runs)
                print(f"merge {merge}: {runs[0]['mb_per_second']:.0f} MB/s, "
                      f"{runs[1]['mb_per_second']:.0f} MB/s", file=sys.stderr)
            results["merge K = 128" if merge > 1 else "pass-through"] = rounds

    print("| zstd → zstd | one shard, one core, MB/s | two, two | times | wall s | others' CPU s "
          "| gateway CPU s | 2nd shard : 1st |")
    print("|---|---|---|---|---|---|---|---|")
    for case, rounds in results.items():
        def middle(key, runs=rounds):
            return [statistics.median(pair[i][key] for pair in runs) for i in (0, 1)]
        one, two = middle("mb_per_second")
        times = statistics.median(pair[1]["mb_per_second"] / pair[0]["mb_per_second"]
                                  for pair in rounds)
        cells = [f"{a:.1f}, {b:.1f}" for a, b in map(middle, (
            "wall_seconds", "others_cpu_seconds", "gateway_cpu_seconds"))]
        print(f"| {case} | {one:.0f} | {two:.0f} | {times:.2f} | " + " | ".join(cells) +
              f" | {middle('second_busiest_thread_share')[1]:.2f} |")
    print(f"\ntwo processes that share nothing: {statistics.median(ceilings):.2f} times as much as"
          f" one; {options.rounds} rounds, {load.requests} requests of {load.bytes:,} bytes; "
          f"{about['cpu']}, commit {about['commit']}, load {about['load_average_at_start']:.1f}")
    if options.json:
        options.json.write_text(json.dumps({"about": about, "ceilings": ceilings,
                                            "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
