# Compares a pageout scheme that was really run with what `simulate` says of a recording without it. usage: check-pageout.py
# REAL-RUN SIMULATED.json AGGREGATIONS, the last those of the recording without; in the results of `pageout`. Bytes tried must be
# within 15 % of the real ones, applied and refaulted bytes within bounds of which the upper is at most twice the lower. A real run that
# had less than four fifths of the aggregations is told and not compared: paging held the emulator up, and then neither is the workload the same. Exit: 0, 1 a
# difference, 3 not compared.
import csv
import json
import sys


def vmstat(file):
    return {k: int(v) for k, v in (line.split() for line in open(file))}


real, simulated, aggregations = sys.argv[1], json.load(open(sys.argv[2])), int(sys.argv[3])
if simulated["turns"] < 0.8 * aggregations:
    print("%s: held up, %d aggregations and not %d: not compared" % (real, simulated["turns"], aggregations))
    sys.exit(3)
stats = list(csv.DictReader(open(real + "/stats.csv")))[-1]
before, after = vmstat(real + "/vmstat-before"), vmstat(real + "/vmstat-after")
scheme, outcome = simulated["schemes"][0], simulated["outcome"]
tried, applied = int(stats["sz_tried"]), int(stats["sz_applied"])
refaulted = 4096 * (after["pswpin"] - before["pswpin"])
good = 0.85 * tried <= scheme["sz_tried"] <= 1.15 * tried
print("%s tried %d, simulated %d (%+.1f %%)" % (real, tried, scheme["sz_tried"], 100 * (scheme["sz_tried"] / tried - 1)))
for what, bytes, of in (("sz_applied", applied, scheme), ("refaulted_bytes", refaulted, outcome)):
    low, high = of[what + "_min"], of[what + "_max"]
    good &= low <= bytes <= high <= 2 * low
    print("%s %s %d, simulated %d, bounds %d to %d (%.2f times)" % (real, what, bytes, of[what], low, high, high / max(1, low)))
print("%s: %s" % (real, "yes" if good else "NO"))
sys.exit(0 if good else 1)
