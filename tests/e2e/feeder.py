# SPDX-License-Identifier: Apache-2.0
"""A sender of OTLP/HTTP; shares no code with what it tests."""

import gzip
import http.client
import subprocess


def encode(message, codec):
    """The same bytes at every call."""
    if codec == "gzip":
        return gzip.compress(message, mtime=0)
    if codec == "zstd":
        return subprocess.run(["zstd", "-cq", "-7"], input=message, stdout=subprocess.PIPE,
                              check=True).stdout
    return message


def post(port, message, codec="none"):
    """Posts one export request to 127.0.0.1:`port`; the status and the body of the answer."""
    headers = {"Content-Type": "application/x-protobuf"}
    if codec != "none":
        message = encode(message, codec)
        headers["Content-Encoding"] = codec
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", "/v1development/profiles", message, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def feed(port, messages, codec="none"):
    """Posts each message once; AssertionError unless all are taken whole."""
    for number, message in enumerate(messages):
        status, body = post(port, message, codec)
        # Field 1 of the answer is partial_success: absent, or empty, when everything was accepted.
        # Nothing refused: no answer, or a message beside no number, as senders of old dialects get.
        assert status == 200 and (body in (b"", b"\x0a\x00") or body[2:3] == b"\x12"), \
            f"request {number} ({len(message)} bytes): status {status}, body {body[:500]!r}"
