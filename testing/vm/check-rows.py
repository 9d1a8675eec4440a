# Compares a trace recorded from the kernel's ring, event for event, with the kernel's text of another ring that ran at the
# same time: damon_aggregated with regions and snapshots, damos_before_apply with schemes.
# usage: check-rows.py TRACE.damson REGIONS.csv SNAPSHOTS.csv SCHEMES.csv TEXT [whole|own]
# With "whole", every event of the text must be in the trace, with "own" every event of the trace's kdamonds (DAMON_STAT may
# have run before and after); else the trace is one piece of it. Rings take their times one after
# the other, so times differ by how long that took; the order of events does not.
import csv
import json
import re
import sys

# A thread's name is known to the kernel's text only once it was switched away from.
LINE = re.compile(r"(?:kdamond\.\d+|<\.\.\.>)-(\d+)\s.*?(\d+)\.(\d{6}): (damon_aggregated|damos_before_apply): (.*)")
REGION = re.compile(r"target_id=(\d+) nr_regions=(\d+) (\d+)-(\d+): (\d+) (\d+)")
APPLY = re.compile(r"ctx_idx=(\d+) scheme_idx=(\d+) target_idx=(\d+) nr_regions=(\d+) (\d+)-(\d+): (\d+) (\d+)")


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
            # The same region may have been told before; a second is far more than two rings are apart.
            near = [e[1:] for e in events if abs(e[0] - rows[0][0]) < 1000000]
            if number not in known and thread not in known.values() and rows[0][1:] in near:
                known[number] = thread
    return known


def same(what, text, trace, whole):
    if not trace:
        # In a window without regions to say which it is, schemes may not have had a turn yet.
        return not whole and what.endswith("schemes"), "%s: the trace has none" % what
    told, got = [e[1:] for e in text], [e[1:] for e in trace]
    first = 0 if whole else next((i for i in range(len(told)) if told[i : i + len(got)] == got), None)
    if first is None:
        first = max(range(len(told)), key=lambda i: sum(a == b for a, b in zip(told[i : i + 50], got)), default=0)
    if told[first : None if whole else first + len(got)] == got:
        apart = sorted(abs(a[0] - b[0]) for a, b in zip(text[first:], trace))
        return True, "%s: %d events, one for one; times apart %d us in the middle, %d at most" % (
            what, len(got), apart[len(apart) // 2], apart[-1])
    at = next((i for i, (a, b) in enumerate(zip(told[first:], got)) if a != b), min(len(told) - first, len(got)))
    return False, "%s: text %d, trace %d; first difference at %d:\n  text  %s\n  trace %s" % (
        what, len(told), len(got), at, text[first + at : first + at + 2], trace[at : at + 2])


def main(trace, regions, snapshots, schemes, text, how=""):
    whole = how in ("whole", "own")
    text_regions, text_schemes = read(text)
    of = {r["snapshot_id"]: int(r["kdamond"]) for r in csv.DictReader(open(snapshots))}
    got_regions, got_schemes = {}, {}
    torn = 0
    for r in csv.DictReader(open(regions)):
        if not whole and r["snapshot_id"] not in of:
            torn += 1  # killed between the two tables: whose regions these are was not yet written
            continue
        got_regions.setdefault(of[r["snapshot_id"]], []).append(
            (int(r["end_ns"]) // 1000,) + tuple(int(r[c]) for c in ("target", "start", "end", "nr_accesses", "age")))
    if torn:
        print("%d regions of snapshots that were not yet written" % torn)
    for r in csv.DictReader(open(schemes)):
        got_schemes.setdefault(int(r["kdamond"]), []).append(
            (int(r["time_ns"]) // 1000,)
            + tuple(int(r[c]) for c in ("context", "scheme", "target", "nr_regions", "start", "end", "nr_accesses", "age")))
    manifest = json.load(open(trace + "/manifest.json"))
    thread = threads(manifest, text_regions, got_regions)
    # DAMON goes on telling of places whose process has ended; the trace leaves them out.
    ended = {p["target"]: p["to_ns"] // 1000 for p in manifest["recording"].get("processes", []) if "to_ns" in p}
    unknown = set(text_regions) - set(thread.values())
    good = bool(got_regions) and set(got_regions) <= set(thread) and not (how == "whole" and unknown)
    if not good:
        print("kdamonds of the trace %s, threads known %s, others in the text %s" % (sorted(got_regions), thread, unknown))
    for k in sorted(thread) if good else []:
        for what, told, got in (("regions", text_regions, got_regions), ("schemes", text_schemes, got_schemes)):
            told, got = told.get(thread[k], []), got.get(k, [])
            if what == "regions":
                told = [e for e in told if e[0] <= ended.get(e[1], e[0])]
            if told or got:
                equal, words = same("kdamond %d %s" % (k, what), told, got, whole)
                print(words)
                good &= equal
    return 0 if good else 1


sys.exit(main(*sys.argv[1:]))
