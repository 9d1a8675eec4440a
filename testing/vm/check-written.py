# Are the written bytes of a recording, and their place, what accessgen did? usage: check-written.py REGIONS.csv WRITES.csv LOG.csv
# Judged are snapshots that lie wholly within a phase and a second after its beginning. BOUND of the bytes may be missing (a sample
# in which the generator did not come round) and none may be written in what was only read; of huge pages, which count as a whole,
# less than the one that lies across the middle.
import csv
import sys

BOUND = 0.05
MIB = 1 << 20
regions, writes, log = (list(csv.DictReader(open(f))) for f in sys.argv[1:4])
places = {r["region"]: int(r["start"]) for r in log if not r["phase"]}
spans = {}
for r in log:
    if r["phase"]:
        a, b = spans.get(r["phase"], (int(r["from_ns"]), 0))
        spans[r["phase"]] = a, max(b, int(r["to_ns"]))

def number(text):
    return int(text, 0)

def overlap(a, b, c, d):
    return max(0, min(b, d) - max(a, c))

# phase, region, its bytes, what was written of it: from, to, every so many pages; what was not; bytes that count as a whole
EXPECTED = [
    ("first half written", "halves", 8 * MIB, (0, 4 * MIB, 1), (4 * MIB, 8 * MIB), 4096),
    ("second half written", "halves", 8 * MIB, (4 * MIB, 8 * MIB, 1), (0, 4 * MIB), 4096),
    ("sparse", "sparse", 8 * MIB, (0, 8 * MIB, 8), None, 4096),
    ("huge pages", "huge", 8 * MIB, (0, 4 * MIB, 1), (4 * MIB, 8 * MIB), 2 * MIB),
]
bad = 0
for phase, region, size, (lo, hi, stride), unwritten, page in EXPECTED:
    start, (begin, end) = places[region], spans[phase]
    inside = lambda r: int(r["start_ns"]) > begin + 10**9 and int(r["end_ns"]) < end
    truth = (hi - lo) // stride
    seen = [number(r["written_mean"]) for r in regions if inside(r) and number(r["start"]) <= start < number(r["end"])]
    known = [x for x in seen if x >= 0]
    rows = [r for r in writes if inside(r) and overlap(number(r["start"]), number(r["end"]), start, start + size)]
    wrong = right = ranges = 0
    for r in rows:
        a, b, mean = number(r["start"]) - start, number(r["end"]) - start, number(r["written_mean"])
        if unwritten:
            wrong += mean * overlap(a, b, *unwritten) / (b - a)
        right += mean * overlap(a, b, lo, hi) / (b - a)
        ranges += 1
    snapshots = max(1, len(known))
    mean, placed, misplaced = sum(known) / snapshots, right / snapshots, wrong / snapshots
    # Within the written part: where only some pages were written, ranges of one page say which, as far as there is room.
    pages = [r for r in rows if stride > 1 and number(r["end"]) - number(r["start"]) == 4096 and number(r["written_mean"]) > 0]
    off = [r for r in pages if (number(r["start"]) - start) // 4096 % stride]
    most = 0 if page == 4096 else page - 4096
    ok = (known and len(known) == len(seen) and -BOUND * truth <= mean - truth <= BOUND * truth + most and abs(placed - truth) <= BOUND * truth
          and misplaced <= most and not off and (stride == 1 or len(pages) > 100 * snapshots))
    print("%s %-20s %d snapshots (%d known): %.3f MiB written of %.3f, %.3f in their place, %.3f where only read, %d ranges a snapshot, %d of one page, %d of them off"
          % ("ok  " if ok else "FAIL", phase, len(seen), len(known), mean / MIB, truth / MIB, placed / MIB, misplaced / MIB, ranges // snapshots, len(pages) // snapshots, len(off)))
    bad += 0 if ok else 1
sys.exit(1 if bad else 0)
