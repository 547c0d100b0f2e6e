#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Flameway and the Collector doing the same work, one after the other, verified.

    bench/versus_collector.py [--json FILE]               the cases of the README, ten minutes
    bench/versus_collector.py --cases pass-none k16-none  others; --help lists them
    bench/plot.py FILE --readme                           table and plot from that

`flameway gen` makes the load, `flameway replay` sends it, `flameway sink` takes what comes out; all
requests are encoded and compressed beforehand. Measured is the gateway alone: CPU from ready to
exit, peak memory, what the sender waited, what arrived. Each case is first run once with its
output kept, over one reporting interval of all hosts at the same K; the expand oracle must find
that it means what was sent. A case that loses something has no figure. CPU seconds per GB count
uncompressed input (GB = 10^9 bytes).

Both compress what goes out with zstd at level 3. Flameway is told so (`compression_params`), and
uses zstd's library with the level's own window and, where rows are sorted, smaller tables. The Collector's gRPC exporter has no level to
set: it always uses klauspost/compress at SpeedDefault, which that library equates with zstd's
level 3, and a window of 512 KiB. Where nothing is merged, Flameway passes on the bytes that came,
with the sender's compression (zstd to zstd) or its own (gzip to zstd): the Collector has no such
way. To tell the merging from the compressors, the messages of the verified run are also compressed
by one of them, zstd's own at level 3 ("bytes, one library").

K is the same for both: a batch is closed by the samples that K requests have on average, and
Flameway has one shard, so one open batch, as the Collector has. The Collectors are those of the
end-to-end tests, built by tests/e2e/build_collector.sh into the user's cache the first time.
"""

import argparse
import dataclasses
import json
import pathlib
import statistics
import sys
import tempfile

from measured import (Load, bytes_by_libzstd, machine, measure, messages_in, same_meaning,
                      start_collector, start_flameway)
from plot import goals_text, table

# Requests of about 250 KB, and of about 16 KB.
LOADS = {
    "fleet": (("--hosts", 128), 4),
    "small": (("--hosts", 128, "--cores", 1, "--load", 0.08), 32),
}


@dataclasses.dataclass(frozen=True)
class Case:
    """`merge` requests go into one outgoing message; 1: passed through."""
    load: str
    merge: int
    way_in: str

    def title(self):
        what = f"merge K = {self.merge}" if self.merge > 1 else "pass-through"
        return f"{what}, {self.way_in} → zstd" + (", 16 KB requests" if self.load == "small" else "")


CASES = {
    **{f"{'pass' if merge == 1 else f'k{merge}'}-{way}": Case("fleet", merge, way)
       for merge in (1, 16, 128) for way in ("zstd", "gzip", "none")},
    "small-pass-zstd": Case("small", 1, "zstd"),
    "small-k128-zstd": Case("small", 128, "zstd"),
}
QUICK = ("pass-zstd", "pass-gzip", "k16-zstd", "k128-zstd", "small-pass-zstd", "small-k128-zstd")


class Comparison:
    def __init__(self, options, root):
        self._options = options
        self._root = root
        self._loads = {}
        for name in {CASES[case].load for case in options.cases}:
            flags, windows = LOADS[name]
            self._loads[name] = (
                Load(root / f"{name}.otlp", *flags, "--windows", windows),
                Load(root / f"{name}-proof.otlp", *flags, "--windows", max(1, windows // 8)))
        self.names = ["flameway"] + [f"collector {version}" for version in options.versions]
        self.results = {CASES[case].title(): {} for case in options.cases}

    def about_loads(self):
        return {name: load.about() for name, (load, _) in self._loads.items()}

    def _run(self, name, case, load, folder, dump=None):
        samples = load.samples / load.requests

        def start(folder, port, sink):
            if name == "flameway":
                return start_flameway(folder, port, sink, case.merge, samples,
                                      self._options.shards)
            return start_collector(name.split()[1], folder, port, sink, case.merge, samples)
        return measure(start, load, case.way_in, folder, self._options.concurrency, dump)

    def verify(self, name, case):
        """Runs it once over the shorter load, and compares what came out."""
        load = self._loads[case.load][1]
        entry = self.results[case.title()][name] = {"verified": "no", "runs": []}
        with tempfile.TemporaryDirectory(dir=self._root) as folder:
            folder = pathlib.Path(folder)
            try:
                self._run(name, case, load, folder, folder / "dump")
                came_out = messages_in(folder, sorted((folder / "dump").iterdir()), "actual")
                wrong = same_meaning(messages_in(folder, [load.path], "expected"), came_out)
                if wrong:
                    raise RuntimeError(wrong)
                entry["verified"] = "yes"
                entry["bytes_out_one_library"] = bytes_by_libzstd(came_out)
            except RuntimeError as error:
                entry["error"] = str(error)
                print(f"{case.title()}, {name}: not verified: {error}", file=sys.stderr)

    def time(self, name, case, round_number):
        entry = self.results[case.title()][name]
        if "error" in entry:
            return
        with tempfile.TemporaryDirectory(dir=self._root) as folder:
            try:
                figures = self._run(name, case, self._loads[case.load][0], pathlib.Path(folder))
            except RuntimeError as error:
                entry["error"] = str(error)
                print(f"{case.title()}, {name}: {error}", file=sys.stderr)
                return
        entry["runs"].append(figures)
        print(f"round {round_number + 1}: {case.title()}, {name}: "
              f"{figures['cpu_seconds_per_gb']:.2f} CPU s/GB, "
              f"{figures['requests_out']} requests out", file=sys.stderr)

    def run(self):
        cases = [CASES[case] for case in self._options.cases]
        for case in cases:
            for name in self.names:
                self.verify(name, case)
        for number in range(self._options.rounds):
            for case in cases:
                # Neighbours on the machine meet both alike: one after the other, in turns.
                for name in self.names if number % 2 == 0 else reversed(self.names):
                    self.time(name, case, number)
        for by_gateway in self.results.values():
            for entry in by_gateway.values():
                if entry["runs"] and "error" not in entry:
                    entry["median"] = {key: statistics.median(run[key] for run in entry["runs"])
                                       for key in entry["runs"][0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", nargs="*", default=QUICK, choices=CASES, metavar="CASE",
                        help=f"default: {' '.join(QUICK)}; there are: {' '.join(CASES)}")
    parser.add_argument("--versions", nargs="*", default=["0.162"],
                        help="Collectors; 0.159 merges in quadratic time: K = 128 takes minutes")
    parser.add_argument("--rounds", type=int, default=3, help="the median counts (3)")
    parser.add_argument("--concurrency", type=int, default=16, help="connections (16)")
    parser.add_argument("--shards", type=int, default=1,
                        help="of Flameway; 1, so that K is the same for both (1)")
    parser.add_argument("--json", type=pathlib.Path, help="where to keep all figures")
    options = parser.parse_args()

    about = machine()
    about["configuration"] = {key: str(value) for key, value in vars(options).items()
                              if key != "json"}
    with tempfile.TemporaryDirectory(prefix="flameway-versus-") as root:
        comparison = Comparison(options, pathlib.Path(root))
        about["loads"] = comparison.about_loads()
        print(json.dumps(about, indent=2))
        comparison.run()
    data = {"about": about, "results": comparison.results}
    print(table(data))
    print()
    print(goals_text(data))
    if options.json:
        options.json.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    failed = [case for case, by in data["results"].items() for entry in by.values()
              if "error" in entry]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
