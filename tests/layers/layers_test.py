#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks every #include of proto/, processor/ and bridge/ against cmake/layers.txt, and that a
source includes its own header first.

    layers_test.py ROOT --at-least N    prints `file:line: forbidden arrow` and exits 1; N guards
                                        against a walk that finds nothing and so proves nothing
    layers_test.py --self-test          breaks made-up trees in each way and expects the complaint
"""

import argparse
import pathlib
import re
import sys
import tempfile

SOURCE_ROOTS = ("proto", "processor", "bridge")
OTHER_ROOTS = ("tests", "bench", "testdata")  # ours, but never to be included by the product
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def read_layers(path):
    layers = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        room, arrow, allowed = line.partition("->")
        if not arrow or room.strip() in layers:
            raise SystemExit(f"{path}:{number}: expected one `room -> rooms` line per room")
        layers[room.strip()] = allowed.split()
    return layers


def find_cycle(graph):
    """Depth first, without recursion; the nodes of the first cycle, else None."""
    done, path, on_path = set(), [], set()
    for start in sorted(graph):
        stack = [(start, False)]
        while stack:
            node, leaving = stack.pop()
            if leaving:
                on_path.discard(path.pop())
                done.add(node)
            elif node in on_path:
                return path[path.index(node):] + [node]
            elif node not in done:
                path.append(node)
                on_path.add(node)
                stack.append((node, True))
                stack.extend((next_node, False) for next_node in graph.get(node, ()))
    return None


def check(root, at_least):
    """The complaints about the tree under `root`, one line each."""
    layers_path = root / "cmake" / "layers.txt"
    layers = read_layers(layers_path)
    complaints = [f"{layers_path}: `{room}` may include `{other}`, which has no line of its own"
                  for room, allowed in layers.items() for other in allowed if other not in layers]
    if cycle := find_cycle(layers):
        complaints.append(f"{layers_path}: rooms in a cycle: {' -> '.join(cycle)}")

    files = sorted(path for top in SOURCE_ROOTS for path in (root / top).rglob("*")
                   if path.suffix in (".h", ".cc", ".c", ".def"))
    if len(files) < at_least:
        complaints.append(f"{root}: found {len(files)} source files, expected at least {at_least}")
    includes = {}
    for path in files:
        name = path.relative_to(root).as_posix()
        room = path.parent.relative_to(root).as_posix()
        if room not in layers:
            complaints.append(f"{name}:1: unknown room `{room}`: give it a line in {layers_path}")
            continue
        includes[name] = []
        if path.suffix == ".cc" and path.with_suffix(".h").is_file():
            header = path.with_suffix(".h").relative_to(root).as_posix()
            first = next(filter(None, map(INCLUDE.match, path.read_text().splitlines())), None)
            if not first or first.group(2) != header:
                # It would not be known whether the header reads alone.
                complaints.append(f"{name}:1: the first include is not {header}")
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, target = match.groups()
            where = f"{name}:{number}"
            top = target.split("/")[0]
            target_room = target.rpartition("/")[0]
            if top in OTHER_ROOTS:
                complaints.append(f"{where}: forbidden arrow {room} -> {top} ({target})")
            elif top in SOURCE_ROOTS:
                includes[name].append(target)
                if quote == "<":
                    complaints.append(f"{where}: our own {target} is included with quotes")
                if not ((root / target).is_file() or (root / f"{target}.in").is_file()):
                    complaints.append(f"{where}: no such file: {target}")
                elif target_room != room and target_room not in layers[room]:
                    arrow = f"{room} -> {target_room}"
                    complaints.append(f"{where}: forbidden arrow {arrow} ({target})")
            elif (path.parent / target).is_file():
                complaints.append(f"{where}: {target} is not a full path from the root")
    if cycle := find_cycle(includes):
        complaints.append(f"{cycle[0]}: headers in a cycle: {' -> '.join(cycle)}")
    inhabited = {path.parent.relative_to(root).as_posix() for path in files}
    complaints += [f"{layers_path}: room `{room}` has no source file" for room in layers
                   if room not in inhabited]
    return complaints, len(files)


def self_test():
    healthy = {
        "cmake/layers.txt": "# comment\nproto/wire ->\nprocessor -> proto/wire\n"
                            "bridge -> processor\n",
        "proto/wire/reader.h": "#include <cstdint>\n",
        "processor/batch.h": '#include "proto/wire/reader.h"\n',
        "bridge/main.cc": '#include "processor/batch.h"\n#include "absl/status/status.h"\n'
                          '#include "bridge/version.h"\n',
        "bridge/version.h.in": "",  # becomes a header when configured
    }
    layers = healthy["cmake/layers.txt"]
    broken = {
        "forbidden arrow processor -> bridge": {
            "bridge/main.h": "", "processor/batch.h": '\n#include "bridge/main.h"\n'},
        "processor/batch.h:2: forbidden": {
            "bridge/main.h": "", "processor/batch.h": '\n# include "bridge/main.h"\n'},
        "forbidden arrow bridge -> proto/wire": {
            "bridge/main.cc": '#include "proto/wire/reader.h"\n'},
        "forbidden arrow bridge -> tests": {"bridge/main.cc": '#include "tests/support/x.h"\n'},
        "included with quotes": {"bridge/main.cc": "#include <processor/batch.h>\n"},
        "no such file": {"bridge/main.cc": '#include "processor/absent.h"\n'},
        "not a full path": {"bridge/main.cc": '#include "near.h"\n', "bridge/near.h": ""},
        "first include is not bridge/main.h": {"bridge/main.h": ""},
        "headers in a cycle": {"bridge/a.h": '#include "bridge/b.h"\n',
                               "bridge/b.h": '#include "bridge/a.h"\n'},
        "rooms in a cycle": {"cmake/layers.txt": layers.replace("wire ->", "wire -> bridge")},
        "unknown room `bridge/new`": {"bridge/new/thing.cc": ""},
        "has no line of its own": {"cmake/layers.txt": layers + "processor/extra -> nowhere\n"},
        "has no source file": {"cmake/layers.txt": layers + "bridge/empty ->\n"},
        "expected at least 3": {"bridge/main.cc": None},
    }

    def complaints_of(tree):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in tree.items():
                if text is not None:
                    (root / name).parent.mkdir(parents=True, exist_ok=True)
                    (root / name).write_text(text)
            return check(root, 3)[0]

    failures = []
    if found := complaints_of(healthy):
        failures.append(f"a healthy tree is complained about: {found}")
    for expected, change in broken.items():
        found = complaints_of({**healthy, **change})
        if not any(expected in complaint for complaint in found):
            failures.append(f"expected a complaint with `{expected}`, got {found}")
    return failures, len(broken) + 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", nargs="?", type=pathlib.Path)
    parser.add_argument("--at-least", type=int, default=1)
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        complaints, count = self_test()
        noun = "made-up trees"
    else:
        complaints, count = check(arguments.root, arguments.at_least)
        noun = "source files"
    for complaint in complaints:
        print(complaint)
    print(f"{count} {noun}, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
