# SPDX-License-Identifier: Apache-2.0
"""Export requests as bytes: made up here, or read from real captures where there are any."""

import os
import pathlib
import struct

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAPTURES = pathlib.Path(os.environ.get("FLAMEWAY_SHARED_DATA", ROOT.parent / "shared" / "data"))


def unframe(content):
    """The messages of a file: each after its length (4 bytes, big endian), or a bare one."""
    messages, at = [], 0
    while at + 4 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        if at + 4 + length > len(content):
            return [content]
        messages.append(content[at + 4:at + 4 + length])
        at += 4 + length
    return messages if at == len(content) else [content]


def captured(*names):
    """The requests of the named captures, in order; none where the folder is absent."""
    return [message for name in names if (CAPTURES / name).is_file()
            for message in unframe((CAPTURES / name).read_bytes())]


def _varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, value):
    """A varint for an int, length-delimited for bytes and text, packed for a list."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, list):
        value = b"".join(map(_varint, value))
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _fixed(number, value):
    return _varint(number << 3 | 1) + struct.pack("<Q", value)


def made_up(host, services=3, samples=40):
    """A request of `host`; every host's services share functions, so there is much to merge."""
    strings = [""]

    def text(value):
        if value not in strings:
            strings.append(value)
        return strings.index(value)

    functions, locations, stacks, attributes, links = [b""], [b""], [b""], [b""], [b""]
    for number in range(30):
        functions.append(field(1, text(f"app::step_{number}")) + field(3, text("app.cc")))
        line = field(1, number + 1) + field(2, 10 * number + 1)
        locations.append(field(1, 1) + field(2, 0x1000 + 16 * number) + field(3, line))
    for number in range(samples):
        depth = 3 + number % 9
        stacks.append(field(1, [1 + (number + level) % 30 for level in range(depth)]))
    for number in range(4):
        attributes.append(field(1, text("thread.name")) + field(2, field(1, f"worker-{number}")))
    links.append(field(1, bytes([host + 1] * 16)) + field(2, bytes([host + 1] * 8)))
    mappings = [b"", field(1, 0x1000) + field(2, 0x9000) + field(4, text("app"))]

    start, groups = 1_700_000_000_000_000_000, b""
    for service in range(services):
        resource = b"".join(
            field(1, field(1, key) + field(2, field(1, value)))
            for key, value in (("service.name", f"service-{service}"),
                               ("host.name", f"host-{host}")))
        profile = field(1, field(1, text("samples")) + field(2, text("count")))
        for number in range(samples):
            sample = field(1, 1 + (number * (service + 1)) % samples) + field(2, [1 + number % 4])
            if number % 5 == 0:
                sample += field(3, 1)
            if service == 0:  # plain values
                sample += field(4, [1 + number])
            else:  # one timestamp each
                sample += field(5, struct.pack("<Q", start + host * 10**6 + number))
            profile += field(2, sample)
        profile += _fixed(3, start) + field(4, 5 * 10**9)
        profile += field(5, field(1, text("cpu")) + field(2, text("nanoseconds")))
        profile += field(6, 50_000_000)
        scope = field(1, field(1, "made-up") + field(2, "1.0"))
        groups += field(1, field(1, resource) + field(2, scope + field(2, profile)))
    tables = (mappings, locations, functions, links, strings, attributes, stacks)
    dictionary = b"".join(
        field(number, row) for number, rows in enumerate(tables, 1) for row in rows)
    return groups + field(2, dictionary)
