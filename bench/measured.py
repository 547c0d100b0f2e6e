# SPDX-License-Identifier: Apache-2.0
"""What the measurements of whole gateways share: a load, gateways that are measured, a check.

Needs `./dev build` before. Processes are those of the end-to-end tests, on 127.0.0.1.
"""

import json
import os
import pathlib
import platform
import signal
import subprocess
import sys
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

TICKS = os.sysconf("SC_CLK_TCK")
ZSTD_LEVEL = 3


def cpu_of(stat):
    """CPU seconds in a `stat` file of a process or a thread."""
    fields = stat[stat.rindex(")") + 2:].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Measured(Process):
    """A gateway that is measured from `begin` to its exit."""

    def begin(self):
        self._cpu_before = cpu_of(pathlib.Path(f"/proc/{self._child.pid}/stat").read_text())

    def keep_to(self, cores):
        """Its threads, those to come too, run on these cores only."""
        for thread in os.listdir(f"/proc/{self._child.pid}/task"):
            os.sched_setaffinity(int(thread), cores)

    def cpu_by_thread(self):
        """CPU seconds of each thread that lives, since it began."""
        tasks = pathlib.Path(f"/proc/{self._child.pid}/task")
        return {int(task.name): cpu_of((task / "stat").read_text()) for task in tasks.iterdir()}

    def end(self):
        """Asks it to drain and end; CPU seconds since `begin` and peak memory in bytes."""
        peak = self.memory("VmHWM")
        self._child.send_signal(signal.SIGTERM)
        ended = 0
        while not ended:
            # Not ru_maxrss: a child's begins at the peak of the process that started it.
            try:
                peak = max(peak, self.memory("VmHWM"))
            except StopIteration:  # it has ended, and its memory is gone
                pass
            ended, status, usage = os.wait4(self._child.pid, os.WNOHANG)
            time.sleep(0 if ended else 0.005)
        self._child.returncode = os.waitstatus_to_exitcode(status)
        if self._child.returncode != 0:
            raise RuntimeError(f"{self.name} ended with {self._child.returncode}")
        return usage.ru_utime + usage.ru_stime - self._cpu_before, peak


class Load:
    """A file of requests of the made-up fleet, and how many of them there are."""

    def __init__(self, path, *flags):
        self.path = path
        code, made, said = run("gen", "--shape", "ebpf-like", *flags, "-O", path)
        if code != 0:
            raise RuntimeError(said)
        self.requests, self.bytes, self.samples = made["requests"], made["bytes"], made["samples"]

    def about(self):
        return {"requests": self.requests, "bytes": self.bytes, "samples": self.samples}


def queue(batch):
    return {"sizer": "requests", "queue_size": 1000, "block_on_overflow": True,
            **({"batch": batch} if batch else {})}


def start_flameway(folder, port, sink_port, merge, samples_per_request, shards):
    configuration = {
        "receivers": {"otlp": {"protocols": {"grpc": {"endpoint": f"127.0.0.1:{port}"}}}},
        "processors": {},
        "exporters": {"otlp_grpc": {"endpoint": f"127.0.0.1:{sink_port}", "compression": "zstd",
                                    "compression_params": {"level": ZSTD_LEVEL},
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


def replay(load, port, codec, concurrency):
    """Sends all, each connection one request at a time; what the sender saw."""
    code, sent, said = run("replay", load.path, "--otlp-endpoint", f"127.0.0.1:{port}",
                           "--compression", codec, "--concurrency", concurrency,
                           "--timeout", "60s")
    if code != 0:
        raise RuntimeError(f"the sender was refused: {sent} {said}")
    return sent


def measure(start, load, way_in, folder, concurrency, dump=None):
    """One run: the figures of the gateway, what the sender and the sink saw."""
    keep = ["--dump", str(dump)] if dump else []
    with Listener("sink", folder, *keep) as sink:
        port = free_port()
        with start(folder, port, sink.grpc_port) as gateway:
            gateway.begin()
            begin = time.monotonic()
            sent = replay(load, port, way_in, concurrency)
            ready_before = time.monotonic() - begin - sent["seconds"]
            cpu, memory = gateway.end()
            wall = time.monotonic() - begin - ready_before
        if sink.terminate() != 0:
            raise RuntimeError("the sink failed")
        got = sink.summary()
    # Merging may join samples of one stack; a tenth is more than it ever does in one batch.
    if not 0.9 * load.samples <= got["samples"] <= load.samples:
        raise RuntimeError(f"{got['samples']} samples came out of {load.samples}")
    return {
        "cpu_seconds_per_gb": cpu / (load.bytes / 1e9),
        "cpu_microseconds_per_request": cpu / load.requests * 1e6,
        "wall_mb_per_second": load.bytes / 1e6 / wall,
        "peak_memory_mb": memory / 1e6,
        "bytes_out_zstd": got["wire_bytes"],
        "bytes_out_raw": got["bytes"],
        "requests_out": got["requests"],
        "samples_out": got["samples"],
        "sender_p99_ms": sent["latency_ms"]["p99"],
        "sender_cpu_seconds_per_gb": sent["cpu_seconds"] / (load.bytes / 1e9),
    }


def messages_in(folder, paths, prefix):
    """Each message of `paths` as a file of its own in `folder`."""
    files = []
    for path in paths:
        for message in unframe(path.read_bytes()):
            files.append(folder / f"{prefix}-{len(files):05}.otlp")
            files[-1].write_bytes(message)
    return files


def same_meaning(expected, actual):
    """None when the oracle finds in the files `actual` exactly what is in `expected`; its words
    otherwise."""
    check = subprocess.run([EXPAND, "compare", "--expected", *expected, "--actual", *actual],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return None if check.returncode == 0 else check.stdout[-1000:] or "the oracle failed"


def bytes_by_libzstd(files):
    """What the messages take when one library, zstd's own, compresses each at the same level."""
    subprocess.run(["zstd", f"-{ZSTD_LEVEL}", "-q", "-k", "-f", *files], check=True)
    return sum(path.with_name(path.name + ".zst").stat().st_size for path in files)


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="ascii")
                  if line.startswith("model name")), platform.machine())
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"],
                            stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    version = subprocess.run([PROGRAM, "--version"], stdout=subprocess.PIPE, text=True, check=True)
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(),
            "load_average_at_start": os.getloadavg()[0], "flameway": version.stdout.strip(),
            "commit": commit}
