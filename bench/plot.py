#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What bench/versus_collector.py measured, as a picture and as tables.

    bench/plot.py docs/versus_collector.json             writes docs/versus_collector.svg
    bench/plot.py docs/versus_collector.json --readme    and the table between its marks in README.md
"""

import argparse
import html
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
OWN = "flameway"

# Limits on a figure of Flameway as a share of the newest Collector's in the same case.
GOALS = (
    ("CPU, K = 128", "merge K = 128, zstd → zstd", "cpu_seconds_per_gb", 1 / 15),
    ("CPU, K = 16", "merge K = 16, zstd → zstd", "cpu_seconds_per_gb", 1 / 8),
    ("CPU, zstd passed through", "pass-through, zstd → zstd", "cpu_seconds_per_gb", 1 / 3),
    ("CPU, gzip to zstd", "pass-through, gzip → zstd", "cpu_seconds_per_gb", 1 / 3),
    ("peak memory, K = 128", "merge K = 128, zstd → zstd", "peak_memory_mb", 1 / 5),
    ("bytes out, K = 128", "merge K = 128, zstd → zstd", "bytes_out_zstd", 0.88),
    ("bytes out, K = 16", "merge K = 16, zstd → zstd", "bytes_out_zstd", 0.88),
    ("CPU a request, 16 KB passed through", "pass-through, zstd → zstd, 16 KB requests",
     "cpu_microseconds_per_request", 1 / 2),
    ("CPU a request, 16 KB merged", "merge K = 128, zstd → zstd, 16 KB requests",
     "cpu_microseconds_per_request", 1 / 2),
)


def gateways(data):
    """Flameway first, then the Collectors, newest first."""
    names = {name for by_gateway in data["results"].values() for name in by_gateway}
    return [OWN] + sorted(names - {OWN}, reverse=True)


def median(data, case, name):
    return data["results"].get(case, {}).get(name, {}).get("median")


def pairs(data):
    """The cases in which both Flameway and the newest Collector have figures."""
    newest = gateways(data)[1]
    for case in data["results"]:
        own, other = median(data, case, OWN), median(data, case, newest)
        if own and other:
            yield case, own, other


def table(data):
    """Every figure, a row for each case and gateway; ratios are to Flameway's."""
    columns = [("cpu_seconds_per_gb", "CPU s/GB", "{:.2f}"),
               ("cpu_microseconds_per_request", "CPU µs/request", "{:,.0f}"),
               ("wall_mb_per_second", "MB/s", "{:.0f}"),
               ("peak_memory_mb", "peak MB", "{:.0f}"),
               ("bytes_out_zstd", "bytes out", "{:,.0f}"),
               ("requests_out", "requests out", "{:.0f}"),
               ("sender_p99_ms", "sender p99 ms", "{:.1f}")]
    ratios = [("cpu_seconds_per_gb", "CPU ×"), ("peak_memory_mb", "memory ×"),
              ("bytes_out_zstd", "bytes ×")]
    heads = ["case", "gateway", *(head for _, head, _ in columns), *(head for _, head in ratios),
             "bytes ×, one library", "verified"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for case, by_gateway in data["results"].items():
        own = by_gateway.get(OWN, {})
        for name in gateways(data):
            entry = by_gateway.get(name)
            if entry is None:
                continue
            if "median" not in entry:
                reason = (entry.get("error") or "not run").splitlines()[0][:60]
                cells = ["–"] * (len(heads) - 3) + [reason]
            else:
                figures = entry["median"]
                cells = [form.format(figures[key]) for key, _, form in columns]
                cells += [f"{figures[key] / own['median'][key]:.2f}" if "median" in own else "–"
                          for key, _ in ratios]
                one = "bytes_out_one_library"
                cells += [f"{entry[one] / own[one]:.2f}" if one in own else "–", entry["verified"]]
            lines.append(f"| {case} | {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def goals_text(data):
    """What was to be reached, what was measured, and whether that is enough."""
    newest = gateways(data)[1]
    lines = [f"| Flameway : {newest} | at most | measured | |", "|---|---|---|---|"]

    def add(what, wanted, measured):
        lines.append(f"| {what} | {wanted:.3f} | {measured:.3f} | "
                     f"{'reached' if measured <= wanted else 'NOT REACHED'} |")
    for what, case, figure, wanted in GOALS:
        own, other = median(data, case, OWN), median(data, case, newest)
        if own and other:
            add(what, wanted, own[figure] / other[figure])
    passed = median(data, "pass-through, zstd → zstd", newest)
    for k in (16, 128):
        own = median(data, f"merge K = {k}, zstd → zstd", OWN)
        if own and passed:
            add(f"CPU of merging K = {k} : the Collector passing through", 1,
                own["cpu_seconds_per_gb"] / passed["cpu_seconds_per_gb"])
    return "\n".join(lines)


def readme_text(data, picture):
    newest = gateways(data)[1]
    about = data["about"]
    loads = about["loads"]
    sizes = "; ".join(f"{load['requests']:,} requests of {load['bytes'] / load['requests'] / 1e3:.0f}"
                      " KB" for load in loads.values())
    lines = [f"![CPU seconds per gigabyte, Flameway and {newest}]({picture})", "",
             "| | CPU s per GB | less CPU | CPU µs a request | peak MB | less memory "
             "| bytes out | by one library |",
             "|---|---|---|---|---|---|---|---|"]
    for case, own, other in pairs(data):
        entries = data["results"][case]
        one = (entries[OWN]["bytes_out_one_library"] / entries[newest]["bytes_out_one_library"])

        def both(key, form):
            return f"{form.format(own[key])} : {form.format(other[key])}"

        def times(key):
            return f"{other[key] / own[key]:.1f} ×"
        lines.append(f"| {case} | {both('cpu_seconds_per_gb', '{:.1f}')} "
                     f"| {times('cpu_seconds_per_gb')} "
                     f"| {both('cpu_microseconds_per_request', '{:,.0f}')} "
                     f"| {both('peak_memory_mb', '{:.0f}')} | {times('peak_memory_mb')} "
                     f"| {own['bytes_out_zstd'] / other['bytes_out_zstd']:.2f} | {one:.2f} |")
    lines += ["", f"Flameway : {newest}, medians of {about['configuration']['rounds']} rounds, "
              "verified. Bytes out are a share of the Collector's, as sent and with both "
              f"compressed by one library. The made-up fleet: {sizes}. {about['cpu']}, "
              f"{about['cores']} cores; commit {about['commit']}."]
    return "\n".join(lines)


class Picture:
    """Two horizontal bars a case, on one linear scale from 0."""

    WIDTH, LEFT, RIGHT = 880, 320, 130
    BAR, GAP, TOP = 17, 20, 62

    def __init__(self, data):
        self._cases = list(pairs(data))
        self._other = gateways(data)[1]
        self._most = max(other["cpu_seconds_per_gb"] for _, _, other in self._cases)
        self._parts = []

    def _text(self, x, y, kind, text, anchor="start"):
        self._parts.append(f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}" '
                           f'text-anchor="{anchor}">{html.escape(text)}</text>')

    def _bar(self, y, kind, seconds, label):
        room = self.WIDTH - self.LEFT - self.RIGHT
        length = max(1.5, room * seconds / self._most)
        self._parts.append(f'<rect x="{self.LEFT}" y="{y}" width="{length:.1f}" '
                           f'height="{self.BAR}" rx="2" class="{kind}"/>')
        self._text(self.LEFT + length + 6, y + self.BAR - 4, "label", label)

    def svg(self):
        self._text(0, 18, "title", "CPU seconds of the gateway per GB of profiles that came in")
        x = 0
        for kind, name in (("own", "Flameway"), ("other", self._other[0].upper() +
                                                 self._other[1:])):
            self._parts.append(f'<rect x="{x}" y="32" width="12" height="12" rx="2" '
                               f'class="{kind}"/>')
            self._text(x + 18, 43, "label", name)
            x += 110
        y = self.TOP
        for case, own, other in self._cases:
            seconds, others = own["cpu_seconds_per_gb"], other["cpu_seconds_per_gb"]
            self._text(self.LEFT - 12, y + self.BAR + 5, "case", case, "end")
            self._bar(y, "own", seconds, f"{seconds:.1f}")
            self._bar(y + self.BAR + 2, "other", others,
                      f"{others:.1f} · {others / seconds:.1f} ×")
            y += 2 * self.BAR + 2 + self.GAP
        height = y - self.GAP + 8
        # Viewers that honour prefers-color-scheme get text of their own for dark pages; the colours
        # for the others can be read on both.
        style = ("text{font:13px system-ui,-apple-system,'Segoe UI',sans-serif;fill:#7d8590}"
                 ".title{font-size:15px;font-weight:600}"
                 ".own{fill:#e8590c}.other{fill:#8c959f}"
                 "@media (prefers-color-scheme:light){text{fill:#424a53}}"
                 "@media (prefers-color-scheme:dark){text{fill:#c9d1d9}.other{fill:#6e7681}}")
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.WIDTH}" height="{height}" '
                f'viewBox="0 0 {self.WIDTH} {height}" role="img" '
                f'aria-label="CPU seconds per GB, Flameway and {html.escape(self._other)}">\n'
                "<!-- SPDX-License-Identifier: Apache-2.0; made by bench/plot.py -->\n"
                f"<style>{style}</style>\n" + "\n".join(self._parts) + "\n</svg>\n")


def put_between_marks(path, text):
    """Replaces what stands between `<!-- versus -->` and `<!-- /versus -->`."""
    before = path.read_text(encoding="utf-8")
    after, count = re.subn(r"(<!-- versus -->\n).*?(<!-- /versus -->)",
                           lambda found: found[1] + text + "\n" + found[2], before, flags=re.S)
    if count != 1:
        sys.exit(f"{path}: expected one pair of marks, found {count}")
    path.write_text(after, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("json", type=pathlib.Path)
    parser.add_argument("--svg", type=pathlib.Path, help="default: beside the JSON")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    options = parser.parse_args()
    data = json.loads(options.json.read_text(encoding="utf-8"))
    svg = (options.svg or options.json.with_suffix(".svg")).resolve()
    if not list(pairs(data)):
        sys.exit("no case has figures of both Flameway and a Collector")
    svg.write_text(Picture(data).svg(), encoding="utf-8")
    if options.readme:
        put_between_marks(ROOT / "README.md", readme_text(data, svg.relative_to(ROOT)))
    else:
        print(readme_text(data, svg.name))
    print(goals_text(data), file=sys.stderr)


if __name__ == "__main__":
    main()
