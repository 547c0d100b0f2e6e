#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares our names with those of independent demanglers, over every mangled name of libstdc++ and
of our own programs.

    demangler_agreement_test.py NORMALIZE_LINES BINARY...

For each tool that is installed (c++filt, llvm-cxxfilt):
  full       our `full` name of the mangled one equals the tool's, spelled our way
  simple     the tool's whole name, simplified from its text, is our `simple` name of the mangled
  templates  the same with template arguments
  clones     as simple, for names with a suffix of the compiler, which each tool prints its own way
What differs must have a reason in INTENDED, which docs/symbols.md lists, and be rare.
"""

import re
import shutil
import subprocess
import sys

TOOLS = {"c++filt": ["c++filt"], "llvm-cxxfilt": ["llvm-cxxfilt-19"]}

# Reason, tool ("" for all), pattern in either side of a pair.
INTENDED = [
    ("LLVM cannot read it: transaction clones, some requirements", "", re.compile(r"^_Z")),
    ("GNU misprints empty packs in functions, and drops the return type before them", "c++filt",
     re.compile(r"<, ")),
    ("GNU and LLVM print expressions in types their own ways", "c++filt", re.compile(r"decltype ?\(")),
    ("conversions to pointers to members have no end in the text", "",
     re.compile(r"operator \w+ \([\w:]*\*\)")),
    ("the destructor of a closure has no name", "", re.compile(r"\{lambda[^}]*\}::~")),
]
MOST_DIFFERENCES = {"full": 0.015, "simple": 0.012, "templates": 0.015}


def run(command, lines):
    result = subprocess.run(command, input="\n".join(lines) + "\n", text=True,
                            capture_output=True, check=True)
    out = result.stdout.split("\n")[:-1]
    if len(out) != len(lines):
        raise SystemExit(f"{command}: {len(lines)} names in, {len(out)} out")
    return out


def mangled_names(binaries):
    """Names without a compiler's suffix, and those with one."""
    names, clones = set(), set()
    for binary in binaries:
        for options in ([], ["-D"]):
            listing = subprocess.run(["nm", *options, binary], text=True, capture_output=True)
            for line in listing.stdout.splitlines():
                name = line.split()[-1].split("@")[0] if line.split() else ""
                if name.startswith("_Z"):
                    (clones if "." in name else names).add(name)
    return sorted(names), sorted(clones)


def reason_for(tool, ours, theirs):
    for reason, only, pattern in INTENDED:
        if only in ("", tool) and (pattern.search(ours) or pattern.search(theirs)):
            return reason
    if tool == "c++filt" and ours.endswith(" " + theirs):
        return "GNU leaves out the return type of the function around a static"
    return None


def compare(tool, mode, names, ours, theirs):
    """Prints what differs; whether that is within what is intended."""
    differing = [(n, o, t) for n, o, t in zip(names, ours, theirs) if o != t]
    reasons = {}
    unexplained = []
    for name, our, their in differing:
        reason = reason_for(tool, our, their)
        if reason is None:
            unexplained.append((name, our, their))
        else:
            reasons.setdefault(reason, []).append((name, our, their))
    print(f"{tool} {mode}: {len(names)} names, {len(differing)} differ, "
          f"{len(unexplained)} without a reason")
    for reason, pairs in sorted(reasons.items()):
        print(f"  {len(pairs):5} {reason}\n        {pairs[0][0]}\n        ours   {pairs[0][1]}\n"
              f"        theirs {pairs[0][2]}")
    for name, our, their in unexplained[:20]:
        print(f"  UNEXPLAINED {name}\n    ours   {our}\n    theirs {their}")
    return not unexplained and len(differing) <= MOST_DIFFERENCES[mode] * len(names)


def main():
    normalize, binaries = sys.argv[1], sys.argv[2:]
    if not shutil.which("nm"):
        print("skipped: nm is not installed")
        return 77
    names, clones = mangled_names(binaries)
    if len(names) < 3000:
        raise SystemExit(f"only {len(names)} mangled names in {binaries}")
    ours = {mode: run([normalize, mode, "native"], names) for mode in MOST_DIFFERENCES}
    our_clones = run([normalize, "simple", "native"], clones) if clones else []
    good = True
    used = 0
    for tool, command in TOOLS.items():
        if not shutil.which(command[0]):
            print(f"skipped: {command[0]} is not installed")
            continue
        used += 1
        text = run(command, names)
        for mode in MOST_DIFFERENCES:
            theirs = run([normalize, mode, "native"], text)
            good &= compare(tool, mode, names, ours[mode], theirs)
        if clones:
            theirs = run([normalize, "simple", "native"], run(command, clones))
            good &= compare(tool, "simple", clones, our_clones, theirs)
    if used == 0:
        return 77
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
