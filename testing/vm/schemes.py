# Draws `stat` schemes, CSV with DAMON's own names: ten without a quota, or six with one each.
# usage: schemes.py SEED [quotas], or schemes.py --options SCHEMES.csv: the same as options of `simulate`, one word a line.
import csv
import random
import sys

UNLIMITED = (1 << 64) - 1
NAMES = "scheme,action,sz_min,sz_max,nr_accesses_min,nr_accesses_max,age_min,age_max,quota_bytes,quota_reset_ms"


def draw(seed, quotas):
    rng = random.Random(seed)

    def span(low, high):
        return sorted((rng.choice(low), rng.choice(high)))

    print(NAMES)
    for i in range(6 if quotas else 10):
        size = span([0, 4096, 65536, 1 << 20, 4 << 20], [1 << 20, 8 << 20, 32 << 20, UNLIMITED, UNLIMITED])
        accesses = span([0, 0, 0, 1, 2, 5], [0, 2, 5, 10, 20, 4294967295])
        age = span([0, 0, 1, 2, 3, 5, 10], [1, 5, 10, 20, 50, 4294967295])
        quota = (rng.choice([1, 4, 16, 64]) << 20, rng.choice([200, 500, 1000])) if quotas else (0, 0)
        print(",".join(str(x) for x in (i, "stat", *size, *accesses, *age, *quota)))


def options(file):
    for s in csv.DictReader(open(file)):
        text = "%(action)s size=%(sz_min)s..%(sz_max)s access=%(nr_accesses_min)s..%(nr_accesses_max)s age=%(age_min)saggr..%(age_max)saggr"
        if int(s["quota_bytes"]):
            text += " quotas/bytes=%(quota_bytes)s quotas/reset_interval_ms=%(quota_reset_ms)s"
        print("--scheme\n" + text % s)


if sys.argv[1] == "--options":
    options(sys.argv[2])
else:
    draw(int(sys.argv[1]), len(sys.argv) > 2)
