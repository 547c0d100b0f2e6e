#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the default rules of `symbols` do to recordings: rows and bytes, merged with and without.

    bench/cardinality.py NAME=FILE[,FILE...] ...

Prints a table. Bytes are of the merged message after zstd-3. Needs `./dev build` before.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(__file__).resolve().parents[1] / "build/release/flameway"
CONFIGURATION = {
    "receivers": {"otlp": {"protocols": {"grpc": {}}}},
    "processors": {"symbols": {}},
    "exporters": {"nop": {}},
    "service": {"pipelines": {"profiles": {"receivers": ["otlp"], "processors": ["symbols"],
                                           "exporters": ["nop"]}}},
}


def merged(files, folder, *flags):
    """Rows of the merged message, and its size after zstd-3."""
    out = folder / "merged.otlp"
    packed = folder / "merged.otlp.zst"
    for target in (out, packed):
        subprocess.run([PROGRAM, "merge", "-q", *flags, *files, "-O", target], check=True)
    stats = json.loads(subprocess.run([PROGRAM, "stats", "-o", "json", out], check=True,
                                      stdout=subprocess.PIPE).stdout)
    tables = stats["input"]["tables"]
    return {**{name: tables[name]["rows"] for name in ("functions", "locations", "stacks")},
            "bytes": packed.stat().st_size}


def main():
    sets = [argument.partition("=") for argument in sys.argv[1:]]
    if not sets or any(not files for _, _, files in sets):
        sys.exit(__doc__)
    print("| recordings | | functions | locations | stacks | bytes, zstd-3 |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="flameway-cardinality-") as folder:
        folder = pathlib.Path(folder)
        ways = [("as sent", ())]
        for what, options in (("normalized", {}),
                              ("without `native.address_name`",
                               {"disable": ["native.address_name"]})):
            configuration = folder / f"{len(ways)}.yaml"
            configuration.write_text(json.dumps({**CONFIGURATION,
                                                 "processors": {"symbols": options}}))
            ways.append((what, ("--config", configuration)))
        for name, _, files in sets:
            files = files.split(",")
            for what, flags in ways:
                rows = merged(files, folder, *flags)
                print(f"| {name} | {what} | " + " | ".join(f"{rows[key]:,}" for key in rows) + " |")


if __name__ == "__main__":
    main()
