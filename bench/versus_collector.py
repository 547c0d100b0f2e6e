#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Flameway and the Collector doing the same work, one after the other, verified.

    bench/versus_collector.py [--versions 0.162 ...] [--rounds N] [--json FILE]

`flameway gen` makes the load, `flameway replay` sends it, `flameway sink` takes what comes out; all
requests are encoded and compressed beforehand. Measured is the gateway alone: CPU from ready to
exit, peak memory, what the sender waited, what arrived. Each case is first run once with its
output kept, which the expand oracle must find to mean what was sent; a case that loses something
has no figure. CPU seconds per GB count uncompressed input (GB = 10^9 bytes).

The Collectors are those of the end-to-end tests, built by tests/e2e/build_collector.sh into the
user's cache the first time.
"""

import argparse
import json
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
os.environ.setdefault("FLAMEWAY_PROGRAM", str(ROOT / "build/release/flameway"))
os.environ.setdefault("FLAMEWAY_EXPAND", str(ROOT / "build/release/tests/support/flameway_expand"))

import collector  # noqa: E402
from gateway import PROGRAM  # noqa: E402
from process import Process, free_port  # noqa: E402
from story import EXPAND  # noqa: E402
from traffic import Listener, run  # noqa: E402
from export_requests import unframe  # noqa: E402

WAYS_IN = ("none", "gzip", "zstd")
MERGES = (1, 16, 128)  # requests in one outgoing message; 1: passed through
TICKS = os.sysconf("SC_CLK_TCK")


class Measured(Process):
    """A gateway that is measured from `begin` to its exit."""

    def begin(self):
        stat = pathlib.Path(f"/proc/{self._child.pid}/stat").read_text()
        fields = stat[stat.rindex(")") + 2:].split()
        self._cpu_before = (int(fields[11]) + int(fields[12])) / TICKS

    def end(self):
        """Asks it to drain and end; CPU seconds since `begin` and peak memory in bytes."""
        self._child.send_signal(signal.SIGTERM)
        _, status, usage = os.wait4(self._child.pid, 0)
        self._child.returncode = os.waitstatus_to_exitcode(status)
        if self._child.returncode != 0:
            raise RuntimeError(f"{self.name} ended with {self._child.returncode}")
        return usage.ru_utime + usage.ru_stime - self._cpu_before, usage.ru_maxrss * 1024


def queue(batch):
    return {"sizer": "requests", "queue_size": 1000, "block_on_overflow": True,
            **({"batch": batch} if batch else {})}


def start_flameway(folder, port, sink_port, merge, samples_per_request, shards):
    configuration = {
        "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": f"127.0.0.1:{port}"}}}},
        "processors": {},
        "exporters": {"otlp_grpc": {"endpoint": f"127.0.0.1:{sink_port}", "compression": "zstd",
                                    "timeout": "60s", "tls": {"insecure": True},
                                    "sending_queue": queue(None)}},
        "flameway": {"shards": shards},
        "service": {"telemetry": {"metrics": {"level": "none"}},
                    "pipelines": {"profiles": {"receivers": ["otlp"], "processors": [],
                                               "exporters": ["otlp_grpc"]}}},
    }
    if merge > 1:
        configuration["processors"]["batch"] = {
            "timeout": "20s", "send_batch_size": round(merge * samples_per_request)}
        configuration["service"]["pipelines"]["profiles"]["processors"] = ["batch"]
    path = folder / "flameway.yaml"
    path.write_text(json.dumps(configuration))
    gateway = Measured("flameway", [PROGRAM, "run", "--config", path], folder / "flameway.log")
    gateway.wait_for_port(port)
    return gateway


def start_collector(version, folder, port, sink_port, merge, samples_per_request):
    batch = {"sizer": "items", "min_size": round(merge * samples_per_request),
             "flush_timeout": "20s"}
    configuration = {
        "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": f"127.0.0.1:{port}",
                                                      "max_recv_msg_size_mib": 64}}}},
        "exporters": {"otlp_grpc": {"endpoint": f"127.0.0.1:{sink_port}", "compression": "zstd",
                                    "timeout": "60s", "tls": {"insecure": True},
                                    "sending_queue": queue(batch if merge > 1 else None)}},
        "service": {"telemetry": {"metrics": {"level": "none"}},
                    "pipelines": {"profiles": {"receivers": ["otlp"],
                                               "exporters": ["otlp_grpc"]}}},
    }
    path = folder / "collector.yaml"
    path.write_text(json.dumps(configuration))
    gateway = Measured(f"Collector {version}",
                       [collector.program(version), "--config", path,
                        "--feature-gates=+service.profilesSupport"], folder / "collector.log")
    gateway.wait_for_log(collector.READY)
    return gateway


class Load:
    """A file of requests, and how many of them are sent."""

    def __init__(self, path, hosts, windows):
        self.path = path
        code, made, said = run("gen", "--shape", "ebpf-like", "--hosts", hosts, "--windows",
                               windows, "-O", path)
        if code != 0:
            raise RuntimeError(said)
        self.requests, self.bytes, self.samples = made["requests"], made["bytes"], made["samples"]


def measure(start, load, way_in, folder, concurrency, dump=None):
    """One run: the figures of the gateway, what the sender and the sink saw."""
    keep = ["--dump", str(dump)] if dump else []
    with Listener("sink", folder, *keep) as sink:
        port = free_port()
        with start(folder, port, sink.grpc_port) as gateway:
            gateway.begin()
            begin = time.monotonic()
            code, sent, said = run("replay", load.path, "--otlp-endpoint", f"127.0.0.1:{port}",
                                   "--compression", way_in, "--concurrency", concurrency,
                                   "--timeout", "60s")
            if code != 0:
                raise RuntimeError(f"{gateway.name}: the sender was refused: {sent} {said}")
            sent_after = sent["seconds"]
            ready_before = time.monotonic() - begin - sent_after
            cpu, memory = gateway.end()
            wall = time.monotonic() - begin - ready_before
        if sink.terminate() != 0:
            raise RuntimeError("the sink failed")
        got = sink.summary()
    return {
        "cpu_seconds_per_gb": cpu / (load.bytes / 1e9),
        "wall_mb_per_second": load.bytes / 1e6 / wall,
        "peak_memory_mb": memory / 1e6,
        "bytes_out_zstd": got["wire_bytes"],
        "bytes_out_raw": got["bytes"],
        "requests_out": got["requests"],
        "sender_p99_ms": sent["latency_ms"]["p99"],
        "sender_cpu_seconds_per_gb": sent["cpu_seconds"] / (load.bytes / 1e9),
    }


def same_meaning(load, dump, folder):
    """Whether the oracle finds in `dump` exactly what was sent; its words otherwise."""
    sides = {"expected": [load.path], "actual": sorted(dump.iterdir())}
    arguments = []
    for side, files in sides.items():
        arguments.append(f"--{side}")
        number = 0
        for file in files:
            for message in unframe(file.read_bytes()):
                path = folder / f"{side}-{number:05}.otlp"
                path.write_bytes(message)
                arguments.append(str(path))
                number += 1
    check = subprocess.run([EXPAND, "compare", *arguments], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True)
    return None if check.returncode == 0 else check.stdout[-1000:]


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), platform.machine())
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"],
                            stdout=subprocess.PIPE, text=True).stdout.strip()
    version = subprocess.run([PROGRAM, "--version"], stdout=subprocess.PIPE, text=True)
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(),
            "load_average_at_start": os.getloadavg()[0], "flameway": version.stdout.strip(),
            "commit": commit}


def table(results, names):
    columns = [("cpu_seconds_per_gb", "CPU s/GB", "{:.2f}"),
               ("wall_mb_per_second", "MB/s", "{:.0f}"),
               ("peak_memory_mb", "peak MB", "{:.0f}"),
               ("bytes_out_zstd", "bytes out", "{:,.0f}"),
               ("requests_out", "requests out", "{:.0f}"),
               ("sender_p99_ms", "sender p99 ms", "{:.1f}")]
    lines = ["| case | gateway | " + " | ".join(head for _, head, _ in columns) +
             " | CPU ratio | verified |",
             "|---|---|" + "---|" * (len(columns) + 2)]
    for case, by_gateway in results.items():
        own = by_gateway.get("flameway", {}).get("median")
        for name in names:
            entry = by_gateway.get(name)
            if entry is None:
                continue
            if "median" not in entry:
                lines.append(f"| {case} | {name} |" + " – |" * (len(columns) + 1) +
                             f" {entry['error'].splitlines()[0][:60]} |")
                continue
            figures = entry["median"]
            ratio = figures["cpu_seconds_per_gb"] / own["cpu_seconds_per_gb"] if own else 0
            lines.append(f"| {case} | {name} | " +
                         " | ".join(form.format(figures[key]) for key, _, form in columns) +
                         f" | {ratio:.1f} | {entry['verified']} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--versions", nargs="*", default=["0.162"],
                        help="Collectors; 0.159 merges in quadratic time: K = 128 takes minutes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hosts", type=int, default=128)
    parser.add_argument("--windows", type=int, default=2)
    parser.add_argument("--merges", type=int, nargs="*", default=list(MERGES))
    parser.add_argument("--ways-in", nargs="*", default=list(WAYS_IN), choices=WAYS_IN)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--shards", type=int, default=1,
                        help="of Flameway; 1, so that K is the same for both (1)")
    parser.add_argument("--json", type=pathlib.Path, help="where to keep all figures")
    options = parser.parse_args()

    about = machine()
    about["configuration"] = {key: str(value) for key, value in vars(options).items()}
    names = ["flameway"] + [f"collector {version}" for version in options.versions]
    with tempfile.TemporaryDirectory(prefix="flameway-versus-") as root:
        root = pathlib.Path(root)
        load = Load(root / "load.otlp", options.hosts, options.windows)
        proof = Load(root / "proof.otlp", min(options.hosts, 32), 1)
        about["load"] = {"requests": load.requests, "bytes": load.bytes, "samples": load.samples}
        print(json.dumps(about, indent=2))

        def starter(name, merge):
            if name == "flameway":
                return lambda folder, port, sink: start_flameway(
                    folder, port, sink, merge, load.samples / load.requests, options.shards)
            return lambda folder, port, sink: start_collector(
                name.split()[1], folder, port, sink, merge, load.samples / load.requests)

        results = {}
        cases = [(merge, way) for merge in options.merges for way in options.ways_in]
        for merge, way in cases:
            case = (f"merge K = {merge}" if merge > 1 else "pass-through") + f", {way} → zstd"
            results[case] = {}
            for name in names:
                folder = pathlib.Path(tempfile.mkdtemp(dir=root))
                try:
                    measure(starter(name, merge), proof, way, folder, options.concurrency,
                            folder / "dump")
                    wrong = same_meaning(proof, folder / "dump", folder)
                except RuntimeError as error:
                    wrong = str(error)
                results[case][name] = {"verified": "no" if wrong else "yes", "runs": []}
                if wrong:
                    results[case][name]["error"] = wrong
                    print(f"{case}, {name}: not verified: {wrong}", file=sys.stderr)
        for round_number in range(options.rounds):
            for merge, way in cases:
                case = (f"merge K = {merge}" if merge > 1 else "pass-through") + f", {way} → zstd"
                # Neighbours on the machine meet both alike: one after the other, in turns.
                for name in names if round_number % 2 == 0 else reversed(names):
                    entry = results[case][name]
                    if "error" in entry:
                        continue
                    folder = pathlib.Path(tempfile.mkdtemp(dir=root))
                    try:
                        figures = measure(starter(name, merge), load, way, folder,
                                          options.concurrency)
                    except RuntimeError as error:
                        entry["error"] = str(error)
                        print(f"{case}, {name}: {error}", file=sys.stderr)
                        continue
                    entry["runs"].append(figures)
                    print(f"round {round_number + 1}: {case}, {name}: "
                          f"{figures['cpu_seconds_per_gb']:.2f} CPU s/GB, "
                          f"{figures['requests_out']} requests out", file=sys.stderr)
        for by_gateway in results.values():
            for entry in by_gateway.values():
                if entry["runs"]:
                    entry["median"] = {key: statistics.median(run[key] for run in entry["runs"])
                                       for key in entry["runs"][0]}
        print(table(results, names))
        if options.json:
            options.json.write_text(json.dumps({"about": about, "results": results}, indent=2,
                                               ensure_ascii=False) + "\n")
    failed = [case for case, by in results.items() for entry in by.values() if "error" in entry]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
