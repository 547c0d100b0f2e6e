# SPDX-License-Identifier: Apache-2.0
"""The traffic commands as peers: a listener that tells its ports, and a run to its end."""

import json
import re
import subprocess

from gateway import PROGRAM
from process import Process, STOP_SECONDS


class Listener(Process):
    """`flameway record` or `flameway sink` on free ports, with its summary as JSON."""

    def __init__(self, command, folder, *flags):
        self.folder = folder
        super().__init__(command, [PROGRAM, command, "--json", "--listen-grpc", "127.0.0.1:0",
                                   "--listen-http", "127.0.0.1:0", *flags],
                         folder / f"{command}.log")
        self.wait_for_log("http port ")
        self.grpc_port, self.http_port = (
            int(re.search(rf"listening: {transport} port (\d+)\n", self.log())[1])
            for transport in ("grpc", "http"))

    def wait(self):
        """Until it ends by itself; the exit code."""
        return self._child.wait(STOP_SECONDS)

    def summary(self):
        return next(json.loads(line) for line in self.log().splitlines() if line[:1] == "{")


def run(command, *flags):
    """A command to its end: exit code, summary, what it said on stderr."""
    done = subprocess.run([PROGRAM, command, "--json", *map(str, flags)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=120)
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


def to(listener, transport="grpc"):
    if transport == "grpc":
        return ["--otlp-endpoint", f"127.0.0.1:{listener.grpc_port}"]
    return ["--otlp-http", "--otlp-endpoint", f"http://127.0.0.1:{listener.http_port}"]
