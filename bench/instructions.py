#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many instructions each stage of the core takes, against those of the last rebaseline.

    bench/instructions.py               compare with bench/instructions.json, which may be 2 % off
    bench/instructions.py --rebaseline  write it anew

Runs build/release/bench/stage_count under callgrind; `./dev count` builds it before. Counts repeat
to a few instructions, on a busy machine too, and so tell a change of a percent that no clock of a
shared machine can tell. They say nothing about caches and memory: bench/stage_bench does.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "build/release/bench/stage_count"
BASELINE = ROOT / "bench/instructions.json"
TOLERANCE = 0.02
REBASELINE = "bench/instructions.py --rebaseline"


def count():
    """Conditions the program prints, and instructions by stage."""
    with tempfile.TemporaryDirectory() as folder:
        dump = pathlib.Path(folder) / "dump"
        run = subprocess.run(
            ["valgrind", "--quiet", "--tool=callgrind", "--collect-atstart=no",
             f"--callgrind-out-file={dump}", PROGRAM],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if run.returncode != 0:
            sys.exit(f"{PROGRAM} failed under valgrind:\n{run.stderr}{run.stdout}")
        conditions = dict(line.split(" ", 1) for line in run.stdout.splitlines())
        stages = {}
        for part in sorted(dump.parent.glob("dump.*"), key=lambda part: int(part.suffix[1:])):
            text = part.read_text()
            stage = re.search(r"^desc: Trigger: Client Request: (.+)$", text, re.MULTILINE)
            total = re.search(r"^totals: (\d+)$", text, re.MULTILINE)
            if stage and total:
                stages[stage[1]] = int(total[1])
    if not stages or not all(stages.values()):
        sys.exit(f"callgrind counted nothing: {stages}\n{run.stderr}")
    version = subprocess.run(["valgrind", "--version"], stdout=subprocess.PIPE, text=True)
    return {"valgrind": version.stdout.strip(), **conditions}, stages


def compare(conditions, stages, baseline):
    """Prints the table; returns what is wrong, as sentences."""
    comparable = True
    for name in ("compiler", "valgrind", "features"):
        if conditions[name] != baseline["conditions"][name]:
            comparable = False
            print(f"note: {name} is {conditions[name]}, the baseline was counted with "
                  f"{baseline['conditions'][name]}: the counts are shown, not judged")
    if conditions["digest"] != baseline["conditions"]["digest"]:
        return [f"The input is not that of the baseline: the generator of traffic changed. "
                f"Count again with {REBASELINE}."]
    wrong = []
    samples = int(conditions["samples"])
    size = int(conditions["bytes"])
    print(f"{'stage':<24}{'instructions':>14}{'a byte':>9}{'a sample':>10}{'baseline':>14}{'':>9}")
    for stage in dict.fromkeys([*baseline["instructions"], *stages]):
        now = stages.get(stage)
        before = baseline["instructions"].get(stage)
        if now is None or before is None:
            wrong.append(f"The stage '{stage}' is {'gone' if now is None else 'new'}.")
            continue
        change = now / before - 1
        print(f"{stage:<24}{now:>14,}{now / size:>9.2f}{now / samples:>10.0f}{before:>14,}"
              f"{change:>+9.2%}")
        if comparable and abs(change) > TOLERANCE:
            wrong.append(f"The stage '{stage}' takes {abs(change):.1%} "
                         f"{'more' if change > 0 else 'fewer'} instructions than the baseline.")
    return wrong and [*wrong, f"If this is meant, make it the baseline with {REBASELINE} and commit "
                              f"bench/instructions.json; else look for what the last changes added."]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rebaseline", action="store_true", help="write bench/instructions.json")
    arguments = parser.parse_args()
    conditions, stages = count()
    current = {"conditions": conditions, "instructions": stages}
    if arguments.rebaseline or not BASELINE.exists():
        before = json.loads(BASELINE.read_text()) if BASELINE.exists() else current
        compare(conditions, stages, before)
        if not arguments.rebaseline:
            sys.exit(f"There is no baseline yet; make one with {REBASELINE}.")
        BASELINE.write_text(json.dumps(current, indent=2) + "\n")
        print(f"wrote {BASELINE.relative_to(ROOT)}")
        return
    wrong = compare(conditions, stages, json.loads(BASELINE.read_text()))
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
