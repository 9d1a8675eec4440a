# Compares the probe hits of a recording with the kernel's text of damon_region_aggregated, region by region and in order.
# usage: check-probes.py REGIONS.csv TRACE.txt
import csv
import re
import sys

EVENT = re.compile(r"damon_region_aggregated: target_id=(\d+) nr_regions=\d+ (\d+)-(\d+): (\d+) (\d+) probe_hits=(.*)")


def hits(text):
    """A byte for each probe, as __print_hex prints them; in the trace 16 bits for each, the first lowest."""
    value = 0
    for i, byte in enumerate(re.findall(r"[0-9a-fA-F]{2}", text)):
        value |= int(byte, 16) << 16 * i
    return value


kernel = []
for line in open(sys.argv[2]):
    m = EVENT.search(line)
    if m:
        kernel.append(tuple(int(x) for x in m.groups()[:5]) + (hits(m.group(6)),))
recorded = [
    tuple(int(r[c]) for c in ("target", "start", "end", "nr_accesses", "age", "probe_hits")) for r in csv.DictReader(open(sys.argv[1]))
]
found = sum(1 for r in recorded if r[5] > 0)
first = next((i for i in range(len(kernel)) if kernel[i : i + len(recorded)] == recorded), None)
print("%d regions of the text, %d recorded, %d with hits, %s" % (
    len(kernel), len(recorded), found, "equal" if first is not None else "NOT equal"))
if first is None:
    at = next((i for i, (a, b) in enumerate(zip(kernel, recorded)) if a != b), 0)
    print("  text  %s\n  trace %s" % (kernel[at : at + 3], recorded[at : at + 3]))
sys.exit(0 if first is not None and found else 1)
