# Checks recordings of the job `schemes`: counts of damos_before_apply events, and the damon_aggregated regions that match a
# scheme's bounds, both equal the kernel's nr_tried and sz_tried. usage: check-schemes.py FOLDER...
import csv
import re
import sys

APPLY = re.compile(r"damos_before_apply: ctx_idx=0 scheme_idx=(\d+) target_idx=\d+ nr_regions=\d+ (\d+)-(\d+): (\d+) (\d+)")
REGION = re.compile(r"damon_aggregated: target_id=\d+ nr_regions=(\d+) (\d+)-(\d+): (\d+) (\d+)")
MARK = re.compile(r"tracing_mark_write: read (\d+) (begins|ends)")


def check(folder):
    schemes = [[int(row[k]) for k in row] for row in csv.DictReader(open(folder + "/schemes.csv"))]
    kernel = {}
    for row in csv.DictReader(open(folder + "/stats.csv")):
        kernel.setdefault(int(row["read"]), {})[int(row["scheme"])] = (int(row["nr_tried"]), int(row["sz_tried"]))
    applied = {i: [0, 0] for i in range(len(schemes))}
    matched = {i: [0, 0] for i in range(len(schemes))}
    compared = wrong = events = 0
    begun = None
    for line in open(folder + "/trace.txt"):
        m = APPLY.search(line)
        if m:
            begun = None
            events += 1
            scheme, start, end = (int(x) for x in m.groups()[:3])
            applied[scheme][0] += 1
            applied[scheme][1] += end - start
            continue
        m = REGION.search(line)
        if m:
            begun = None
            events += 1
            _, start, end, accesses, age = (int(x) for x in m.groups())
            for i, smin, smax, amin, amax, gmin, gmax in schemes:
                if smin <= end - start <= smax and amin <= accesses <= amax and gmin <= age <= gmax:
                    matched[i][0] += 1
                    matched[i][1] += end - start
            continue
        m = MARK.search(line)
        if m and m.group(2) == "begins":
            begun = m.group(1)
        elif m and begun == m.group(1):
            for i, truth in kernel[int(begun)].items():
                compared += 1
                if not tuple(applied[i]) == tuple(matched[i]) == truth:
                    wrong += 1
                    print("%s read %s scheme %d: kernel %s, before_apply %s, matching regions %s" % (folder, begun, i, truth, applied[i], matched[i]))
    silent = sum(1 for i in applied if not applied[i][0])
    print("%s: %d events, %d statistics compared, %d wrong; %d of %d schemes never matched" % (folder, events, compared, wrong, silent, len(schemes)))
    return compared >= 3 * len(schemes) and not wrong and silent < len(schemes) // 2


sys.exit(0 if all([check(folder) for folder in sys.argv[1:]]) else 1)
