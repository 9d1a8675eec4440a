"""What `simulate` says of a recording without a scheme, against the same with the scheme, both in the closed loop, whose memory is the truth.

usage: testing/closed-loop.py [CONFIGURATIONS] [FIRST]

Draws generator configurations at random (2 to 6 regions of 2 to 64 MiB, phases of 1 to 8 s, in turn and at random, 10^5 to 10^8 accesses a second), a
minute each, and a least age of 5 to 50 aggregations for a pageout scheme; the run with the scheme has other random numbers than the recording. One
line for each: bytes tried against the truth's, and refaulted bytes with the simulation's bounds. Nothing is judged: docs/MEMORY-MODEL.md tells what to make of it.
"""

import json
import os
import random
import subprocess
import sys
import tempfile

damson = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "damson")


def configuration(draw):
    regions = draw.randint(2, 6)
    lines = ["r%d, %dM" % (i, draw.choice([2, 4, 8, 16, 32, 64])) for i in range(regions)]
    seconds = 0
    for phase in range(draw.randint(2, 5)):
        ms = draw.choice([1000, 2000, 4000, 8000])
        seconds += ms / 1000
        lines += ["", "phase %d" % phase, "%d" % ms]
        for i in draw.sample(range(regions), draw.randint(1, min(3, regions))):
            lines.append("r%d, %d, %d, %d" % (i, draw.randint(0, 1), draw.choice([64, 4096, 4096, 4096]), draw.choice([1, 1, 5, 20])))
    return "\n".join(lines) + "\n", max(2, int(60 / seconds))


def simulate(*arguments):
    return json.loads(subprocess.run([damson, "simulate", "-q", "--json", *arguments], check=True, capture_output=True, text=True).stdout)


def main():
    count, first = [int(a) for a in sys.argv[1:3] + ["24", "0"][len(sys.argv) - 1 :]]
    near = inside = active = 0
    for seed in range(first, first + count):
        draw = random.Random(seed)
        text, rounds = configuration(draw)
        speed, age = draw.choice([10**5, 10**6, 10**7, 10**8]), draw.choice([5, 10, 20, 50])
        pattern = "size=4K..max access=0..0 age=%daggr..max" % age
        with tempfile.TemporaryDirectory() as folder:
            config, trace = os.path.join(folder, "c.cfg"), os.path.join(folder, "t.damson")
            with open(config, "w") as f:
                f.write(text)
            loop = ["--truth", config, "--repeat", str(rounds), "--speed", str(speed)]
            simulate(*loop, "--scheme", "stat " + pattern, "--record", trace)
            truth = simulate(*loop, "--scheme", "pageout " + pattern, "--seed", "7")
            said = simulate(trace, "--scheme", "pageout " + pattern)
        tried = truth["schemes"][0]["sz_tried"]
        refaulted, bounds = truth["outcome"]["refaulted_bytes"], said["outcome"]
        low, likely, high = (bounds["refaulted_bytes" + s] for s in ("_min", "", "_max"))
        off = 100 * (said["schemes"][0]["sz_tried"] / max(1, tried) - 1)
        near += abs(off) <= 15
        active += refaulted > 0
        inside += refaulted > 0 and low <= refaulted <= high
        print("%3d: %9d accesses/s, age %2d: tried %8.1f MB %+5.1f %%, refaulted %7.1f MB, said %7.1f (%.1f to %.1f)%s" % (
            seed, speed, age, tried / 1e6, off, refaulted / 1e6, likely / 1e6, low / 1e6, high / 1e6,
            "" if low <= refaulted <= high else " OUTSIDE by %+.0f %%" % (100 * (refaulted / (low if refaulted < low else max(1, high)) - 1))), flush=True)
    print("%d configurations: tried within 15 %% in %d; of %d with refaults %d inside the bounds" % (count, near, active, inside))


main()
