#!/usr/bin/env python3
"""Writes down what damo prints, for DamoCompatTest to compare damson --damo-compat with.

    [ONLY="REPORT..."] testing/shield/run testing/damo-compat.py [--random SEED COUNT] DAMO_SOURCE_TREE OUTPUT_DIRECTORY RECORDING...

A job by hand; under the shield damo cannot reach this machine's DAMON. DAMO_SOURCE_TREE is a checkout of damo, of 3.3.0 for
testdata/damo/expected, of another version for expected-VERSION (for expected-3.3.1, ONLY="heatmap holistic", one of 3.3.0 whose src/damo_report_heatmap.py is that of commit 83699c0b, and which says
so as its version). Reports that a version has not are left out. Writes OUTPUT_DIRECTORY/NAME.jsonl for each recording (gzip is undone for damo): a
first line that says what wrote it, then a line per run with the options, damo's exit status and what it printed (if long, its
length and SHA-256, unless LONGEST is more bytes; of damo adjust the file it wrote, uncompressed). With ONLY, files that are there
keep their other runs. With --random, COUNT runs of options drawn with SEED and the recording's name, bounds mostly near what the
recording has.

Files made elsewhere, of whatever version they say, are compared by
    mvn -pl cli -am -Dtest=DamoCompatTest -Ddamson.damoExpectations=OUTPUT_DIRECTORY verify
"""
import glob
import gzip
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
import zlib

