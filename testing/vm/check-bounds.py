# Compares the totals of damos_before_apply events with the bounds of `simulate`. With SNAPSHOTS.csv, a dump of the table, only
# events up to the end of the last snapshot count: the kernel goes on while a recorder stops.
# usage: check-bounds.py TRACE.txt SIMULATED.json [SNAPSHOTS.csv]
import csv
import json
import re
import sys

EVENT = re.compile(r"(\d+)\.(\d{6}): damos_before_apply: ctx_idx=0 scheme_idx=(\d+) target_idx=\d+ nr_regions=\d+ (\d+)-(\d+):")
schemes = json.load(open(sys.argv[2]))["schemes"]
last_us = max(int(r["end_ns"]) for r in csv.DictReader(open(sys.argv[3]))) // 1000 if len(sys.argv) > 3 else None
kernel = [[0, 0] for _ in schemes]
for line in open(sys.argv[1]):
    m = EVENT.search(line)
    if m and (last_us is None or int(m.group(1) + m.group(2)) <= last_us):
        k = kernel[int(m.group(3))]
        k[0] += 1
        k[1] += int(m.group(5)) - int(m.group(4))
failed = 0
for i, (s, (nr, sz)) in enumerate(zip(schemes, kernel)):
    good = s["sz_tried_min"] <= sz <= s["sz_tried_max"]
    failed += not good
    print("scheme %d: kernel tried %d bytes in %d regions, simulated %d (%s), within %d to %d: %s" % (
        i, sz, nr, s["sz_tried"], "%+.1f %%" % (100 * (s["sz_tried"] - sz) / sz) if sz else "-",
        s["sz_tried_min"], s["sz_tried_max"], "yes" if good else "NO"))
sys.exit(1 if failed else 0)
