#!/usr/bin/env python3
"""Writes small recordings in damo's format that cover what real ones seldom do.

    testing/damo-recordings.py DIRECTORY

The numbers are drawn with a fixed seed: the same files every time.
"""
import json
import os
import random
import sys
import zlib

MIB = 1 << 20


def intervals(sample=5000, aggr=100000, update=1000000, goal=(0, 0, 0, 0)):
    return {"sample_us": str(sample), "aggr_us": str(aggr), "ops_update_us": str(update),
            "intervals_goal": {"access_bp": "%f" % goal[0], "aggrs": str(goal[1]), "min_sample_us": str(goal[2]),
                               "max_sample_us": str(goal[3])}}


def region(start, end, samples, age, passed="0 B", percent=None, usec=None, probes=()):
    return {"start": format(start, ","), "end": format(end, ","),
            "nr_accesses": {"samples": samples, "percent": percent},
            "age": {"usec": usec, "aggr_intervals": None if age is None else format(age, ",")},
            "probe_hits": list(probes), "sz_filter_passed": passed}


def snapshot(start, end, regions, stats=None, sample=None, total=None):
    if total is None:
        total = sum(int(r["end"].replace(",", "")) - int(r["start"].replace(",", "")) for r in regions)
    return {"start_time": str(start), "end_time": str(end), "regions": regions, "total_bytes": str(total),
            "damos_stats": stats, "sample_interval_us": sample}


def record(snapshots, kdamond=0, context=0, scheme=None, target=0, how=None, filters=(), source="unknown"):
    return {"kdamond_idx": kdamond, "context_idx": context, "intervals": how, "scheme_idx": scheme, "target_id": target,
            "scheme_filters": list(filters), "snapshots": snapshots, "data_source": source}