ACCESS = [
    [], ["--raw_number"], ["--style", "simple-boxes"], ["--style", "hot"], ["--style", "cold"],
    ["--style", "temperature-sz-hist"], ["--style", "recency-sz-hist"], ["--style", "recency-percentiles"],
    ["--style", "temperature-percentiles"], ["--style", "cold-memory-tail", "--hist_logscale"],
    ["--style", "recency-sz-hist", "--hist_cumulate"], ["--style", "temperature-sz-hist", "--hist_logscale", "--raw_number"],
    ["--style", "recency-sz-hist", "--hist_ranges", "0", "1s", "1s", "10s", "10s", "max"],
    ["--style", "recency-percentiles", "--percentiles_range", "0", "101", "10"],
    ["--style", "recency-percentiles", "--percentiles_range", "5", "50", "90", "99"],
    ["--total_sz_only"], ["--region_box"], ["--region_box", "--region_box_values", "size", "age", "access_rate"],
    ["--region_box", "--region_box_scales", "linear", "log", "linear", "--region_box_align", "right",
     "--region_box_min_max_height", "1", "1", "--region_box_colorset", "flame"],
    ["--sort_regions_by", "size", "age", "--sort_regions_dsc", "age"], ["--sort_regions_by", "temperature"],
    ["--sort_regions_by", "access_rate", "--sort_regions_dsc", "all"],
    ["--sz_region", "4K", "1M"], ["--access_rate", "5%", "100%"], ["--age", "1s", "max"], ["--age", "1", "max"],
    ["--snapshot_idx", "1", "3"], ["--temperature", "-100000000", "0"], ["--address", "4K", "140T"],
    ["--sz_snapshot", "1M", "max"],
    ["--temperature_weights", "1", "100", "10", "--style", "temperature-percentiles"],
    ["--snapshot_heatmap_width", "40", "--snapshot_heatmap_colorset", "emotion"], ["--snapshot_heatmap_static"],
    ["--format", "set", "region", "<index>:<start address>-<end address> <access rate> <temperature> <probe hits>|<filters passed bytes>"],
    ["--format", "append", "snapshot_tail", "\\n<positive access samples ratio> <intervals tuning status>\\n<damos stats>",
     "--format", "append", "record_tail", "\\n<format strings>"],
    ["--format", "set", "snapshot_head", "<number of regions> <start time> <end time> <abs start time> <abs end time> <duration>"],
    ["--min_chars_for", "<size>", "30", "--min_chars_for", "<temperature>", "30", "--format", "append", "region", "<temperature>|"],
    ["--raw_form"], ["--raw_form", "--raw_number"],
]
WSS = [
    [], ["--exclude_samples", "0"], ["-r", "1", "101", "1", "--raw_number"], ["--work_time", "1000000", "--exclude_samples", "0"],
    ["--acc_thres", "2", "--sz_thres", "8192", "-s", "time"], ["--all_wss", "--exclude_samples", "2"],
    ["--per_target", "--nr_cols_bar", "0"], ["--nr_cols_bar", "20", "-r", "0", "100", "7"],
]
REGIONS = [[], ["-r", "1", "101", "1"], ["-s", "time"]]
GUIDE = [[], ["--raw_numbers"]]
HEATMAP = [
    [], ["--resol", "5", "40"], ["--stdout_colorset", "flame"], ["--output", "raw", "--resol", "20", "30"],
    ["--output", "raw", "--resol", "7", "9", "--abs_time", "--abs_addr"], ["--draw_range", "all", "--resol", "10", "30"],
    ["--stdout_skip_colorset_example", "--stdout_colorset", "emotion", "--resol", "4", "20"],
    ["--time_range", "0", "1 s", "guided", "--resol", "6", "20"], ["--address_range", "0", "1M", "guided", "--resol", "6", "20"],
    ["--sort_temperature", "--resol", "6", "20"], ["--df_passed", "--output", "raw", "--resol", "5", "6"],
]
TIMES = [
    [], ["--access_rate", "50%", "100%"], ["--sz_region", "1M", "max"], ["--age", "1s", "max"], ["--snapshot_idx", "1", "3"],
    ["--address", "4K", "140T"], ["--access_rate", "5%", "100%", "--sz_region", "4K", "1M"],
]
VALIDATE = [
    [], ["--nr_regions", "1", "5"], ["--aggr", "1", "100000000"],
    ["--aggr", "1", "1000000000", "--nr_regions", "1", "100000", "--nr_accesses", "0", "100000"],
    ["--aggr", "1", "1000000000", "--nr_regions", "1", "100000", "--regions_boundary", "4096-1048576", "4194304-140737488355328"],
]
ADJUST = [
    [], ["--aggregate_interval", "1000000"], ["--aggregate_interval", "500000", "--skip", "0"],
    ["--access_rate", "1%", "100%"], ["--snapshot_idx", "0", "3", "--sz_region", "4K", "max"], ["--address", "4K", "140T"],
]
# Their words before the recording and after it; damo's reports all alike, but for times.
HOLISTIC = [[]]
FOOTPRINTS = [
    [], ["rss", "--all_footprint"], ["vsz", "-s", "time", "--raw_number"], ["sys_used", "-r", "1", "101", "1", "--nr_cols_bar", "20"],
]
ATTRS = [
    [], ["--raw_number"], ["--raw_form"], ["--raw_form", "--raw_number"], ["--total_sz_only"],
    ["--style", "temperature-sz-hist"], ["--style", "recency-sz-hist"], ["--style", "cold-memory-tail", "--hist_logscale"],
    ["--style", "recency-percentiles"], ["--style", "idle-time-percentiles", "--percentiles_range", "0", "101", "10"],
    ["--style", "temperature-percentiles"], ["--style", "temperature-sz-hist", "--hist_cumulate", "--raw_number"],
    ["--style", "recency-sz-hist", "--hist_ranges", "0", "1s", "1s", "10s", "10s", "max"],
    ["--sort_regions_by", "probe_hits_wsum"], ["--sort_regions_by", "size", "reverse", "age"], ["--sort_regions_by", "address", "reverse"],
    ["--temperature_weights", "1", "2", "3"], ["--temperature_weights", "0", "0", "1", "--style", "temperature-percentiles"],
    ["--adjust_region", "size", "df_passed"], ["--adjust_region", "size", "probe_hits_rate", "0"],
    ["--adjust_region", "probe_hits", "0", "df_passed", "--raw_number"],
    ["--adjust_region", "probe_hits", "0", "probe_hits_rate", "0", "--adjust_region", "size", "df_passed"],
    ["--temperature", "0", "100000000"], ["--access_rate", "5%", "100%"], ["--age", "1s", "max"], ["--sz_region", "4K", "100M"],
    ["--address", "4K", "140T"], ["--snapshot_idx", "1", "2"], ["--sz_snapshot", "1M", "max"],
    ["--snapshot_heatmap_width", "40", "--snapshot_heatmap_colorset", "emotion"], ["--snapshot_heatmap_static"],
    ["--format", "set", "region", "<index>:<start address>-<end address> <size> <temperature> <probe hits>|<filters passed bytes>"],
    ["--format", "append", "snapshot_tail", "\\n<intervals tuning status>\\n<damos stats>\\n<probes>", "--format", "append",
     "record_tail", "\\n<kdamond index> <target id> <data source> <intervals goal>"],
    ["--format", "set", "snapshot_head", "<number of regions> <start time> <end time> <abs start time> <abs end time> <duration>"],
    ["--min_chars_for", "<size>", "30", "--min_chars_for", "<temperature>", "30", "--format", "append", "region", " <temperature>|"],
]
COMMANDS = {"holistic": (["report", "holistic", "--access_pattern"], []), "times": (["report", "times", "--inputs"], ["none"]), "validate": (["validate", "-i"], []),
            "adjust": (["adjust", "-i"], [])}
