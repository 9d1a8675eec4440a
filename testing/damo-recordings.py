#!/usr/bin/env python3
"""Writes small recordings in damo's format that cover what real ones seldom do.

    testing/damo-recordings.py [--random SEED COUNT] DIRECTORY

The numbers are drawn with a fixed seed: the same files every time. With --random, COUNT recordings whose shape is drawn too, for
testing/damo-compat.py --random.
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


def setup(how, probes, nr_contexts=1):
    """What damo writes beside a recording: a kdamond, whose contexts have probes."""
    context = {"ops": "paddr", "addr_unit": "1 B", "targets": [{"pid": None, "obsolete": False, "regions": []}], "intervals": how,
               "nr_regions": {"min": "10", "max": "1,000"}, "probes": probes,
               "sample_control": {"primitives_enabled": {"page_table": True, "page_fault": False}, "sample_filters": []},
               "pause": False, "schemes": []}
    return [{"state": None, "pid": "173", "refresh_ms": 0, "contexts": [context] * nr_contexts}]


def probe(weight, *filters, preps=()):
    return {"preps": [{"prep_action": p} for p in preps], "weight": weight,
            "filters": [{"filter_type": kind, "matching": matching, "allow": allow, "path": path}
                        for kind, matching, allow, path in filters]}


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
    yield from with_probes(filters, shots[0]["snapshots"][0]["damos_stats"])


def with_probes(filters, stats):
    """Recordings of data attribute probes, which damo reports with their set-up beside them."""
    rng = random.Random(33)
    area = (4 << 30, (4 << 30) + 900 * MIB)
    walked = walk(rng, [area], 5, 91_000_000_000, 100_000_000)
    for s in walked:
        for r in s["regions"]:
            r["probe_hits"] = [rng.choice([0, 0, 7, 20]), rng.randrange(21), 0]
    three = [probe(5, ("anon", True, True, None)),
             probe(1, ("memcg", False, False, "/a b"), ("anon", False, True, None)),
             probe(0, ("pgidle_unset", True, True, None), preps=["set_pgidle"])]
    yield "probes", [record(walked, kdamond=None, context=None, how=intervals())], setup(intervals(), three)
    passed = [dict(r, sz_filter_passed=rng.choice(["0 B", "4.000 KiB", "1.000 MiB"]), probe_hits=r["probe_hits"][:1])
              for r in walked[0]["regions"]]
    yield ("probe-and-filters",
           [record([snapshot(10**18, 10**18 + 10**8, passed, stats=stats)], scheme=0, target=None, how=intervals(), filters=filters),
            record([snapshot(10**18, 10**18 + 10**8, passed[:2])], scheme=1, target=None, how=intervals())],
           setup(intervals(), three[:1]))
    yield "no-probe", [record(walk(rng, [area], 2, 91_000_000_000, 100_000_000), how=intervals())], setup(intervals(), [])


class Shape:
    """What recordings of one seed are like."""

    def __init__(self, rng):
        self.rng = rng
        self.unit = rng.choice([4096] * 5 + [1, 512, 1 << 21])
        self.most = rng.choice([20, 20, 20, 1, 7, 100, 400])
        self.sample = rng.choice([5000, 5000, 1000, 50, 12345])
        self.ages = rng.choice([[0, 1, 3], [0, 0, 17, 600], [5, 10**5, 10**9], list(range(40)), [0]])
        self.void = rng.choice([0, 0, 0.1, 0.5])
        self.disorder = rng.choice([0] * 6 + [0.3, 1])
        self.gaps = rng.choice([0, 0.05, 0.4])
        self.over = rng.choice([0] * 6 + [0.2])
        self.sizes = rng.choice([[1, 2, 5], [1], [10, 1000, 30000], [1, 1 << 18, 1 << 22]])
        self.probes, self.how = 0, intervals()

    def start(self):
        return self.rng.choice([0, 0, 4096, 1 << 32, 0x5581_2345_6000, 0x7FFF_0000_0000, (1 << 47) - (1 << 30), 0xFFFF_8880_0000_0000])

    def areas(self):
        """Bounds of regions; regions next to each other share one."""
        out, at = [], self.start()
        for _ in range(self.rng.choice([1, 1, 2, 5, 12, 40])):
            size = self.rng.choice(self.sizes) * self.rng.randrange(1, 9) * self.unit
            if at + size >= 1 << 64:
                break
            out.append((at, at + size))
            at += size
            if self.rng.random() < self.gaps:
                at += self.rng.choice([1, 3, 1 << 10, 1 << 20, 1 << 28]) * self.unit
        return out

    def regions(self, areas, passed=False, probes=0):
        rng, out = self.rng, []
        for start, end in areas:
            if rng.random() < self.void / 4:
                continue
            cut = start + (end - start) // 3 // self.unit * self.unit if rng.random() < 0.3 else start
            for s, e in ((start, cut), (cut, end)):
                if s < e:
                    samples = rng.choice([0, 0, 0, 1, self.most // 2, self.most, rng.randrange(self.most + 1)])
                    if rng.random() < self.over:
                        samples = self.most * rng.randrange(2, 50)
                    part = (e - s) * rng.randrange(101) // 100
                    text = "0 B" if not passed else rng.choice(
                        ["0 B", str(part), "%d B" % part, "%.3f KiB" % (part / 1024), "%.3f MiB" % (part / MIB), "4.000 KiB"])
                    out.append(region(s, e, samples, rng.choice(self.ages), text, probes=[rng.randrange(9) for _ in range(probes)]))
        if rng.random() < self.disorder:
            rng.shuffle(out)
        return out

    def snapshots(self, how, n, start, tuned, stats, passed, probes):
        rng, out, now, areas = self.rng, [], start, self.areas()
        period = int(how["aggr_us"]) * 1000 if how else 10**8
        for _ in range(n):
            if rng.random() < 0.2:
                areas = self.areas() if rng.random() < 0.3 else areas
            now += rng.choice([0] * 8 + [period // 10, period * 30])
            end = now + rng.choice([period, period, period + rng.randrange(period // 3 + 1), period * 3])
            regions = [] if rng.random() < self.void else self.regions(areas, passed, probes)
            total = rng.choice([None] * 9 + [12345678])
            counts = None if not stats else {
                k: str(rng.randrange(10**rng.randrange(1, 13))) for k in
                ("nr_tried", "sz_tried", "nr_applied", "sz_applied", "sz_ops_filter_passed", "qt_exceeds", "nr_snapshots", "max_nr_snapshots")}
            out.append(snapshot(now, end, regions, counts, str(rng.choice([self.sample, 5000, 80000])) if tuned else None, total))
            now = end
        return out

    def filter(self):
        rng = self.rng
        kind = rng.choice(["anon", "active", "young", "memcg", "addr", "target", "hugepage_size", "unmapped"])
        return {"filter_type": kind, "matching": rng.random() < 0.5, "allow": rng.random() < 0.5,
                "memcg_path": "/a b/c" if kind == "memcg" else "",
                "address_range": {"start": "4,096", "end": "1,048,576"} if kind == "addr" else None,
                "damon_target_idx": "1" if kind == "target" else None,
                "hugepage_size": ["4096", "2097152"] if kind == "hugepage_size" else None}

    def records(self):
        rng = self.rng
        goal = rng.choice([(0, 0, 0, 0), (0, 0, 0, 0), (400.0, 3, 5000, 10000000)])
        passed, probes = rng.random() < 0.3, rng.choice([0, 0, 0, 1, 3])
        self.probes = probes
        stats, tuned = rng.random() < 0.25, rng.random() < 0.25
        none = rng.random() < 0.15
        out = []
        for i in range(rng.choice([1, 1, 1, 2, 3, 6])):
            how = None if none else intervals(self.sample, self.sample * self.most, self.sample * self.most * 10, goal)
            self.how = how or self.how
            start = rng.choice([0, 82_000_000_000, 1_748_191_729_781_395_200, 10**9 + 7])
            n = rng.choice([1, 1, 2, 3, 19, 21, 22, 35])
            r = record(self.snapshots(how, n, start, tuned, stats, passed, probes), kdamond=rng.choice([0, 0, i, None]),
                       context=rng.choice([0, 0, 1, None]), scheme=rng.choice([None, None, 0, i]),
                       target=rng.choice([i, 0, 18446623438842320000 + i, 2**64 - 1, 1234]), how=how,
                       filters=[self.filter() for _ in range(rng.choice([0, 0, 1, 3]))] if passed or rng.random() < 0.2 else (),
                       source=rng.choice(["unknown"] * 5 + ["damon_stat"]))
            out.append(r)
        if rng.random() < 0.2:
            for r in out:
                for key in rng.sample(["kdamond_idx", "context_idx", "scheme_idx", "scheme_filters", "data_source"], 3):
                    del r[key]
                for s in r["snapshots"]:
                    del s["damos_stats"], s["sample_interval_us"], s["total_bytes"]
        return out

    def text(self):
        """What perf script or trace-cmd print of several targets, or of a scheme."""
        rng = self.rng
        now = rng.choice([82877 * 10**6 + 315633, 5 * 10**6, 0])
        targets = [rng.choice([0, 1, 18446623438842320000 + i, 2**63 + i]) + i for i in range(rng.choice([1, 1, 2, 3]))]
        areas = {t: self.areas() for t in targets}
        self.disorder = self.over = 0  # the kernel goes through regions in their order
        aged, scheme, comm = rng.random() < 0.8, rng.random() < 0.25, rng.choice(["kdamond.0", "kdamond.12"])
        lines = []
        for _ in range(rng.choice([2, 3, 21, 22, 30])):
            now += rng.choice([100_000, 100_000, 104_213, 500_001])
            for i, t in enumerate(targets):
                if rng.random() < 0.1:
                    areas[t] = self.areas()
                rows = self.regions(areas[t])
                all_rows = len(rows)
                if scheme and rng.random() < 0.5:
                    rows = rows[len(rows) // 4:]
                for r in rows:
                    start, end = r["start"].replace(",", ""), r["end"].replace(",", "")
                    age = r["age"]["aggr_intervals"].replace(",", "")
                    head = "%16s %6d [%03d] %5d.%06d: damon:" % (comm, 4452, rng.randrange(2), now // 10**6, now % 10**6)
                    name = "damos_before_apply: ctx_idx=0 scheme_idx=0 target_idx=%d" % i if scheme else "damon_aggregated: target_id=%d" % t
                    lines.append("%s%s nr_regions=%d %s-%s: %d%s" % (head, name, all_rows, start, end, r["nr_accesses"]["samples"],
                                                                 " " + age if aged or scheme else ""))
        return "\n".join(lines) + "\n"


def main():
    seed, count = (sys.argv[2], int(sys.argv[3])) if sys.argv[1] == "--random" else (None, 0)
    directory = sys.argv[-1]
    os.makedirs(directory, exist_ok=True)
    drawn = []
    for i in range(count):
        shape = Shape(random.Random("%s-%d" % (seed, i)))
        name = "drawn-%s-%d" % (seed, i)
        if i % 4 == 3:
            with open(os.path.join(directory, name + ".txt"), "w") as f:
                f.write(shape.text())
        else:
            records, rng = shape.records(), random.Random(name)
            probes = [probe(rng.choice([0, 1, 1, 7, 1000]), ("anon", rng.random() < 0.5, True, None)) for _ in range(shape.probes)]
            drawn.append((name, records, setup(shape.how, probes, 2)))
    for name, records, *beside in drawn if seed else recordings():
        path = os.path.join(directory, name + ".damo")
        with open(path, "wb") as f:
            f.write(zlib.compress(json.dumps(records, indent=4).encode()))
        for kdamonds in beside:
            with open(path + ".kdamonds", "w") as f:
                json.dump(kdamonds, f, indent=4)


if __name__ == "__main__":
    main()