def walk(rng, areas, n, start_ns, period_ns, most=20, sample=None, jitter=0):
    """Snapshots of areas (start, end) whose regions split, merge, heat up and cool down."""
    cuts = {a: sorted({a[0], a[1]} | {rng.randrange(a[0], a[1], 4096) for _ in range(rng.randrange(3, 9))}) for a in areas}
    heat, age, out, now = {}, {}, [], start_ns
    for _ in range(n):
        end = now + period_ns + (rng.randrange(jitter) if jitter else 0)
        regions = []
        for a in areas:
            if rng.random() < 0.4:
                cuts[a] = sorted({a[0], a[1]} | set(rng.sample(cuts[a][1:-1], k=max(0, len(cuts[a]) - 4)))
                                 | {rng.randrange(a[0], a[1], 4096) for _ in range(2)})
            for s, e in zip(cuts[a], cuts[a][1:]):
                old = heat.get(s, 0)
                new = old if rng.random() < 0.6 else rng.choice([0, 0, 0, 1, 2, most // 2, most - 1, most])
                age[s] = age.get(s, -1) + 1 if new == old else 0
                heat[s] = new
                regions.append(region(s, e, new, age[s]))
        out.append(snapshot(now, end, regions, sample=sample(rng) if sample else None))
        now = end
    return out


def recordings():
    rng = random.Random(20260)
    heap, stack = (0x5581_2000_0000, 0x5581_2000_0000 + 300 * MIB), (0x7f12_3456_0000, 0x7f12_3456_0000 + 40 * MIB)
    anon = (0x7f10_0000_0000, 0x7f10_0000_0000 + 1500 * MIB)

    yield "several-targets", [
        record(walk(rng, [heap, anon], 40, 82_000_000_000, 100_000_000, jitter=9_000_000), target=0, how=intervals()),
        record(walk(rng, [stack], 40, 82_000_500_000, 100_000_000, jitter=9_000_000), target=1, how=intervals()),
        record(walk(rng, [anon, stack], 25, 83_000_000_000, 100_000_000), target=2, how=intervals())]
    yield "several-kdamonds", [
        record(walk(rng, [heap], 30, 10_000_000_000, 100_000_000), kdamond=0, target=0, how=intervals()),
        record(walk(rng, [(4 << 30, 9 << 30)], 12, 10_000_000_000, 250_000_000, most=50), kdamond=1, target=0,
               how=intervals(5000, 250000, 2000000)),
        record(walk(rng, [stack], 30, 10_000_000_000, 100_000_000), kdamond=1, context=1, scheme=2, target=7, how=intervals())]

    filters = [{"filter_type": "anon", "matching": True, "allow": True, "memcg_path": "", "address_range": None,
                "damon_target_idx": None, "hugepage_size": None},
               {"filter_type": "memcg", "matching": False, "allow": False, "memcg_path": "/system.slice", "address_range": None,
                "damon_target_idx": None, "hugepage_size": None},
               {"filter_type": "hugepage_size", "matching": True, "allow": True, "memcg_path": "", "address_range": None,
                "damon_target_idx": None, "hugepage_size": ["2097152", "1073741824"]}]
    shots = []
    for i in range(4):
        end = 1_748_191_729_781_395_200 + i * 5_000_000_256
        regions, at = [], 4 << 30
        for k in range(12):
            size = rng.randrange(1, 900) * MIB // 3 // 4096 * 4096
            regions.append(region(at, at + size, rng.choice([0, 0, 0, 3, 17, 40]), rng.randrange(0, 4000),
                                  passed=rng.choice(["0 B", "%.3f MiB" % (size / MIB / 3), "4.000 KiB"]),
                                  probes=[rng.randrange(40), rng.randrange(40)]))
            at += size + rng.choice([0, 0, 4096, 64 * MIB])
        stats = {"nr_tried": str(100 + i), "sz_tried": str((100 + i) << 20), "nr_applied": str(90 + i),
                 "sz_applied": str((90 + i) << 20), "sz_ops_filter_passed": str(33 << 20), "qt_exceeds": str(i),
                 "nr_snapshots": str(1000 + i), "max_nr_snapshots": "0"}
        shots.append(record([snapshot(end - 200_000_000, end, regions, stats=stats)], scheme=0, target=None,
                            how=intervals(5000, 200000), filters=filters))
    yield "snapshots-with-filters", shots
    yield "snapshots-without-filters", [
        record([snapshot(s["snapshots"][0]["start_time"], s["snapshots"][0]["end_time"],
                         [dict(r, probe_hits=[], sz_filter_passed="0 B") for r in s["snapshots"][0]["regions"]])],
               scheme=0, target=None, how=intervals(5000, 200000)) for s in shots[:2]]

    yield "auto-tuned", [record(
        walk(rng, [heap, anon], 35, 500_000_000, 1_000_000_000, most=20, sample=lambda r: str(r.choice([5000, 8123, 50000, 400000]))),
        how=intervals(50000, 1000000, 1000000, goal=(400.0, 3, 5000, 10000000)))]
    yield "one-snapshot", [record(walk(rng, [heap], 1, 82_000_000_000, 100_000_000), how=intervals())]
    yield "address-zero", [record(walk(rng, [(0, 700 * 4096), (1 << 20, 65 * MIB)], 30, 0, 100_000_000),
                                  target=18446623435582458880, how=intervals())]
    yield "without-intervals", [record(walk(rng, [heap], 30, 77_000_000_000, 100_000_000, jitter=60_000_000),
                                       kdamond=None, context=None, target=18446623438842320000)]
    old = record(walk(rng, [heap, stack], 26, 82_000_000_000, 100_000_000), target=18446623438842320000, how=intervals())
    for s in old["snapshots"]:
        del s["damos_stats"], s["sample_interval_us"], s["total_bytes"]
        for r in s["regions"]:
            del r["probe_hits"], r["sz_filter_passed"]
    yield "older-generation", [{"intervals": old["intervals"], "target_id": old["target_id"], "snapshots": old["snapshots"]}]

    adjusted = walk(rng, [heap, anon], 30, 82_000_000_000, 200_000_000)
    for s in adjusted:
        for r in s["regions"]:
            r["nr_accesses"]["percent"] = r["nr_accesses"]["samples"] * 5
            ms = int(r["age"]["aggr_intervals"].replace(",", "")) * 100
            r["age"]["usec"] = "%d s %d ms" % (ms // 1000, ms % 1000) if ms % 1000 and ms > 1000 else (
                "%d ms" % ms if ms < 1000 and ms else "%d s" % (ms // 1000))
    yield "adjusted", [record(adjusted, how=intervals())]
    idle = [region(0, MIB, 0, 100), region(MIB, 1 << 40, 0, 1_000_000)]
    yield "all-idle", [record([snapshot(i * 10**8, (i + 1) * 10**8, idle) for i in range(24)], how=intervals())]
    hot = [region(4096, 8192, 20, 0), region(8192, 12288, 19, 7), region(1 << 47, (1 << 47) + 4096, 1, 3)]
    yield "pages", [record([snapshot(i * 10**8, (i + 1) * 10**8, hot[: 1 + i % 3]) for i in range(24)], how=intervals())]


def main():
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, records in recordings():
        with open(os.path.join(sys.argv[1], name + ".damo"), "wb") as f:
            f.write(zlib.compress(json.dumps(records, indent=4).encode()))


if __name__ == "__main__":
    main()
