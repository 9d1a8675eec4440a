"""busy.py ROUNDS: a program of objects, dictionaries and strings; prints how long ROUNDS took, and how much processor time, in
nanoseconds. ROUNDS 0: for ever, and every 50 ms the rounds so far, the time and the processor time."""

import itertools
import random
import sys
import time


def main(rounds):
    rng = random.Random(1)
    table = {i: [i, str(i), {"n": i}] for i in range(150_000)}
    begun = time.monotonic_ns()
    cpu_begun = time.process_time_ns()
    total = 0
    told = 0
    for done in range(rounds) if rounds else itertools.count(1):
        for _ in range(20_000):
            row = table[rng.randrange(150_000)]
            row[2]["n"] += 1
            total += len(row[1])
        if not rounds and time.monotonic_ns() - told > 50_000_000:
            told = time.monotonic_ns()
            print(done, told, time.process_time_ns(), flush=True)
    print(time.monotonic_ns() - begun, time.process_time_ns() - cpu_begun)
    return total


main(int(sys.argv[1]))
