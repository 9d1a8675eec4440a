# Draws schemes for the job `schemes`: ten `stat` schemes per workload, CSV with DAMON's own names.
# usage: schemes.py SEED, or schemes.py --options SCHEMES.csv: the same as options of `simulate`, one word a line.
import csv
import random
import sys

UNLIMITED = (1 << 64) - 1
NAMES = "scheme,sz_min,sz_max,nr_accesses_min,nr_accesses_max,age_min,age_max"


def draw(seed):
    rng = random.Random(seed)

    def span(low, high):
        return sorted((rng.choice(low), rng.choice(high)))

    print(NAMES)
    for i in range(10):
        size = span([0, 4096, 65536, 1 << 20, 4 << 20], [1 << 20, 8 << 20, 32 << 20, UNLIMITED, UNLIMITED])
        accesses = span([0, 0, 0, 1, 2, 5], [0, 2, 5, 10, 20, 4294967295])
        age = span([0, 0, 1, 2, 3, 5, 10], [1, 5, 10, 20, 50, 4294967295])
        print(",".join(str(x) for x in (i, *size, *accesses, *age)))


def options(file):
    for s in csv.DictReader(open(file)):
        print("--scheme\nstat size=%s..%s access=%s..%s age=%saggr..%saggr" % tuple(s[n] for n in NAMES.split(",")[1:]))


if sys.argv[1] == "--options":
    options(sys.argv[2])
else:
    draw(int(sys.argv[1]))
