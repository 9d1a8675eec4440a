# Compares a trace recorded from the kernel's ring, event for event, with the kernel's text of another ring that ran at the
# same time: damon_aggregated with regions and snapshots, damos_before_apply with schemes.
# usage: check-rows.py TRACE.damson REGIONS.csv SNAPSHOTS.csv SCHEMES.csv TEXT [whole]
# With "whole", every event of the text must be in the trace; else those from the first to the last of the trace.
import csv
import json
import re
import sys

LINE = re.compile(r"kdamond\.\d+-(\d+)\s.*?(\d+)\.(\d{6}): (damon_aggregated|damos_before_apply): (.*)")
REGION = re.compile(r"target_id=(\d+) nr_regions=(\d+) (\d+)-(\d+): (\d+) (\d+)")
APPLY = re.compile(r"ctx_idx=(\d+) scheme_idx=(\d+) target_idx=(\d+) nr_regions=(\d+) (\d+)-(\d+): (\d+) (\d+)")


def micros(ns):
    return (int(ns) + 500) // 1000  # as the kernel rounds


def read(text):
    """Regions and schemes of the text by thread, each with the time of its burst."""
    regions, schemes, left = {}, {}, {}
    for line in open(text):
        m = LINE.search(line)
        if not m:
            continue
        k, us = int(m.group(1)), int(m.group(2)) * 1000000 + int(m.group(3))
        if m.group(4) == "damos_before_apply":
            schemes.setdefault(k, []).append((us,) + tuple(int(x) for x in APPLY.match(m.group(5)).groups()))
            continue
        target, count, start, end, nr, age = (int(x) for x in REGION.match(m.group(5)).groups())
        remaining, at = left.get((k, target), (0, 0))
        if remaining == 0:
            remaining, at = count, us
        left[k, target] = (remaining - 1, at)
        regions.setdefault(k, []).append((at, target, start, end, nr, age))
    return regions, schemes


def threads(manifest, text, trace):
    """Thread by kdamond number: as the manifest says, or, where it was written too early to know, by the first region."""
    known = {k["kdamond"]: k["thread"] for k in manifest["recording"].get("kdamonds", []) if "thread" in k}
    for number, rows in trace.items():
        for thread, events in text.items():
            if number not in known and thread not in known.values() and rows[0] in events:
                known[number] = thread
    return known


def same(what, text, trace, whole):
    if not trace:
        # In a window without regions to say which it is, schemes may not have had a turn yet.
        return not whole and what.endswith("schemes"), "%s: the trace has none" % what
    # Times only choose the window, so that equal rows at its edges cannot hide a difference in it.
    if not whole:
        text = [e for e in text if trace[0][0] <= e[0] <= trace[-1][0]]
    if text == trace:
        return True, "%s: %d events, one for one" % (what, len(text))
    at = next((i for i, (a, b) in enumerate(zip(text, trace)) if a != b), min(len(text), len(trace)))
    return False, "%s: text %d, trace %d; first difference at %d:\n  text  %s\n  trace %s" % (
        what, len(text), len(trace), at, text[at : at + 2], trace[at : at + 2])


def main(trace, regions, snapshots, schemes, text, whole):
    text_regions, text_schemes = read(text)
    of = {r["snapshot_id"]: int(r["kdamond"]) for r in csv.DictReader(open(snapshots))}
    got_regions, got_schemes = {}, {}
    for r in csv.DictReader(open(regions)):
        got_regions.setdefault(of[r["snapshot_id"]], []).append(
            (micros(r["end_ns"]),) + tuple(int(r[c]) for c in ("target", "start", "end", "nr_accesses", "age")))
    for r in csv.DictReader(open(schemes)):
        got_schemes.setdefault(int(r["kdamond"]), []).append(
            (micros(r["time_ns"]),)
            + tuple(int(r[c]) for c in ("context", "scheme", "target", "nr_regions", "start", "end", "nr_accesses", "age")))
    thread = threads(json.load(open(trace + "/manifest.json")), text_regions, got_regions)
    unknown = set(text_regions) - set(thread.values())
    good = bool(got_regions) and set(got_regions) <= set(thread) and not (whole and unknown)
    if not good:
        print("kdamonds of the trace %s, threads known %s, others in the text %s" % (sorted(got_regions), thread, unknown))
    for k in sorted(thread) if good else []:
        for what, told, got in (("regions", text_regions, got_regions), ("schemes", text_schemes, got_schemes)):
            told, got = told.get(thread[k], []), got.get(k, [])
            if what == "regions":
                # Targets of one aggregation may be stored in another order than told: by time, target and place.
                told, got = sorted(told), sorted(got)
            if told or got:
                equal, words = same("kdamond %d %s" % (k, what), told, got, whole)
                print(words)
                good &= equal
    return 0 if good else 1


sys.exit(main(*sys.argv[1:6], len(sys.argv) > 6))