REPORTS = [("access", ACCESS), ("wss", WSS), ("nr_regions", REGIONS), ("record_info", GUIDE), ("heatmap", HEATMAP),
           ("times", TIMES), ("validate", VALIDATE), ("adjust", ADJUST), ("holistic", HOLISTIC), ("footprints", FOOTPRINTS), ("attrs", ATTRS)]
LONGEST = int(os.environ.get("LONGEST", 2000))


RECORD_WORDS = ["kdamond index", "context index", "scheme index", "target id", "abs start time", "duration", "intervals",
                "intervals goal", "data source", "format strings"]
SNAPSHOT_WORDS = [
    "total bytes", "duration", "start time", "end time", "abs start time", "abs end time", "number of regions", "region box colors",
    "region box description", "temperature-sz histogram", "temperature-df-passed-sz histogram", "recency-sz histogram",
    "recency-df-passed-sz histogram", "recency percentiles", "df-passed recency percentiles", "temperature percentiles",
    "df-passed temperature percentiles", "heatmap", "filters passed heatmap", "filters passed type", "filters passed bytes",
    "positive access samples ratio", "estimated memory bandwidth", "filters passed estimated memory bandwidth",
    "intervals tuning status", "damos stats", "snapshot intervals"]
REGION_WORDS = ["index", "start address", "end address", "size", "access rate", "access hz", "age", "temperature", "probe hits",
                "filters passed bytes", "box"]
AREAS = {"record_head": RECORD_WORDS, "record_tail": RECORD_WORDS, "snapshot_head": SNAPSHOT_WORDS, "snapshot_tail": SNAPSHOT_WORDS,
         "region": REGION_WORDS}
STYLES = ["detailed", "simple-boxes", "temperature-sz-hist", "recency-sz-hist", "cold-memory-tail", "recency-percentiles",
          "idle-time-percentiles", "temperature-percentiles", "cold", "hot"]
KEYS = ["address", "access_rate", "age", "size", "temperature"]
COLORS = ["gray", "flame", "emotion"]


