# Does a heatmap show what accessgen did? usage: pattern.py HEATMAP.csv LOG MAPS REGION_BYTES SHARE
# MAPS (/proc/PID/maps) says where each region lies, LOG (accessgen --log, CLOCK_MONOTONIC) when it was touched.
# In the second halves of its phases, as far as the heatmap covers them, each region must have at least SHARE of all regions'
# heat. (One phase alone proves nothing: a machine that emulates and is busy can keep DAMON from looking for a second.)
import csv
import sys

heatmap, log, maps, size, share = sys.argv[1:4] + [int(sys.argv[4]), float(sys.argv[5])]
places = []
for line in open(maps):
    span, mode = line.split()[:2]
    start, end = (int(x, 16) for x in span.split("-"))
    if mode == "rw-p" and end - start == size:
        places.append((start, end))
phases = []
for row in csv.DictReader(open(log)):
    # The first rows tell where regions are; then there are several a phase.
    if not row["phase"]:
        continue
    if phases and (phases[-1]["phase"], phases[-1]["region"]) == (row["phase"], row["region"]):
        phases[-1]["to_ns"] = row["to_ns"]
    else:
        phases.append(row)
names = []
for row in phases:
    if row["region"] not in names:
        names.append(row["region"])
# mmap gives addresses from the top down, in the order of the configuration.
places.sort(reverse=True)
if len(places) != len(names):
    sys.exit("%d regions in the log, %d mappings of their size" % (len(names), len(places)))
where = dict(zip(names, places))

cells = [(int(r["start_ns"]), int(r["end_ns"]), int(r["address"], 16), float(r["heat"])) for r in csv.DictReader(open(heatmap)) if r["heat"]]
rows = sorted({c[2] for c in cells})
step = min(b - a for a, b in zip(rows, rows[1:]))
from_ns, to_ns = min(c[0] for c in cells), max(c[1] for c in cells)
heat_own, heat_all = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)
for row in phases:
    begin, end = int(row["from_ns"]), int(row["to_ns"])
    begin, end = begin + (end - begin) // 2, min(end, to_ns)
    if begin < from_ns:
        continue
    own = total = 0.0
    for a, b, address, heat in cells:
        if a >= begin and b <= end:
            for place in places:
                overlap = min(address + step, place[1]) - max(address, place[0])
                if overlap > 0:
                    total += heat * overlap
                    own += heat * overlap if place == where[row["region"]] else 0
    if total == 0:
        continue
    heat_own[row["region"]] += own
    heat_all[row["region"]] += total
    print("%-12s %-6s %5.1f %% of the heat in its own region" % (row["phase"], row["region"], 100 * own / total))
low = [n for n in names if heat_all[n] == 0 or heat_own[n] / heat_all[n] < share]
print("below %.0f %%: %s" % (100 * share, ", ".join(low) or "none of %d regions" % len(names)))
sys.exit(1 if low else 0)
