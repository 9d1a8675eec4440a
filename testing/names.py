#!/usr/bin/env python3
"""Compares the functions of two imports of one recording, sample by sample: names that perf printed, and names that damson looked up.

usage: names.py PERF HERE PROGRAM   PERF.samples, .stacks, .frames and HERE.* are dumps; exit 1 and a line for each kind of difference
"""
import collections
import csv
import pathlib
import subprocess
import sys


def stacks(prefix):
    def rows(table):
        return csv.DictReader(open(f"{prefix}.{table}", errors="surrogateescape"))

    frames = {r["frame_id"]: (r["function"], r["module"], r["offset"]) for r in rows("frames")}
    stack = collections.defaultdict(dict)
    for r in rows("stacks"):
        stack[r["stack_id"]][int(r["depth"])] = frames[r["frame_id"]]
    return [(r["time_ns"], r["tid"], [stack[r["stack_id"]][d] for d in sorted(stack[r["stack_id"]])]) for r in rows("samples")]


def aliases(program, modules):
    """Names that stand at one place, of each file."""
    places = collections.defaultdict(set)
    for module in {*modules, program}:
        if not pathlib.Path(module).is_file():
            continue
        for dynamic in ([], ["-D"]):
            said = subprocess.run(["nm", "--defined-only", *dynamic, module], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            for line in said.stdout.splitlines():
                address, _, name = line.partition(" ")
                places[module, address].add(name[2:].split("@")[0])
    for line in open("/proc/kallsyms"):
        address, _, name, *of = line.split()
        if not of and address.strip("0"):
            places["kernel", address].add(name)
    together = collections.defaultdict(set)
    for names in places.values():
        for name in names:
            together[name] |= names
    return together


perf, here = stacks(sys.argv[1]), stacks(sys.argv[2])
def without_inlined(stack):
    """As perf prints it where it was built without a reader of DWARF: an inlined function has offset 0, and what it is inlined in follows."""
    return [f for i, f in enumerate(stack) if not (f[2] == "0" and i + 1 < len(stack) and stack[i + 1][1] == f[1])]


same = aliases(sys.argv[3], {m for _, _, s in here for _, m, _ in s})
different = collections.Counter()
named = 0
if [s[:2] for s in perf] != [s[:2] for s in here] or not perf:
    different["the samples"] += 1
for (_, _, theirs), (_, _, ours) in zip(perf, here):
    if len(theirs) != len(ours):
        ours = without_inlined(ours)
    if len(theirs) != len(ours):
        different[f"{[f[0] for f in theirs]} is {[f[0] for f in ours]}"] += 1
        continue
    for (function, module, _), (found, _, _) in zip(theirs, ours):
        named += bool(function)
        # perf makes up names for stubs of the PLT, which no symbol covers.
        if function and not function.endswith("@plt") and function != found and found not in same[function]:
            different[f"{function} ({module}) is {found!r}"] += 1
for text, n in different.most_common():
    print(f"{n} times: {text}")
print(f"{len(perf)} samples, {named} names")
sys.exit(1 if different or not named else 0)
