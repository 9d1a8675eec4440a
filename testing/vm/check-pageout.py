# Compares pageout schemes that were really run with what `simulate` says of recordings without them. usage:
# check-pageout.py WORKLOAD SIMULATED.json... (one per recording NAME-without-N, in the order of N); in the results of `pageout`.
# Bytes tried must be within 15 % of the real ones or within the spread of the real runs; applied and refaulted bytes within
# the bounds, as far as one real run differs from the other.
import csv
import json
import sys


def vmstat(file):
    return {k: int(v) for k, v in (line.split() for line in open(file))}


name, results = sys.argv[1], []
for f in sys.argv[2:]:
    simulated = json.load(open(f))
    results.append({**simulated["outcome"], **simulated["schemes"][0]})
real = []
for i in range(1, len(results) + 1):
    folder = "%s-with-%d" % (name, i)
    stats = list(csv.DictReader(open(folder + "/stats.csv")))[-1]
    before, after = vmstat(folder + "/vmstat-before"), vmstat(folder + "/vmstat-after")
    real.append({
        "sz_tried": int(stats["sz_tried"]),
        "sz_applied": int(stats["sz_applied"]),
        "refaulted_bytes": 4096 * (after["pswpin"] - before["pswpin"]),
        "paged_out": 4096 * (after["pswpout"] - before["pswpout"]),
    })
failed = 0
for what in ("sz_tried", "sz_applied", "refaulted_bytes"):
    kernel = [r[what] for r in real]
    likely = [s[what] for s in results]
    low = min(s.get(what + "_min", s[what]) for s in results)
    high = max(s.get(what + "_max", s[what]) for s in results)
    if what == "sz_tried":
        low, high = min(0.85 * min(kernel), low), max(1.15 * max(kernel), high)
        good = all(0.85 * min(kernel) <= x <= 1.15 * max(kernel) for x in likely)
    else:
        good = low <= max(kernel) and min(kernel) <= high
    failed += not good
    print("%s %-16s kernel %s; simulated %s, bounds %d to %d: %s" % (name, what, kernel, likely, low, high, "yes" if good else "NO"))
print("%s paged out: %s" % (name, [r["paged_out"] for r in real]))
sys.exit(1 if failed else 0)
