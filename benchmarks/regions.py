#!/usr/bin/env python3
"""What many regions cost a replay: processor time of the process that plays and of its driver, for one region and for many
that have as many pages together, and what memory both take beyond that of the plan.
usage: benchmarks/regions.py [REGIONS]"""
import json
import os
import subprocess
import sys
import tempfile

ACCESSGEN = os.environ.get("ACCESSGEN", "native/build/accessgen")
BASE = 0x300000000000
PAGES = 40000
SNAPSHOTS = 20


def plan(path, regions, gap):
    """All regions in all slices, one behind the other or with a gap as large as a region between them."""
    size = PAGES // regions
    with open(path, "w") as out:
        out.write(f"damson-plan 1\nprocess a\nmap 0s {BASE:#x} {2 * PAGES * 4}K\n")
        starts = [BASE + i * size * 4096 * (2 if gap else 1) for i in range(regions)]
        for at in starts if gap else starts[:1]:
            out.write(f"fill 0s {at:#x} {(size if gap else PAGES) * 4}K\n")
        for n in range(SNAPSHOTS):
            out.write(f"snapshot {n * 400}ms 400ms 20\n")
            for at in starts:
                out.write(f"touch {at:#x} {size * 4}K 20\n")


def cpu_ns(pid):
    """Of all its threads, also those that have ended, in steps of the clock: 10 ms."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def player_ns(pid):
    """Of its one thread, exactly."""
    return int(open(f"/proc/{pid}/schedstat").read().split()[0])


def resident_kib(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def play(path):
    driver = subprocess.Popen([ACCESSGEN, "plan", "--gate", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in driver.stdout:
        if line.startswith("process "):
            player = int(line.split()[2])
        if line == "ready\n":
            break
    before = player_ns(player), cpu_ns(driver.pid)
    driver.stdin.write("\n")
    driver.stdin.flush()
    report = json.loads(driver.stdout.readline())
    after = player_ns(player), cpu_ns(driver.pid)
    memory = resident_kib(player) - PAGES * 4, resident_kib(driver.pid)
    driver.stdin.close()
    driver.wait()
    touched = report["touched_pages"] + report["again_pages"]
    return [(a - b) / touched for a, b in zip(after, before)], memory, report


def main():
    regions = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    print("| regions | ns of the player's processor time a page | of the driver's | KiB of the player beyond the plan | of the driver |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as work:
        for name, n, gap in (("1", 1, False), (f"{regions}, one behind the other", regions, False), (f"{regions}, apart", regions, True)):
            path = os.path.join(work, "plan")
            plan(path, n, gap)
            runs = [play(path) for _ in range(3)]
            best = min(runs, key=lambda r: r[0][0])
            print(f"| {name} | {best[0][0]:.1f} | {best[0][1]:.1f} | {best[1][0]} | {best[1][1]} |")


main()
