#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Requests made to exhaust memory: refused with the right code, within bounds, and without harm.

The bound for one request at a time is 1.5 times its decompressed size and 64 MiB for the process;
for many at once, what the memory limiter allows and a part that does not grow with their number.
"""

import concurrent.futures
import http.client
import socket
import unittest

import bombs
from export_requests import made_up
from feeder import feed
from gateway import Gateway
from grpc_client import GrpcConnection, export
from story import Story

MIB = 1 << 20
REQUEST = 64 * MIB
BUDGET = REQUEST * 3 // 2 + 64 * MIB
GIGABYTE = 1 << 30
RETRY_INFO = b"google.rpc.RetryInfo"
TOO_LARGE = {"grpc": 8, "http": 413}  # RESOURCE_EXHAUSTED
INVALID = {"grpc": 3, "http": 400}


class BombTest(Story):
    def send(self, transport, message, coding=None):
        """The status and whatever the answer says beyond it."""
        if transport == "grpc":
            call = export(self.gateway.grpc_port, message, coding)
            return call.status, call.details
        headers = {"Content-Type": "application/x-protobuf"}
        if coding:
            headers["Content-Encoding"] = coding
        connection = http.client.HTTPConnection("127.0.0.1", self.gateway.http_port, timeout=120)
        try:
            connection.request("POST", "/v1development/profiles", message, headers)
            answer = connection.getresponse()
            self.assertIsNone(answer.getheader("Retry-After") if answer.status == 413 else None)
            return answer.status, answer.read()
        finally:
            connection.close()

    def assert_defused(self, name, message, coding=None, expected=TOO_LARGE):
        for transport in expected:
            with self.subTest(bomb=name, transport=transport, coding=coding):
                self.gateway.forget_peak()
                status, details = self.send(transport, message, coding)
                peak = self.gateway.memory("VmHWM")
                print(f"{name}, {transport}, {coding or 'identity'}: peak {peak / MIB:.0f} MiB")
                self.assertEqual(status, expected[transport], details)
                self.assertNotIn(RETRY_INFO, details)
                self.assertLess(peak, BUDGET)

    def assert_still_serves(self):
        feed(self.gateway.http_port, [made_up(1)])
        self.assertEqual(export(self.gateway.grpc_port, made_up(2)).status, 0)
        counters = self.gateway.wait_until_delivered()
        self.assertEqual(counters["flameway_receiver_profiles_accepted"], 6)
        self.assert_balanced(self.gateway, counters)
        self.assertEqual(self.gateway.terminate(), 0)

    def run_gateway(self, settings=()):
        return Gateway(self.folder, {"nop": {}}, "10ms", settings)

    def test_elements(self):
        with self.run_gateway() as self.gateway:
            for kind in bombs.KINDS:
                bomb = bombs.element_bomb(kind, REQUEST)
                if kind in ("profiles", "samples", "strings", "lines"):
                    self.assert_defused(kind, bomb)
                # Refused as an attribute with one bad value, which is one profile less: none is left.
                expected = INVALID if kind == "nested values" else TOO_LARGE
                # Padded until the ratio is that of an honest request: all of it is decompressed.
                self.assert_defused(kind, bombs.zstd(bomb, padding=REQUEST // 150), "zstd",
                                    expected)
            bomb = bombs.element_bomb("profiles", REQUEST)
            self.assert_defused("profiles", bombs.padded_gzip(bomb, REQUEST // 150), "gzip")
            self.assert_still_serves()

    def test_zeros_and_high_ratios(self):
        with self.run_gateway() as self.gateway:
            bomb = bombs.element_bomb("profiles", REQUEST)
            self.assert_defused("bare", bombs.zstd(bomb), "zstd")
            self.assert_defused("zeros", bombs.zeros_zstd(GIGABYTE), "zstd")
            self.assert_defused("zeros", bombs.zeros_gzip(GIGABYTE), "gzip")
            # So much padding that only the size is left to judge by.
            padded = bombs.padding_frame(8 * MIB) + bombs.zeros_zstd(GIGABYTE)
            self.assert_defused("padded zeros", padded, "zstd")
            half = bombs.zstd(bomb)[:-100]
            self.assert_defused("cut", half, "zstd", INVALID)
            self.assert_defused("garbage", b"\xff" * REQUEST, None, INVALID)
            self.assert_still_serves()

    def test_more_than_the_limit_is_refused_before_it_is_read(self):
        with self.run_gateway() as self.gateway:
            with socket.create_connection(("127.0.0.1", self.gateway.http_port), 30) as peer:
                peer.sendall(b"POST /v1/profiles HTTP/1.1\r\nHost: h\r\n"
                             b"Content-Type: application/x-protobuf\r\n"
                             b"Content-Length: 67108865\r\n\r\n")
                self.assertEqual(peer.recv(1000).split()[1], b"413")
            self.assert_defused("one byte too many", bytes(REQUEST + 1))
            self.assert_still_serves()

    def test_many_at_once_stay_within_the_memory_limit(self):
        limit = 256 * MIB
        shards = 2
        # Beside the limit: what gRPC holds of messages that are not complete, and what each shard
        # decompresses before it knows how much it is.
        bound = limit + (REQUEST + 32 * MIB) + shards * REQUEST + 64 * MIB
        settings = [f"flameway.shards={shards}",
                    "processors.memory_limiter={check_interval: 1s, limit_mib: 256}",
                    "service.pipelines.profiles.processors=[memory_limiter, batch]"]
        bomb = bombs.element_bomb("profiles", REQUEST)
        packed = bombs.zstd(bomb, padding=REQUEST // 150)
        with self.run_gateway(settings) as self.gateway:
            with concurrent.futures.ThreadPoolExecutor(12) as senders:
                sent = [senders.submit(self.try_to_send, way, *what) for way, *what in
                        [("http", bomb), ("grpc", bomb), ("http", packed, "zstd"),
                         ("grpc", packed, "zstd")] * 6]
                statuses = {outcome.result() for outcome in sent}
            # 14 and 503: memory is short; None: the connection was closed on the sender.
            self.assertLessEqual(statuses, {8, 413, 14, 503, None})
            peak = self.gateway.memory("VmHWM")
            print(f"many at once: {statuses}, peak {peak / MIB:.0f} MiB")
            self.assertLess(peak, bound)
            self.assert_still_serves()

    def try_to_send(self, *what):
        try:
            return self.send(*what)[0]
        except OSError:
            return None

    def test_zstd_over_grpc_leaves_no_trace_on_stderr(self):
        with self.run_gateway() as self.gateway:
            for _ in range(3):
                with GrpcConnection(self.gateway.grpc_port) as connection:
                    self.assertEqual(connection.export(bombs.zstd(made_up(1)), "zstd").status, 0)
            self.gateway.wait_until_delivered()
            self.assertEqual(self.gateway.terminate(), 0)
        self.assertNotIn("hpack", self.gateway.log())
        self.assertNotIn("grpc-encoding", self.gateway.log())


if __name__ == "__main__":
    unittest.main(verbosity=2)