class Draw:
    """Draws options for reports on one recording."""

    def __init__(self, rng, records):
        self.rng = rng
        regions = [r for record in records for s in record.snapshots[:200] for r in s.regions[:2000]] or None
        snapshots = [s for record in records for s in record.snapshots]
        self.addresses = sorted({a for r in regions for a in (r.start, r.end)}) if regions else [0, 4096]
        self.sizes = sorted({r.end - r.start for r in regions}) if regions else [0]
        self.ages = sorted({r.age.aggr_intervals or 0 for r in regions}) if regions else [0]
        self.times = sorted({int(t) for s in snapshots for t in (s.start_time, s.end_time) if t is not None}) or [0]
        self.totals = sorted({s.total_bytes or 0 for s in snapshots}) or [0]
        self.snapshots = max((len(record.snapshots) for record in records), default=0)
        self.indices = [(r.kdamond_idx, r.context_idx, r.scheme_idx, r.target_id) for r in records] or [(None, None, None, None)]
        self.aggr = next((int(r.intervals.aggr) for r in records if r.intervals is not None), 100000)

    def some(self, chance, *options):
        return list(options) if self.rng.random() < chance else []

    def near(self, values):
        value = self.rng.choice(values)
        return max(0, value + self.rng.choice([0, 0, 0, 1, -1, 4096, value // 3, -(value // 7)]))

    def pair(self, draw, text=str):
        low, high = sorted((draw(), draw()))
        low, high = text(low), text(high)
        return [self.rng.choice([low] * 4 + ["min"]), self.rng.choice([high] * 4 + ["max"])]

    def bytes(self, value):
        units = [(k, u) for k, u in ((10, ["K", "KB", "KiB", " KiB"]), (20, ["M", " MiB"]), (30, ["G", " GB"]), (40, ["T"])) if value >> k]
        if not units or self.rng.random() < 0.4:
            return self.rng.choice([str(value), str(value), format(value, ",")])
        bits, names = self.rng.choice(units)
        number = value / (1 << bits)
        return self.rng.choice(["%d", "%.3f", "%.1f"]) % number + self.rng.choice(names)

    def time(self, ns):
        unit, of = self.rng.choice([(" ns", 1), ("us", 10**3), ("ms", 10**6), (" s", 10**9), ("m", 60 * 10**9), ("h", 3600 * 10**9)])
        return self.rng.choice(["%d" % ns, ("%d" if ns % of == 0 else "%.4f") % (ns / of) + unit])

    def filters(self, chance):
        rng, out = self.rng, []
        out += self.some(chance, "--sz_region", *self.pair(lambda: self.near(self.sizes), self.bytes))
        out += self.some(chance, "--access_rate", *self.pair(lambda: rng.randrange(0, 120),
                                                              lambda p: rng.choice(["%d%%", "%d %%", "%.1f%%"]) % p))
        out += self.some(chance, "--age", *self.pair(lambda: self.near(self.ages) * self.aggr * 1000, self.time))
        for _ in range(rng.choice([1, 1, 2, 3])):
            out += self.some(chance, "--address", *self.pair(lambda: self.near(self.addresses), self.bytes))
        for _ in range(rng.choice([1, 1, 2])):
            out += self.some(chance / 2, "--sz_snapshot", *self.pair(lambda: self.near(self.totals), self.bytes))
            out += self.some(chance / 2, "--snapshot_time", *self.pair(lambda: self.near(self.times), self.time))
            out += self.some(chance, "--snapshot_idx", *self.pair(lambda: rng.randrange(-1, self.snapshots + 3), str))
            weight = (max(self.ages) + 1) * self.aggr
            out += self.some(chance / 2, "--temperature", *map(str, sorted(rng.randrange(-weight, weight) for _ in "ab")))
        return out

    def template(self, area):
        words = [self.rng.choice(AREAS[area] if self.rng.random() < 0.97 else REGION_WORDS + SNAPSHOT_WORDS)
                 for _ in range(self.rng.randrange(1, 5))]
        return self.rng.choice([" ", " | ", "\\n", ","]).join("<%s>" % w for w in words) + self.rng.choice(["", " end", "\\n", "<unknown>"])

    def access(self):
        rng, out = self.rng, []
        out += self.some(0.5, "--style", rng.choice(STYLES))
        out += self.some(0.3, "--raw_number")
        out += self.some(0.25, "--percentiles_range", *map(str, rng.choice(
            [[0, 101, rng.randrange(1, 60)], [rng.randrange(100)], [0, 50], [1, 5, 50, 99, 100], [100, 0, -20], [99, 1, 50, 50]])))
        out += self.some(0.3, "--sort_regions_by", *rng.sample(KEYS, rng.randrange(1, 4)))
        out += self.some(0.3, "--sort_regions_dsc", *rng.choice([["all"], rng.sample(KEYS, rng.randrange(1, 4))]))
        out += self.some(0.2, "--temperature_weights", *(str(rng.choice([0, 1, 3, 100, 1000, -2])) for _ in "abc"))
        out += self.some(0.25, "--hist_logscale")
        out += self.some(0.25, "--hist_cumulate")
        if rng.random() < 0.15:
            bounds = sorted(rng.choice(self.ages) * self.aggr * 1000 * rng.choice([1, 1, 2]) for _ in range(rng.randrange(1, 5)))
            out += ["--hist_ranges"] + [self.time(b) for b in bounds] + rng.choice([[], ["max"]])
        for area in rng.sample(list(AREAS), rng.choice([0, 0, 0, 1, 2, 3])):
            out += ["--format", rng.choice(["set", "append"]), area, self.template(area)]
        out += self.some(0.2, "--snapshot_heatmap_width", str(rng.choice([1, 2, 7, 40, 80, 133])))
        out += self.some(0.2, "--snapshot_heatmap_colorset", rng.choice(COLORS))
        out += self.some(0.2, "--snapshot_heatmap_static")
        if rng.random() < 0.25:
            out += ["--region_box"]
            out += self.some(0.5, "--region_box_values", *(rng.choice(["size", "access_rate", "age", "none"]) for _ in "abc"))
            out += self.some(0.3, "--region_box_min_max_length", *map(str, rng.choice([(1, 10), (5, 5), (0, 50), (20, 70)])))
            out += self.some(0.3, "--region_box_min_max_height", *map(str, rng.choice([(1, 1), (2, 3), (0, 9)])))
            out += self.some(0.3, "--region_box_colorset", rng.choice(COLORS))
            out += self.some(0.5, "--region_box_scales", *(rng.choice(["linear", "log"]) for _ in "abc"))
            out += self.some(0.3, "--region_box_align", rng.choice(["left", "right"]))
        for _ in range(rng.choice([0, 0, 0, 1, 2])):
            out += ["--min_chars_for", "<%s>" % rng.choice(REGION_WORDS + SNAPSHOT_WORDS + RECORD_WORDS), str(rng.randrange(0, 40))]
        out += self.some(0.05, "--total_sz_only")
        out += self.some(0.1, "--raw_form")
        return out + self.filters(rng.choice([0, 0.1, 0.3]))

    def attrs(self):
        rng, out = self.rng, []
        out += self.some(0.5, "--style", rng.choice([s for s in STYLES if s not in ("simple-boxes", "cold", "hot")]))
        out += self.some(0.3, "--raw_number")
        out += self.some(0.25, "--percentiles_range", *map(str, rng.choice(
            [[0, 101, rng.randrange(1, 60)], [0, 50], [1, 5, 50, 99, 100], [100, 0, -20]])))
        keys = [k if k != "access_rate" else "probe_hits_wsum" for k in rng.sample(KEYS, rng.randrange(1, 4))]
        out += self.some(0.4, "--sort_regions_by", *(w for k in keys for w in ([k, "reverse"] if rng.random() < 0.4 else [k])))
        out += self.some(0.3, "--temperature_weights", *(str(rng.choice([0, 1, 3, 100, 1000, -2])) for _ in "abc"))
        out += self.some(0.25, "--hist_logscale") + self.some(0.25, "--hist_cumulate")
        for _ in range(rng.choice([0, 0, 0, 1, 2])):
            out += ["--adjust_region", *rng.choice([["size", "df_passed"], ["size", "probe_hits_rate", "0"],
                                                     ["probe_hits", "0", "df_passed"], ["probe_hits", "1", "probe_hits_rate", "0"]])]
        for area in rng.sample(list(AREAS), rng.choice([0, 0, 0, 1, 2])):
            out += ["--format", rng.choice(["set", "append"]), area, self.template(area)]
        out += self.some(0.2, "--snapshot_heatmap_width", str(rng.choice([1, 2, 7, 40, 133])))
        out += self.some(0.2, "--snapshot_heatmap_static") + self.some(0.05, "--total_sz_only") + self.some(0.1, "--raw_form")
        return out + self.filters(rng.choice([0, 0.1, 0.3]))

    def range(self, chance):
        return self.some(chance, "-r", *map(str, self.rng.choice(
            [(0, 101, 25), (1, 101, 1), (0, 100, 7), (99, 0, -13), (50, 51, 1), (10, 10, 5), (0, 101, 100)])))

    def wss(self):
        rng = self.rng
        return (self.range(0.5) + self.some(0.6, "--exclude_samples", str(rng.choice([0, 0, 0, 1, 2, self.snapshots, self.snapshots - 1, 3])))
                + self.some(0.3, "-t", str(rng.choice([0, 1, 2, 5, 19, 21])))
                + self.some(0.3, "--sz_thres", str(self.near(self.sizes)))
                + self.some(0.3, "--work_time", str(rng.choice([1, self.aggr, self.aggr * 3 + 1, 1000000, 2500000])))
                + self.some(0.3, "-s", rng.choice(["time", "size"]))
                + self.some(0.3, "--nr_cols_bar", str(rng.choice([0, 1, 7, 20, 59, 120])))
                + self.some(0.3, "--raw_number") + self.some(0.2, "--all_wss")
                + self.some(0.5, rng.choice(["--per_target", "--collapse_targets"])))

    def nr_regions(self):
        return self.range(0.6) + self.some(0.5, "-s", self.rng.choice(["time", "size"]))

    def record_info(self):
        return self.some(0.5, "--raw_numbers")

    def heatmap(self):
        rng, out = self.rng, []
        out += self.some(0.5, "--output", rng.choice(["raw", "stdout"]))
        out += ["--resol", *rng.choice([("5", "7"), ("20", "30"), ("2", "2"), ("13", "80"), ("40", "11"), ("3", "200")])]
        out += self.some(0.15, "--draw_range", rng.choice(["all", "hottest"]))
        kdamond, context, scheme, target = rng.choice(self.indices)
        for name, value in (("--kdamond_idx", kdamond), ("--context_idx", context), ("--scheme_idx", scheme), ("--tid", target)):
            if value is not None:
                out += self.some(0.3, name, str(value))
        if rng.random() < 0.3:
            span = self.times[-1] - self.times[0]
            start, end = sorted(rng.randrange(max(1, span + span // 5)) for _ in "ab")
            out += rng.choice([["--time_range", self.time(start), self.time(end), "guided"],
                               ["--time_range", "-" + str(end), "-" + str(start), "guided_end"],
                               ["--time_range", *self.pair(lambda: self.near(self.times), str)],
                               ["--time_range", self.time(start), self.time(end), "base"]])
        if rng.random() < 0.3:
            for _ in range(rng.choice([1, 1, 2])):
                span = self.addresses[-1] - self.addresses[0]
                start, end = sorted(rng.randrange(max(1, span + span // 5)) for _ in "ab")
                out += rng.choice([["--address_range", self.bytes(start), self.bytes(end), "guided"],
                                   ["--address_range", *self.pair(lambda: self.near(self.addresses), self.bytes)]])
        out += self.some(0.2, "--abs_time") + self.some(0.2, "--abs_addr") + self.some(0.05, rng.choice(["--guide", "--guide_human"]))
        out += self.some(0.4, "--stdout_colorset", rng.choice(COLORS)) + self.some(0.3, "--stdout_skip_colorset_example")
        out += self.some(0.2, "--df_passed")
        out += self.some(0.2, "--sort_temperature")
        return out + self.some(0.1, "--temperature_weights", *(str(rng.choice([0, 0.5, 1, 100, -1])) for _ in "ab"))

    def times_(self):
        return self.filters(0.3)

    def validate(self):
        rng, out = self.rng, []
        period = self.aggr
        out += self.some(0.7, "--aggr", *rng.choice([("1", str(10**9)), (str(period * 3 // 4), str(period * 5 // 4)), ("0", str(period))]))
        out += self.some(0.7, "--nr_regions", *rng.choice([("0", "1000000"), ("1", "5"), ("3", "30")]))
        out += self.some(0.7, "--nr_accesses", *rng.choice([("0", "100000"), ("0", "19"), ("1", "20")]))
        out += self.some(0.3, "--allow_error", rng.choice(["0", "50", "100", "2.5"]))
        return out + self.some(0.3, "--regions_boundary", *rng.choice(
            [["0-%d" % 2**63], ["%d-%d" % (self.addresses[0], self.addresses[-1])],
             ["%d-%d" % (self.addresses[0], self.addresses[len(self.addresses) // 2]), "%d-%d" % (self.addresses[1], self.addresses[-1])]]))

    def adjust(self):
        rng = self.rng
        return (self.some(0.6, "--aggregate_interval", str(rng.choice([self.aggr, self.aggr * 2, self.aggr * 5 + 3, 10**6])))
                + self.some(0.7, "--skip", str(rng.choice([0, 0, 0, 1, 5]))) + self.filters(rng.choice([0, 0.2])))

    def run(self):
        report = self.rng.choices(["access", "heatmap", "wss", "nr_regions", "record_info", "times", "validate", "adjust"],
                                  [40, 22, 14, 3, 2, 5, 6, 8])[0]
        return report, getattr(self, report + "_" if report == "times" else report)()


def drawn(seed, count, name, plain, has):
    import _damo_records
    records, _ = _damo_records.get_records(record_file=plain)
    draw = Draw(random.Random(seed + name), records or [])
    if "attrs" in has and os.path.exists(plain + ".kdamonds"):
        return [draw.run() if draw.rng.random() < 0.5 else ("attrs", draw.attrs()) for _ in range(count)]
    return [draw.run() for _ in range(count)]


def forked(main, arguments):
    """Runs damo's main in a child of this process, which has its modules loaded: exit status and both streams."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            sys.argv = ["damo.py"] + arguments
            signal.alarm(20)  # some of what is drawn would take damo hours
            try:
                main()
                status = 0
            except SystemExit as e:
                status = e.code if isinstance(e.code, int) else int(e.code is not None)
            except BaseException:
                traceback.print_exc()
                status = 1
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return status, out.read(), err.read()


def damo(main, report, recording, options):
    before, after = COMMANDS.get(report, (["report", report, "-i"], []))
    written = recording + ".adjusted"
    read = recording + (".mem_footprint" if report == "footprints" else "")
    command = before + [read] + after + (["-o", written] if report == "adjust" else [])
    status, out, err = forked(main, command + options)
    said = {"report": report, "options": options, "exit": status}
    if report == "adjust" and status == 0:
        with open(written, "rb") as f:
            out = zlib.decompress(f.read())
        os.remove(written)
    if report == "validate" and status == 1 and b"Traceback" not in err and not out.startswith(b"parsing failed"):
        status = 0  # it has found something, which is its answer
    if status != 0 or b"Traceback" in err:
        text = (err if b"Traceback" in err else out + err).decode(errors="replace")
        said["fails"] = "no end in 20 seconds" if status == -signal.SIGALRM else text.strip().split("\n")[-1].replace(recording, "RECORDING")[:200]
    elif len(out) > LONGEST:
        said["bytes"], said["sha256"] = len(out), hashlib.sha256(out).hexdigest()
    else:
        said["stdout"] = out.decode()
    return said


def main():
    seed = sys.argv[2:4] if sys.argv[1] == "--random" else None
    if seed:
        del sys.argv[1:4]
    tree, out, recordings = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3:]
    only = os.environ.get("ONLY", "").split()
    version = subprocess.run(["python3", tree + "/src/damo.py", "version"], capture_output=True, text=True, check=True).stdout.strip()
    sys.path.insert(0, tree + "/src")
    damo_main = __import__("damo").main
    has = {f[len("damo_report_"):-len(".py")] for f in os.listdir(tree + "/src") if f.startswith("damo_report_")}
    reports = [(r, o) for r, o in REPORTS if r != "attrs" or r in has]
    # damo's holistic report leaves perf's part out where there is no perf, and that part is perf's.
    processes = __import__("_damo_subproc")
    is_there = processes.avail_cmd
    processes.avail_cmd = lambda command: command != "perf" and is_there(command)
    for recording in recordings:
        name = os.path.relpath(recording, "testdata").replace(os.sep, ".") if recording.startswith("testdata") else (
            os.path.basename(recording))
        with tempfile.TemporaryDirectory() as scratch:
            plain = os.path.join(scratch, "damon.data")
            with (gzip.open if recording.endswith(".gz") else open)(recording, "rb") as i, open(plain, "wb") as o:
                shutil.copyfileobj(i, o)
            for side in glob.glob(glob.escape(recording) + ".*"):
                shutil.copy(side, plain + side[len(recording):])
            runs = drawn(seed[0], int(seed[1]), name, plain, has) if seed else [(r, o) for r, variants in reports for o in variants]
            lines = [damo(damo_main, r, plain, options) for r, options in runs if not only or r in only]
        os.makedirs(out, exist_ok=True)
        path = os.path.join(out, name + ".jsonl")
        if only and os.path.exists(path):
            with open(path) as f:
                lines = [line for line in map(json.loads, list(f)[1:]) if line["report"] not in only] + lines
        with open(path, "w") as f:
            print(json.dumps({"damo": version, "command": "damo report REPORT -i RECORDING OPTIONS",
                              "recording": recording, **({"options drawn": seed} if seed else {})}), file=f)
            for line in lines:
                print(json.dumps(line), file=f)
        print("%s: %d runs, damo fails in %d" % (name, len(lines), sum("fails" in line for line in lines)), flush=True)


if __name__ == "__main__":
    main()
