#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How much smaller merged requests are than the same requests compressed one by one.

    bench/reduction.py [--hosts 128] [--windows 8] [--seed 1]    requests of the made-up fleet
    bench/reduction.py FILE...                                   recorded ones; plain or .zst

Lossless, zstd at level 3 on both sides: each request by itself, against 16, 128 and all in one
message, with rows sorted, as exporters send it, and not sorted. Verified: every event is in the
merged message, and the first requests (--verify N, 256) merged mean the same to the expand oracle, which
takes 0.2 s of CPU and 12 MB of memory for each megabyte. Then it tells what each table is worth in
the sorted message: its bytes, and what they take when compressed by themselves.
"""

import argparse
import collections
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

from measured import PROGRAM, Load, bytes_by_libzstd, messages_in, same_meaning, unframe

TABLES = {1: "mappings", 2: "locations", 3: "functions", 4: "links", 5: "strings", 6: "attributes",
          7: "stacks"}  # fields of ProfilesDictionary
SAMPLE_PARTS = {1: "which stack", 2: "which attributes", 5: "times"}


def flameway(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], check=True,
                          stdout=subprocess.PIPE).stdout


def merged(files, out, order):
    flameway("merge", "-q", "--row-order", order, *files, "-O", out)
    return out


def write_load(files, load):
    """All requests of recordings, one after the other, each after its length."""
    with open(load, "wb") as out:
        for path in files:
            content = path.read_bytes()
            if path.suffix == ".zst":
                content = subprocess.run(["zstd", "-q", "-d", "-c"], input=content, check=True,
                                         stdout=subprocess.PIPE).stdout
            for message in unframe(content):
                out.write(struct.pack(">I", len(message)) + message)


def packed_by(k, load, folder, order):
    """Bytes of all when each `k` requests become one message."""
    out = folder / f"by-{k}-{order}.otlp"
    flameway("merge", "-q", "--row-order", order, "--k", k, "--framing", "length-prefixed", load,
             "-O", out)
    return bytes_by_libzstd(messages_in(folder, [out], f"by-{k}-{order}"))


def fields(message, begin, end):
    """(field number, begin of tag, begin of content, end) of each field."""
    at = begin
    while at < end:
        start = at
        key, at = varint(message, at)
        if key & 7 == 2:
            length, content = varint(message, at)
            at = content + length
        elif key & 7 == 0:
            content = at
            _, at = varint(message, at)
        else:
            content = at
            at += 8 if key & 7 == 1 else 4
        yield key >> 3, start, content, at


def varint(message, at):
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def parts_of(message):
    """The bytes of a request by what they are, each part in the order it is sent in, without the
    tags and lengths of what encloses them."""
    parts = collections.defaultdict(bytearray)
    for number, _, begin, end in fields(message, 0, len(message)):
        if number == 2:  # the dictionary
            for table, start, _, stop in fields(message, begin, end):
                parts[TABLES.get(table, "other")] += message[start:stop]
            continue
        for of_resource, start, scope, stop in fields(message, begin, end):
            if of_resource != 2:
                parts["resources"] += message[start:stop]
                continue
            for of_scope, start, profile, stop in fields(message, scope, stop):
                if of_scope != 2:
                    parts["scopes"] += message[start:stop]
                    continue
                for of_profile, start, sample, stop in fields(message, profile, stop):
                    if of_profile != 2:
                        parts["profiles"] += message[start:stop]
                        continue
                    for of_sample, start, _, stop in fields(message, sample, stop):
                        what = SAMPLE_PARTS.get(of_sample, "the rest")
                        parts[f"samples: {what}"] += message[start:stop]
    return parts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    parser.add_argument("--hosts", type=int, default=128)
    parser.add_argument("--windows", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verify", type=int, default=256, metavar="N")
    parser.add_argument("--json", type=pathlib.Path, help="where to keep the figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="flameway-reduction-") as folder:
        folder = pathlib.Path(folder)
        load = folder / "load.otlp"
        if not options.files:
            Load(load, "--hosts", options.hosts, "--windows", options.windows, "--seed",
                 options.seed)
        else:
            write_load(options.files, load)

        first = messages_in(folder, [load], "request")[:options.verify]
        wrong = same_meaning(first, [merged(first, folder / "first.otlp", "sorted")])
        if wrong:
            sys.exit(f"the merged message does not mean what the requests meant: {wrong}")

        stats = json.loads(flameway("stats", "-o", "json", load))
        in_sorted_order = merged([load], folder / "sorted.otlp", "sorted")
        again = json.loads(flameway("stats", "-o", "json", in_sorted_order))
        if again["input"]["timestamps"] != stats["input"]["timestamps"]:
            sys.exit("events are missing in the merged message")

        alone = stats["zstd_bytes"]
        requests = stats["input"]["requests"]
        figures = {"requests": requests, "bytes": stats["input"]["bytes"],
                   "events": stats["input"]["timestamps"], "verified_requests": len(first),
                   "alone_zstd": alone, "merged_zstd": {}}
        for k in sorted({k for k in (16, 128) if k < requests} | {requests}):
            figures["merged_zstd"][k] = {
                order: packed_by(k, load, folder, order) for order in ("by_use", "sorted")}
        print(f"{requests:,} requests, {figures['bytes']:,} bytes, {figures['events']:,} events; "
              f"alone {alone:,} bytes; meaning verified over {len(first)} requests\n")
        print("| requests in one message | bytes, zstd-3 | times smaller "
              "| sorted, as exporters send it | times smaller |\n|---|---|---|---|---|")
        for k, by_order in figures["merged_zstd"].items():
            print(f"| {k:,} | " + " | ".join(f"{size:,} | {alone / size:.2f}"
                                             for size in by_order.values()) + " |")
        print("\n| part of all in one, sorted | bytes | zstd-3, by itself | share |\n|---|---|---|---|")
        parts = parts_of(in_sorted_order.read_bytes())
        packed = {}
        for name, content in parts.items():
            path = folder / f"part-{len(packed)}"
            path.write_bytes(content)
            packed[name] = bytes_by_libzstd([path])
        figures["parts"] = {name: {"bytes": len(parts[name]), "zstd": size}
                            for name, size in packed.items()}
        for name, size in sorted(packed.items(), key=lambda entry: -entry[1]):
            print(f"| {name} | {len(parts[name]):,} | {size:,} | {size / sum(packed.values()):.2f} |")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
