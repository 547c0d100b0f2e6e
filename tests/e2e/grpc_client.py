# SPDX-License-Identifier: Apache-2.0
"""A sender of OTLP/gRPC in clear text: one connection, one call; shares no code with what it tests.

Only as much HTTP/2 as a unary call needs. Headers go out as literals; of those that come in, names
and values that are not Huffman-coded are understood, as gRPC C++ writes them.
"""

import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
EXPORT = "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
INITIAL_WINDOW, MAX_FRAME, TRUE_BINARY = 4, 5, 0xFE03
STATIC_ROWS = 61  # of HPACK's table; none is needed by its number
TIMEOUT_SECONDS = 120


def _integer(value, bits, first=0):
    limit = (1 << bits) - 1
    if value < limit:
        return bytes([first | value])
    out = [first | limit]
    value -= limit
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + [value])


def _literal(name, value):
    return b"\0" + b"".join(_integer(len(text), 7) + text for text in (name.encode(), value.encode()))


class HeaderReader:
    """HPACK (RFC 7541) without Huffman codes: such a text comes out as None."""

    def __init__(self):
        self._rows = []

    def read(self, block):
        headers, at = {}, 0

        def integer(bits):
            nonlocal at
            limit = (1 << bits) - 1
            value = block[at] & limit
            at += 1
            shift = 0
            while value >= limit and (shift == 0 or block[at - 1] & 0x80):
                value += (block[at] & 0x7F) << shift
                shift += 7
                at += 1
            return value

        def text():
            nonlocal at
            coded = block[at] & 0x80
            size = integer(7)
            at += size
            return None if coded else bytes(block[at - size:at])

        def row(number):
            return self._rows[number - STATIC_ROWS - 1] if number > STATIC_ROWS else (None, None)

        while at < len(block):
            first = block[at]
            if first & 0x80:
                name, value = row(integer(7))
            elif first & 0xE0 == 0x20:
                integer(5)
                continue
            else:
                number = integer(6 if first & 0x40 else 4)
                name = row(number)[0] if number else text()
                value = text()
                if first & 0x40:
                    self._rows.insert(0, (name, value))
            headers[name] = value
        return headers


class Call:
    """What came of a call: `status` (None when the stream ended without), text, details, message."""

    def __init__(self):
        self.status, self.text, self.details, self.message = None, "", b"", b""
        self.reset, self.goaway = None, None


class GrpcConnection:
    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._incoming = b""
        self._reader = HeaderReader()
        self._window = self._stream_window = self._first_window = 65535
        self._max_frame = 16384
        self._next_stream = 1
        settings = struct.pack(">HI", TRUE_BINARY, 1) + struct.pack(">HI", INITIAL_WINDOW, 1 << 20)
        self._socket.sendall(PREFACE + self._frame(SETTINGS, 0, 0, settings))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self._socket.close()

    @staticmethod
    def _frame(kind, flags, stream, payload):
        return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags,
                                                                 stream) + payload

    def export(self, message, encoding=None, more_headers=()):
        """One Export call with the message as it is; `encoding` says how it is compressed."""
        headers = [(":method", "POST"), (":scheme", "http"), (":path", EXPORT),
                   (":authority", "127.0.0.1"), ("te", "trailers"),
                   ("content-type", "application/grpc")]
        if encoding:
            headers.append(("grpc-encoding", encoding))
        stream, call = self._next_stream, Call()
        self._next_stream += 2
        self._stream_window = self._first_window
        block = b"".join(_literal(name, value) for name, value in [*headers, *more_headers])
        self._socket.sendall(self._frame(HEADERS, END_HEADERS, stream, block))
        body = memoryview(struct.pack(">BI", 1 if encoding else 0, len(message)) + message)
        ended = False
        try:
            while body and not ended:
                size = min(len(body), self._max_frame, self._window, self._stream_window)
                if size <= 0:
                    ended = self._take(stream, call)
                    continue
                last = END_STREAM if size == len(body) else 0
                self._socket.sendall(self._frame(DATA, last, stream, body[:size]))
                self._window -= size
                self._stream_window -= size
                body = body[size:]
        except (BrokenPipeError, ConnectionResetError):
            pass  # what the server said before it closed may lie ready
        while not ended:
            ended = self._take(stream, call)
        return call

    def _read(self, size):
        while len(self._incoming) < size:
            more = self._socket.recv(65536)
            if not more:
                raise ConnectionResetError("the server closed the connection")
            self._incoming += more
        taken, self._incoming = self._incoming[:size], self._incoming[size:]
        return taken

    def _take(self, stream, call):
        """Handles one frame; whether the call has ended."""
        try:
            head = self._read(9)
            payload = self._read(int.from_bytes(head[:3], "big"))
        except (ConnectionResetError, TimeoutError):
            return True
        kind, flags, of = struct.unpack(">BBI", head[3:])
        if kind == SETTINGS and not flags & ACK:
            for at in range(0, len(payload), 6):
                name, value = struct.unpack_from(">HI", payload, at)
                if name == INITIAL_WINDOW:
                    self._stream_window += value - self._first_window
                    self._first_window = value
                elif name == MAX_FRAME:
                    self._max_frame = value
            self._socket.sendall(self._frame(SETTINGS, ACK, 0, b""))
        elif kind == PING and not flags & ACK:
            self._socket.sendall(self._frame(PING, ACK, 0, payload))
        elif kind == WINDOW_UPDATE:
            more = int.from_bytes(payload, "big")
            if of == 0:
                self._window += more
            elif of == stream:
                self._stream_window += more
        elif kind == GOAWAY:
            call.goaway = payload[8:].decode(errors="replace")
        elif kind == HEADERS:
            headers = self._reader.read(payload)
            if of == stream and b"grpc-status" in headers:
                call.status = int(headers[b"grpc-status"])
                call.text = (headers.get(b"grpc-message") or b"").decode()
                call.details = (headers.get(b"grpc-status-details-bin") or b"").removeprefix(b"\0")
        elif kind == DATA and of == stream:
            call.message += payload
        elif kind == RST_STREAM and of == stream:
            call.reset = int.from_bytes(payload, "big")
            return True
        return of == stream and kind in (DATA, HEADERS) and bool(flags & END_STREAM)


def export(port, message, encoding=None):
    with GrpcConnection(port) as connection:
        return connection.export(message, encoding)
