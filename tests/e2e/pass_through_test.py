#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sender -> Flameway without a batch -> destination: requests without a flaw arrive as they left."""

import http.server
import itertools
import struct
import threading
import unittest

from export_requests import made_up, unframe
from feeder import encode, post
from gateway import Gateway, exporter_to
from story import Story
from traffic import Listener, run, to

CODECS = ("none", "gzip", "zstd")


class BodySink:
    """An OTLP/HTTP destination on a free port that keeps each body as it arrives."""

    def __enter__(self):
        self.bodies = []
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.bodies.append((self.headers.get("Content-Encoding", "none"), body))
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.http_port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class PassThroughTest(Story):
    def passed(self, codec_in, codec_out, messages, settings=()):
        """What arrives, in order, as (content coding, body), and the counters at the end."""
        folder = self.subfolder(f"{codec_in}-{codec_out}-{len(settings)}")
        with BodySink() as sink, \
                Gateway(folder, exporter_to(sink, "http", codec_out), batch_time=None,
                        settings=settings) as gateway:
            for number, message in enumerate(messages, 1):
                status, _ = post(gateway.http_port, message, codec_in)
                self.assertEqual(status, 200)
                gateway.wait_until_delivered()
                self.assertEqual(len(sink.bodies), number)
            counters = gateway.counters()
            self.assert_balanced(gateway, counters)
            self.assertEqual(gateway.terminate(), 0)
            return sink.bodies, counters

    def test_the_bytes_that_arrive_are_the_bytes_that_were_sent(self):
        messages = [made_up(host) for host in range(3)]
        for codec in CODECS:
            with self.subTest(codec=codec):
                bodies, counters = self.passed(codec, codec, messages)
                self.assertEqual(bodies, [(codec, encode(message, codec)) for message in messages])
                self.assertEqual(counters["flameway_pipeline_messages_forwarded"], 3)

    def test_another_compression_holds_the_same_message(self):
        message = made_up(7)
        for codec_in, codec_out in itertools.permutations(CODECS, 2):
            with self.subTest(codec_in=codec_in, codec_out=codec_out):
                [(codec, body)], counters = self.passed(codec_in, codec_out, [message])
                self.assertEqual(codec, codec_out)
                self.assertEqual(self.decompressed(body), message)
                self.assertEqual(counters["flameway_pipeline_messages_forwarded"], 1)

    def test_an_order_of_rows_that_is_asked_for_is_made(self):
        message = made_up(5)
        [(_, body)], counters = self.passed("none", "none", [message],
                                            ["exporters.otlp_http.row_order=by_use"])
        self.assertNotEqual(body, message)
        self.assert_same([message], [body], "by-use")
        self.assertEqual(counters["flameway_pipeline_messages_forwarded"], 0)

    def test_over_grpc_too(self):
        sent = [made_up(host) for host in range(4)]
        path, kept = self.folder / "sent.otlp", self.folder / "kept"
        path.write_bytes(b"".join(struct.pack(">I", len(m)) + m for m in sent))
        with Listener("record", self.folder, "--dir", kept) as listener, \
                Gateway(self.folder, exporter_to(listener, "grpc", "zstd"),
                        batch_time=None) as gateway:
            code, _, said = run("replay", path, *to(gateway), "--compression", "zstd")
            self.assertEqual(code, 0, said)
            counters = gateway.wait_until_delivered()
            self.assertEqual(gateway.terminate(), 0)
            self.assertEqual(listener.terminate(), 0)
        self.assertEqual(counters["flameway_pipeline_messages_forwarded"], 4)
        arrived = [message for file in kept.iterdir() for message in unframe(file.read_bytes())]
        self.assertEqual(sorted(arrived), sorted(sent))


if __name__ == "__main__":
    unittest.main(verbosity=2)
