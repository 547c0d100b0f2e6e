#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gen, replay, record and sink: what they make, send, keep and count is the same everywhere."""

import struct
import unittest

from export_requests import captured, made_up, unframe
from gateway import PROGRAM, Gateway, exporter_to
from process import Process
from story import Story
from traffic import Listener, run, to

FLEET = ["--shape", "ebpf-like", "--hosts", "6", "--windows", "3", "--seed", "7"]


class TrafficTest(Story):
    def file_of(self, messages):
        path = self.folder / "sent.otlp"
        path.write_bytes(b"".join(struct.pack(">I", len(m)) + m for m in messages))
        return path

    def messages_in(self, folder):
        return [self.decompressed(message) for path in sorted(folder.iterdir())
                for message in unframe(path.read_bytes())]

    def assert_folder_means(self, sent, folder):
        merged = self.folder / "received.otlp"
        merged.write_bytes(b"".join(struct.pack(">I", len(m)) + m
                                    for m in self.messages_in(folder)))
        self.assert_same_meaning(sent, merged)

    def test_what_is_generated_reaches_the_sink_behind_the_gateway(self):
        fleet, dump = self.folder / "fleet.otlp", self.folder / "dump"
        code, made, _ = run("gen", *FLEET, "-O", fleet)
        self.assertEqual((code, made["requests"]), (0, 18))
        with Listener("sink", self.folder, "--dump", dump) as sink, \
                Gateway(self.folder, exporter_to(sink, "grpc", "zstd")) as gateway:
            code, sent, said = run("gen", *FLEET, *to(gateway), "--compression", "gzip")
            self.assertEqual(code, 0, said)
            self.assertEqual((sent["requests"], sent["samples"]), (18, made["samples"]))
            self.assertEqual(sent["bytes"], made["bytes"])
            self.assert_balanced(gateway, gateway.wait_until_delivered())
            self.assertEqual(gateway.terminate(), 0)
            self.assertEqual(sink.terminate(), 0)
            self.assertLess(sink.summary()["requests"], 18)
            self.assertLess(sink.summary()["wire_bytes"], sink.summary()["bytes"])
        self.assert_folder_means(unframe(fleet.read_bytes()), dump)

    def test_a_replay_through_the_gateway_is_recorded_with_the_same_meaning(self):
        sent = [made_up(host) for host in range(30)] + captured("ebpf/goapp-97hz.otlp")
        kept = self.folder / "kept"
        with Listener("record", self.folder, "--dir", kept, "--zstd") as record, \
                Gateway(self.folder, exporter_to(record, "http", "gzip")) as gateway:
            code, summary, said = run("replay", self.file_of(sent), *to(gateway, "http"),
                                      "--compression", "zstd")
            self.assertEqual(code, 0, said)
            self.assertEqual(summary["requests"], len(sent))
            gateway.wait_until_delivered()
            self.assertEqual(gateway.terminate(), 0)
            self.assertEqual(record.terminate(), 0)
        self.assert_folder_means(sent, kept)

    def test_recorded_bodies_are_untouched_and_the_recording_ends_by_itself(self):
        sent = [made_up(host) for host in range(12)]
        for transport in ("grpc", "http"):
            for codec in ("none", "gzip", "zstd") + (("snappy",) if transport == "grpc" else ()):
                with self.subTest(transport=transport, codec=codec):
                    folder = self.subfolder(f"{transport}-{codec}")
                    with Listener("record", folder, "--dir", folder / "kept", "--requests",
                                  str(len(sent)), "--max-size", "20KiB") as record:
                        code, _, said = run("replay", self.file_of(sent), *to(record, transport),
                                            "--compression", codec)
                        self.assertEqual(code, 0, said)
                        self.assertEqual(record.wait(), 0)
                        self.assertEqual(record.summary()["kept"], len(sent))
                        self.assertGreater(record.summary()["files"], 1)
                    self.assertEqual(sorted(self.messages_in(folder / "kept")), sorted(sent))

    def test_a_sink_says_whether_it_got_what_it_expected(self):
        path = self.file_of([made_up(1), made_up(2)])
        with Listener("sink", self.subfolder("met"), "--exit-after", "4", "--timeout",
                      "60s") as sink:
            self.assertEqual(run("replay", path, path, *to(sink))[0], 0)
            self.assertEqual(sink.wait(), 0)
            self.assertEqual(sink.summary()["requests"], 4)
        with Listener("sink", self.subfolder("unmet"), "--exit-after-samples", "100000",
                      "--timeout", "1s") as sink:
            self.assertEqual(run("replay", path, *to(sink))[0], 0)
            self.assertEqual(sink.wait(), 1)
            self.assertIn("expected 0 requests and 100000 samples, got 2 and 240", sink.log())
        with Listener("sink", self.subfolder("stopped"), "--exit-after", "1") as sink:
            self.assertEqual(sink.terminate(), 1)
        with Listener("sink", self.subfolder("unbounded")) as sink:
            self.assertEqual(sink.terminate(), 0)

    def test_a_sink_refuses_as_it_is_told(self):
        path = self.file_of([made_up(1)] * 200)
        cases = [(["--fail-rate", "20%"], 75, "UNAVAILABLE", "503"),
                 (["--status", "UNAUTHENTICATED"], 1, "UNAUTHENTICATED", "401"),
                 (["--status", "429", "--fail-rate", "0.2"], 75, None, "429")]
        for number, (flags, expected, word, status) in enumerate(cases):
            for transport, name in (("grpc", word), ("http", status)):
                if name is None:
                    continue  # gRPC has no word for it
                with self.subTest(flags=flags, transport=transport):
                    folder = self.subfolder(f"{number}-{transport}")
                    with Listener("sink", folder, *flags) as sink:
                        code, summary, said = run("replay", path, *to(sink, transport))
                        self.assertEqual(code, expected, said)
                        self.assertEqual(sink.terminate(), 0)
                    answers = {a["code"]: a["requests"] for a in summary["answers"]}
                    self.assertEqual(sum(answers.values()), 200)
                    self.assertEqual(answers[name], sink.summary()["refused"])
                    if "--fail-rate" in flags:
                        self.assertTrue(20 <= answers[name] <= 60, answers)

    def test_ports_that_are_taken_and_endpoints_where_nobody_listens(self):
        with Listener("sink", self.folder) as sink:
            taken = f"127.0.0.1:{sink.grpc_port}"
            self.assertEqual(run("sink", "--listen-grpc", taken, "--listen-http", "none")[0], 69)
            nowhere = to(sink)
            self.assertEqual(sink.terminate(), 0)
        code, summary, said = run("gen", *nowhere, "--requests", "50")
        self.assertEqual(code, 69)
        self.assertLess(summary["requests"], 50)
        self.assertIn("nobody answers", said)

    def test_a_signal_ends_a_run_and_is_an_interruption_only_of_one_with_an_end(self):
        path = self.file_of([made_up(1)])
        for name, flags, expected in (("endless", ["--loop"], 0),
                                      ("ending", ["--requests", "1000000000"], 130)):
            folder = self.subfolder(name)
            with Listener("sink", folder, "--exit-after", "50") as sink, \
                    Process("replay", [PROGRAM, "replay", "--json", path, *flags, *to(sink),
                                       "--allow-export-failures"], folder / "replay.log") as replay:
                self.assertEqual(sink.wait(), 0)
                self.assertEqual(replay.terminate(), expected)
                self.assertIn('"code":"OK"', replay.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
