# SPDX-License-Identifier: Apache-2.0
"""Stock Collectors: one that sends what it is fed, one that files what it receives."""

import functools
import json
import os
import pathlib
import shutil
import subprocess
import unittest

from process import Process, free_port

HERE = pathlib.Path(__file__).resolve().parent
READY = "Everything is ready"


@functools.lru_cache
def program(version):
    """Path of the built Collector; without Go skips the test, or fails it when CI=true."""
    build = subprocess.run([HERE / "build_collector.sh", HERE / f"collector-{version}.yaml"],
                           stdout=subprocess.PIPE, text=True)
    if build.returncode == 0:
        return build.stdout.strip()
    if shutil.which("go") or os.environ.get("CI") == "true":
        raise RuntimeError(f"Collector {version} could not be built")
    raise unittest.SkipTest("skipped: no Go toolchain to build the Collector with")


class Collector(Process):
    """`processors` and `pipelines` default to none, and one that sends to all `exporters`."""

    def __init__(self, version, folder, name, receivers, exporters, processors=None,
                 pipelines=None):
        configuration = {  # JSON is YAML
            "receivers": {"otlp": {"protocols": receivers}},
            "processors": processors or {},
            "exporters": exporters,
            "service": {
                "telemetry": {"metrics": {"level": "none"}},
                "pipelines": pipelines or {
                    "profiles": {"receivers": ["otlp"], "exporters": list(exporters)}},
            },
        }
        path = folder / f"{name}.yaml"
        path.write_text(json.dumps(configuration))
        super().__init__(f"Collector {version} ({name})",
                         [program(version), "--config", path,
                          "--feature-gates=+service.profilesSupport"], folder / f"{name}.log")


class SendingCollector(Collector):
    """Takes OTLP/HTTP on `port`, passes it on at once and answers what the gateway answers."""

    def __init__(self, version, folder, transport, codec, gateway):
        self.port = free_port()
        target = {"grpc": ("otlp_grpc", f"127.0.0.1:{gateway.grpc_port}"),
                  "http": ("otlp_http", f"http://127.0.0.1:{gateway.http_port}")}
        exporter, endpoint = target[transport]
        super().__init__(
            version, folder, "sender", {"http": {"endpoint": f"127.0.0.1:{self.port}"}},
            {exporter: {"endpoint": endpoint, "compression": codec, "tls": {"insecure": True},
                        "sending_queue": {"enabled": False},
                        "retry_on_failure": {"enabled": False}}})
        self.wait_for_log(READY)


class FilingCollector(Collector):
    """Takes OTLP over gRPC and HTTP and writes each message, after its length, into `path`."""

    def __init__(self, version, folder):
        self.grpc_port, self.http_port = free_port(), free_port()
        self.path = folder / "received.bin"
        super().__init__(
            version, folder, "receiver",
            {"grpc": {"endpoint": f"127.0.0.1:{self.grpc_port}", "max_recv_msg_size_mib": 64},
             "http": {"endpoint": f"127.0.0.1:{self.http_port}",
                      "max_request_body_size": 67108864}},
            {"file": {"path": str(self.path), "format": "proto"}})
        self.wait_for_log(READY)


class TransformingCollector(Collector):
    """Gives what it is fed over HTTP to a pipeline for each of `lists`, names of processors by the
    pipeline's name, and files what comes out of each in `path_of(name)`."""

    def __init__(self, folder, processors, lists):
        self.http_port = free_port()
        self._folder = folder
        super().__init__(
            "0.162-transforms", folder, "transforming",
            {"http": {"endpoint": f"127.0.0.1:{self.http_port}",
                      "max_request_body_size": 67108864}},
            {f"file/{name}": {"path": str(self.path_of(name)), "format": "proto"}
             for name in lists},
            processors,
            {f"profiles/{name}": {"receivers": ["otlp"], "processors": processors_of,
                                  "exporters": [f"file/{name}"]}
             for name, processors_of in lists.items()})
        self.wait_for_log(READY)

    def path_of(self, name):
        return self._folder / f"{name}.bin"
