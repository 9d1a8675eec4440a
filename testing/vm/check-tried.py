# Compares what `simulate --tried` says with the kernel's own damos_before_apply events, one by one and in order.
# usage: check-tried.py TRACE.txt TRIED.csv [SCHEME...] (only these of the recording's schemes were simulated, in this order)
import csv
import re
import sys

EVENT = re.compile(r"damos_before_apply: ctx_idx=0 scheme_idx=(\d+) target_idx=(\d+) nr_regions=\d+ (\d+)-(\d+): (\d+) (\d+)")


def main(text, tried, chosen):
    place = {int(s): i for i, s in enumerate(chosen)} if chosen else None
    kernel = []
    for line in open(text):
        m = EVENT.search(line)
        if m:
            event = [int(x) for x in m.groups()]
            if place is not None:
                if event[0] not in place:
                    continue
                event[0] = place[event[0]]
            kernel.append(tuple(event))
    rows = csv.reader(open(tried))
    next(rows)
    simulated = [tuple(int(x) for x in row) for row in rows]
    if kernel == simulated:
        print("%s: %d events, simulated one for one" % (text, len(kernel)))
        return 0 if kernel else 1
    at = next((i for i, (a, b) in enumerate(zip(kernel, simulated)) if a != b), min(len(kernel), len(simulated)))
    print("%s: kernel %d events, simulated %d; the first difference is number %d" % (text, len(kernel), len(simulated), at))
    print("  kernel    %s\n  simulated %s" % (kernel[at : at + 3], simulated[at : at + 3]))
    return 1


sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
