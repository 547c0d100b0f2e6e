# SPDX-License-Identifier: Apache-2.0
"""Requests that are small to make and dear to read: one kind of element, again and again."""

import subprocess
import zlib

from export_requests import field

# Two bytes on the wire, an object of 50 to 150 bytes for a decoder that makes one of each.
EMPTY = {number: bytes([number << 3 | 2, 0]) for number in range(1, 16)}


def _dictionary(rows):
    return field(2, rows)


def _scope_profiles(profiles):
    return field(1, field(2, profiles))


def _value(value):
    """A resource attribute of that AnyValue, in a request that has a profile below it."""
    attribute = field(1, field(1, "key") + field(2, value))
    return field(1, field(1, attribute) + field(2, field(2, b"")))


def _nested(value, levels):
    for _ in range(levels):
        value = field(5, field(1, value))
    return value


# name -> (the element repeated, what it is wrapped in)
KINDS = {
    "mappings": (EMPTY[1], _dictionary),
    "locations": (EMPTY[2], _dictionary),
    "functions": (EMPTY[3], _dictionary),
    "links": (EMPTY[4], _dictionary),
    "strings": (EMPTY[5], _dictionary),
    "attributes": (EMPTY[6], _dictionary),
    "stacks": (EMPTY[7], _dictionary),
    "lines": (EMPTY[3], lambda lines: _dictionary(field(2, lines))),
    "packed indices": (b"\x01", lambda list_: _dictionary(field(7, field(1, list_)))),
    "unpacked indices": (b"\x08\x01", lambda list_: _dictionary(field(7, list_))),
    "resources": (EMPTY[1], lambda resources: resources),
    "scopes": (EMPTY[2], lambda scopes: field(1, scopes)),
    "profiles": (EMPTY[2], _scope_profiles),
    "samples": (EMPTY[2], lambda samples: _scope_profiles(field(2, samples))),
    # With a value, so that it is read as the list of attributes it is since OTLP 1.10.
    "sample indices": (b"\x01", lambda list_: _scope_profiles(
        field(2, field(2, field(2, list_) + field(4, [1]))))),
    "profile indices": (b"\x01", lambda list_: _scope_profiles(field(2, field(11, list_)))),
    "resource attributes": (EMPTY[1], lambda all_: field(1, field(1, all_))),
    "entities": (EMPTY[3], lambda all_: field(1, field(1, all_))),
    "scope attributes": (EMPTY[3], lambda all_: field(1, field(2, field(1, all_)))),
    "array elements": (EMPTY[1], lambda elements: _value(field(5, elements))),
    "map entries": (EMPTY[1], lambda entries: _value(field(6, entries))),
    "nested values": (EMPTY[1], lambda elements: _value(_nested(field(5, elements), 100))),
    "values of the table": (EMPTY[1],
                            lambda all_: _dictionary(field(6, field(2, field(5, all_))))),
}


def element_bomb(kind, size):
    """The most elements of `kind` that `size` bytes hold."""
    element, wrap = KINDS[kind]
    content = element * (size // len(element))
    while (surplus := len(wrap(content)) - size) > 0:
        content = content[:-len(element) * -(-surplus // len(element))]
    return wrap(content)


def zstd(message, padding=0):
    """`message` compressed, after `padding` bytes in a frame that is to be skipped."""
    packed = subprocess.run(["zstd", "-cq"], input=message, stdout=subprocess.PIPE,
                            check=True).stdout
    return padding_frame(padding) + packed if padding else packed


def padding_frame(size):
    """A frame of zstd that stands for nothing."""
    return b"\x50\x2a\x4d\x18" + size.to_bytes(4, "little") + bytes(size)


def padded_gzip(message, padding):
    """`message` compressed, with a file name of `padding` bytes in the header."""
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = body.compress(message) + body.flush()
    return (b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * padding + b"\0" + packed +
            zlib.crc32(message).to_bytes(4, "little") + (len(message) % 2**32).to_bytes(4, "little"))


def zeros_zstd(size):
    command = f"head -c {size} /dev/zero | zstd -cq"
    return subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, check=True).stdout


def zeros_gzip(size):
    packed = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 20)
    return b"".join(packed.compress(block) for _ in range(size >> 20)) + packed.flush()
