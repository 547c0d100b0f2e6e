# SPDX-License-Identifier: Apache-2.0
"""The fixture of the end-to-end tests: a temporary folder, and whether messages mean the same."""

import gzip
import os
import pathlib
import subprocess
import tempfile
import unittest

from export_requests import unframe

EXPAND = os.path.abspath(
    os.environ.get("FLAMEWAY_EXPAND", "build/release/tests/support/flameway_expand"))


class Story(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="flameway-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def subfolder(self, name):
        path = self.folder / name
        path.mkdir()
        return path

    def assert_same_meaning(self, sent, received_file):
        """Every value and timestamp of `sent` (messages) is in the file, and nothing else."""
        received = [self.decompressed(message) for message in unframe(received_file.read_bytes())]
        self.assertGreater(len(received), 0)
        self.assert_same(sent, received, f"comparison-{received_file.parent.name}")

    def assert_same(self, sent, received, name):
        """The same for two lists of messages, compared in a folder of that name."""
        comparison = self.subfolder(name)
        sides = {}
        for side, messages in (("expected", sent or [b""]), ("actual", received or [b""])):
            sides[side] = [comparison / f"{side}-{number:04}.otlp"
                           for number in range(len(messages))]
            for path, message in zip(sides[side], messages):
                path.write_bytes(message)
        run = subprocess.run([EXPAND, "compare", "--expected", *sides["expected"],
                              "--actual", *sides["actual"]],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(run.returncode, 0, run.stdout[-4000:])

    @staticmethod
    def decompressed(message):
        # By magic bytes; no request starts so.
        if message.startswith(b"\x1f\x8b"):
            return gzip.decompress(message)
        if not message.startswith(b"\x28\xb5\x2f\xfd"):
            return message
        return subprocess.run(["zstd", "-dcq"], input=message, stdout=subprocess.PIPE,
                              check=True).stdout

    def assert_balanced(self, gateway, counters, exporters=1):
        self.assertEqual(gateway.imbalances(counters, exporters), [])
