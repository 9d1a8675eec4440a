# Checks recordings of the job `schemes`: the kernel's nr_tried and sz_tried, read between two markers, are the counts of
# damos_before_apply events at one moment between these markers, for all schemes at once. usage: check-schemes.py FOLDER...
import csv
import re
import sys

APPLY = re.compile(r"damos_before_apply: ctx_idx=0 scheme_idx=(\d+) target_idx=\d+ nr_regions=\d+ (\d+)-(\d+): (\d+) (\d+)")
MARK = re.compile(r"tracing_mark_write: read (\d+) (begins|ends)")


def check(folder):
    schemes = sum(1 for _ in csv.DictReader(open(folder + "/schemes.csv")))
    kernel = {}
    for row in csv.DictReader(open(folder + "/stats.csv")):
        kernel.setdefault(int(row["read"]), [None] * schemes)[int(row["scheme"])] = (int(row["nr_tried"]), int(row["sz_tried"]))
    counts = [(0, 0)] * schemes
    compared = wrong = 0
    possible = None
    for line in open(folder + "/trace.txt"):
        m = APPLY.search(line)
        if m:
            scheme, start, end = (int(x) for x in m.groups()[:3])
            counts[scheme] = (counts[scheme][0] + 1, counts[scheme][1] + end - start)
            if possible is not None:
                possible.append(list(counts))
            continue
        m = MARK.search(line)
        if m and m.group(2) == "begins":
            possible = [list(counts)]
        elif m:
            compared += 1
            if kernel[int(m.group(1))] not in possible:
                wrong += 1
                print("%s read %s: kernel %s, events %s" % (folder, m.group(1), kernel[int(m.group(1))], possible))
            possible = None
    silent = sum(1 for c in counts if not c[0])
    print("%s: %d reads of %d schemes' statistics, %d wrong; %d schemes never matched" % (folder, compared, schemes, wrong, silent))
    return compared == len(kernel) > 0 and not wrong and silent < schemes


sys.exit(0 if all([check(folder) for folder in sys.argv[1:]]) else 1)
