#!/usr/bin/env python3
"""Makes a recording for each of damo's defects and writes down what damo does with it, for DamoDefectsTest.

    testing/damo-defects.py DAMO_SOURCE_TREE

DAMO_SOURCE_TREE is a checkout of damo 3.3.0. Writes testdata/damo/defects: the recordings, and expected.jsonl with a line per
run: the defect's row in docs/COMING-FROM-DAMO.md, the command, and what damo printed or how it failed.
"""
import json
import os
import subprocess
import sys
import zlib

MIB = 1 << 20
OUT = "testdata/damo/defects"


def snapshot(start, regions, duration=100_000_000, sample_us=None, passed="0 B"):
    return {"start_time": str(start), "end_time": str(start + duration), "regions": [
        {"start": str(a), "end": str(b), "nr_accesses": {"samples": n, "percent": None},
         "age": {"usec": None, "aggr_intervals": str(age)}, "probe_hits": [], "sz_filter_passed": passed}
        for a, b, n, age in regions], "total_bytes": str(sum(r[1] - r[0] for r in regions)), "damos_stats": None,
        "sample_interval_us": sample_us}


def record(snapshots, target=0, aggr_us=100000, goal=0):
    return {"kdamond_idx": 0, "context_idx": 0, "intervals": {
        "sample_us": "5000", "aggr_us": str(aggr_us), "ops_update_us": "1000000", "intervals_goal": {
            "access_bp": "400" if goal else "0", "aggrs": str(goal), "min_sample_us": "5000" if goal else "0",
            "max_sample_us": "10000000" if goal else "0"}},
        "scheme_idx": None, "target_id": target, "scheme_filters": [], "snapshots": snapshots, "data_source": "unknown"}


def region(thread, seconds, count, what, target=0):
    return "%16s [000] ..... %.6f: damon_aggregated: target_id=%d nr_regions=%d %s\n" % (thread, seconds, target, count, what)


def recordings():
    mib = lambda a, b, n, age=0: (a * MIB, b * MIB, n, age)
    ages = [record([snapshot(i * 100_000_000, [mib(16, 20, 20, i)]) for i in range(10)])]
    hot, cold = [mib(16, 26, 20)], [mib(16, 26, 0)]
    k = "kdamond.0-7"
    return {
        "ages.damo": ages,
        "plain.json": ages,
        "turns.damo": [record([snapshot(i * 100_000_000, hot if (i + t) % 2 else cold) for i in range(4)], t) for t in range(2)],
        "snapshots.damo": [record([snapshot((10 * i + 1) * 1_000_000_000, [mib(16, 20 + 4 * i, 10, 3)])]) for i in range(3)],
        "address-zero.damo": [record([snapshot(i * 100_000_000, [mib(0, 1, 10, 1), mib(1, 3, 5, 1)]) for i in range(2)])],
        "gap.damo": [record([snapshot(0, [mib(16, 20, 10), mib(24, 28, 10)]), snapshot(100_000_000, [mib(16, 28, 10)])])],
        "percent.damo": [record([snapshot(0, [mib(16, 20, 19, 7), mib(20, 24, 3, 7)], 2_000_000_000)], aggr_us=2000000)],
        "halves.damo": [record([snapshot(i * 100_000_000, [mib(16, 20, 10 * (i % 2), i)]) for i in range(4)])],
        "width.damo": [record([snapshot(0, [mib(16, 20, 20, 30), mib(20, 24, 10, 5), mib(24, 32, 0, 600)])])],
        "tuned.damo": [record([snapshot(0, [mib(16, 20, 10, 3)], 400_000_000)], goal=3)],
        "tuned-sampling.damo": [record([snapshot(0, [mib(16, 20, 10, 3)], 400_000_000, "40000")], goal=3)],
        "passed.damo": [record([snapshot(0, [mib(16, 20, 10, 3)], passed="1.333 MiB")])],
        "touch.damo": [record([snapshot(0, [mib(16, 20, 20), mib(28, 32, 20)])])],
        "lost.txt": "".join([
            region(k, 1.0, 2, "4096-8192: 3 7"), region(k, 1.000001, 2, "8192-12288: 0 1"), region(k, 1.1, 2, "4096-8192: 3 8"),
            region(k, 1.2, 2, "4096-8192: 3 9"), region(k, 1.200001, 2, "8192-12288: 0 3"),
            region(k, 1.3, 2, "4096-8192: 3 10"), region(k, 1.300001, 2, "8192-12288: 0 4")]),
        "kdamonds.txt": "".join(region("kdamond.%d-%d" % (i, 7 + i), 1 + s / 10 + i / 20, 1, "4096-%d: 3 %d" % (8192 + 8192 * i, s))
                                for s in range(4) for i in range(2)),
        "interleaved.txt": "".join(
            region("kdamond.%d-%d" % (i, 7 + i), 1 + s / 10 + r / 1e6 + i / 2e6, 2,
                   "%d-%d: 3 %d" % (4096 * (1 + r + 4 * i), 4096 * (2 + r + 4 * i), s), i)
            for s in range(4) for r in range(2) for i in range(2)),
        "name.txt": "".join("       my thread  4452 [000]     1.%d00000: damon:damon_aggregated: target_id=0 nr_regions=1 "
                            "4096-8192: 3 %d\n" % (s, s) for s in range(4)),
        "one-then-more.txt": region(k, 1.0, 1, "4096-8192: 3 7") + "".join(
            region(k, 2 + s / 10, 1, "4096-12288: 3 %d" % s, 1) for s in range(4)),
        "empty-cpu.txt": "CPU 0 is empty\ncpus=2\n" + "".join(
            "       kdamond.0-168   [001]     9.%d00000: damon_aggregated:     target_id=0 nr_regions=1 4096-8192: 3 %d\n" % (s, s)
            for s in range(4)),
    }


