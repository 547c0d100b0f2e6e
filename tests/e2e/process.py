# SPDX-License-Identifier: Apache-2.0
"""A child process on 127.0.0.1: started, waited for, ended by its own id; its output is a file."""

import fcntl
import pathlib
import random
import resource
import signal
import socket
import subprocess
import tempfile
import time

READY_SECONDS = 30  # generous: a machine that compiles beside the tests is slow
STOP_SECONDS = 40

# Byte N of it is locked by the test that has port N; locks end with their process.
_claims = open(pathlib.Path(tempfile.gettempdir()) / "flameway-test-ports", "a")
_claimed = set()


def free_port():
    """A port nobody has now, below the ephemeral range: no client socket takes it meanwhile; nor
    does a test that runs beside this one."""
    for _ in range(200):
        port = random.randint(20000, 32000)
        try:
            fcntl.lockf(_claims, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        if port not in _claimed:
            _claimed.add(port)
            return port
    raise RuntimeError("no free port between 20000 and 32000")


def wait_until(condition, what, seconds=READY_SECONDS):
    """Polls until `condition()` is true; its value. TimeoutError naming `what` at the deadline."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s in vain until {what}")
        time.sleep(0.02)
    return value


class Process:
    """Owns one child. Use as a context manager: whatever happens, the child is gone afterwards."""

    def __init__(self, name, arguments, log_path, folder=None):
        self.name = name
        self.log_path = log_path
        with open(log_path, "wb") as log:
            self._child = subprocess.Popen([str(a) for a in arguments], stdout=log, stderr=log,
                                           stdin=subprocess.DEVNULL, cwd=folder)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self._kill()
        if kind is not None:
            print(f"--- last lines of {self.name}\n{self.log()[-4000:]}")

    def memory(self, figure):
        """Bytes by their name in /proc/PID/status: VmRSS, VmHWM (the peak)."""
        with open(f"/proc/{self._child.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) << 10 for line in status if line.startswith(figure))

    def descriptor_limit(self):
        """How many files and sockets it may have open (the soft limit)."""
        return resource.prlimit(self._child.pid, resource.RLIMIT_NOFILE)[0]

    def forget_peak(self):
        with open(f"/proc/{self._child.pid}/clear_refs", "w", encoding="ascii") as switch:
            switch.write("5")

    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_for_log(self, text):
        self._wait_until(lambda: text in self.log(), f"{self.name} says {text!r}")

    def wait_for_port(self, port):
        def listening():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        self._wait_until(listening, f"{self.name} listens on {port}")

    def terminate(self):
        """Asks for an orderly end; the exit code."""
        self._child.send_signal(signal.SIGTERM)
        return self._child.wait(STOP_SECONDS)

    def _kill(self):
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()

    def _wait_until(self, condition, what):
        """Also fails when the child ends; a failure leaves no child: nobody owns it yet."""
        try:
            wait_until(lambda: condition() or self._child.poll() is not None, what)
            if self._child.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self._child.returncode}")
        except Exception as error:
            self._kill()
            raise RuntimeError(f"{error}\n{self.log()[-4000:]}") from None