EACH = "--exclude_samples 0 --all_wss"
RUNS = [
    (1, "ages.damo", "heatmap", "--output raw --resol 1 1"), (1, "ages.damo", "heatmap", "--output raw --resol 2 1"),
    (2, "ages.damo", "heatmap", "--resol 10 1"), (2, "width.damo", "heatmap", "--resol 2 8"),
    (2, "ages.damo", "heatmap", "--resol 1 4"),
    (3, "turns.damo", "wss", EACH), (4, "ages.damo", "wss", EACH + " --work_time 300000"),
    (5, "snapshots.damo", "wss", EACH), (5, "snapshots.damo", "wss", ""),
    (6, "passed.damo", "access", "--raw_number --format append region |<filters~passed~bytes>"),
    (7, "tuned-sampling.damo", "access", "--snapshot_heatmap_width 4"),
    (8, "lost.txt", "wss", EACH), (9, "kdamonds.txt", "wss", EACH), (9, "interleaved.txt", "wss", EACH),
    (10, "name.txt", "wss", EACH), (11, "one-then-more.txt", "wss", EACH), (12, "plain.json", "wss", EACH),
    (13, "converted.txt", "wss", EACH),
    (14, "address-zero.damo", "record_info", "--raw_numbers"), (15, "gap.damo", "record_info", "--raw_numbers"),
    (16, "percent.damo", "access", "--format append region |<access~rate>"), (16, "percent.damo", "access", "--style recency-percentiles"),
    (17, "ages.damo", "access", "--age 1 max --snapshot_idx 9 9"), (18, "width.damo", "access", "--sz_region 5M max --total_sz_only"),
    (19, "width.damo", "access", ""), (21, "turns.damo", "times", "none"), (22, "snapshots.damo", "nr_regions", ""),
    (26, "width.damo", "access", "--format append region |<temperature>"), (27, "tuned.damo", "access", ""),
    (29, "adjusted.damo", "access", "--format append region |<access~rate>"),
    (30, "touch.damo", "heatmap", "--output raw --resol 1 4 --address_range 16M 32M"),
    (31, "empty-cpu.txt", "wss", EACH), (32, "snapshots.damo", "times", "none"), (32, "snapshots.damo", "access", "--total_sz_only"),
]


def main():
    damo = [sys.executable, os.path.abspath(sys.argv[1]) + "/src/damo.py"]
    version = subprocess.run(damo + ["version"], capture_output=True, text=True, check=True).stdout.strip()
    os.makedirs(OUT, exist_ok=True)
    os.chdir(OUT)
    for name, content in recordings().items():
        text = content if isinstance(content, str) else json.dumps(content, indent=4)
        with open(name, "wb") as f:
            f.write(zlib.compress(text.encode()) if name.endswith(".damo") else text.encode())
    subprocess.run(damo + ["convert_record_format", "--record_file", "snapshots.damo", "--format", "perf_script", "--output_file",
                           "converted.txt"], check=True)
    subprocess.run(damo + ["adjust", "-i", "halves.damo", "--aggregate_interval", "200000", "--skip", "0", "-o", "adjusted.damo"],
                   check=True)
    with open("expected.jsonl", "w") as f:
        for row, name, report, options in RUNS:
            words = [w.replace("~", " ") for w in options.split()]
            ran = subprocess.run(damo + ["report", report, "--inputs" if report == "times" else "-i", name] + words,
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True)
            said = {"row": row, "damo": version, "recording": name, "report": report, "options": words}
            if ran.returncode or "Traceback" in ran.stderr:
                said["fails"] = (ran.stderr or ran.stdout).strip().split("\n")[-1][:60]
            else:
                said["stdout"] = ran.stdout
            print(json.dumps(said), file=f)


if __name__ == "__main__":
    main()
