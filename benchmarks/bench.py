#!/usr/bin/env python3
"""Whole-process measurements of damson: every figure a fresh process, page cache warm, median of N with its spread.

    mvn -q -Pbench -Dquick package && ./damson --version     # builds the generator of traces, stages ./damson
    benchmarks/bench.py WHAT... [--runs 7] [--work DIR] [--json FILE]

WHAT is any of: startup, reports, long, size, capture, peer (with --damo), duckdb (with --duckdb, DuckDB's own shell); all but the last two if
none is given. Answers are checked against what the generator says of its trace; a wrong answer ends the run with exit status 1. Peak memory is the greatest resident set of
the process (wait4's ru_maxrss, the same as VmHWM).
"""
import argparse
import glob
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DAMSON = os.path.join(ROOT, "damson")
TESTDATA = os.path.join(ROOT, "testdata")


class Run:
    def __init__(self, seconds, cpu, mib, out):
        self.seconds, self.cpu, self.mib, self.out = seconds, cpu, mib, out


def once(command, env=None):
    """Runs a command to its end; its standard output goes to a file so that no pipe slows it."""
    with tempfile.TemporaryFile() as out:
        began = time.perf_counter()
        child = subprocess.Popen(command, stdout=out, stdin=subprocess.DEVNULL, env=env)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit status {child.returncode}")
        out.seek(0)
        return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.read())


class Bench:
    def __init__(self, args):
        self.runs, self.work, self.rows = args.runs, args.work, []
        self.damo, self.peer_snapshots, self.shell = args.damo, args.peer_snapshots, args.duckdb

    def measure(self, name, command, check=None, seconds=None, mib=None):
        """Times a command; the first, unmeasured run warms the page cache and is the answer the others must give."""
        answer = once(command).out
        if check:
            check(answer)
        runs = []
        for _ in range(self.runs):
            r = once(command)
            if r.out != answer:
                sys.exit(f"{name}: two runs, two answers")
            runs.append(r)
        wall = sorted(r.seconds for r in runs)
        peak = max(r.mib for r in runs)
        row = {
            "what": name,
            "command": " ".join(command).replace(ROOT + "/", "").replace(self.work + "/", ""),
            "median_s": statistics.median(wall),
            "min_s": wall[0],
            "max_s": wall[-1],
            "cpu_s": statistics.median(r.cpu for r in runs),
            "peak_mib": peak,
            "budget_s": seconds,
            "budget_mib": mib,
            "load": os.getloadavg()[0],
        }
        row["met"] = (seconds is None or row["median_s"] <= seconds) and (mib is None or peak <= mib)
        self.rows.append(row)
        budget = "" if seconds is None else f"budget {seconds:g} s" + (f", {mib:g} MiB" if mib else "")
        print(
            f"{name:44} {row['median_s']:7.3f} s [{wall[0]:.3f}..{wall[-1]:.3f}] cpu {row['cpu_s']:.2f} s "
            f"peak {peak:6.1f} MiB  {budget} {'' if not budget else 'met' if row['met'] else 'MISSED'}",
            flush=True,
        )
        return row

    def turns(self, commands):
        """Times commands in turns, so that what else the machine does meets all of them; ratios are to the last one."""
        answers = [once(c).out for _, c in commands]
        runs = [[] for _ in commands]
        for _ in range(self.runs):
            for i, (name, command) in enumerate(commands):
                r = once(command)
                if r.out != answers[i]:
                    sys.exit(f"{name}: two runs, two answers")
                runs[i].append(r)
        wall = [statistics.median(r.seconds for r in rs) for rs in runs]
        cpu = [statistics.median(r.cpu for r in rs) for rs in runs]
        for i, (name, command) in enumerate(commands):
            ratio = {"wall": wall[i] / wall[-1], "cpu": cpu[i] / cpu[-1]}
            peak = max(r.mib for r in runs[i])
            self.rows.append({"what": name, "median_s": wall[i], "cpu_s": cpu[i], "peak_mib": peak, "ratio": ratio,
                              "load": os.getloadavg()[0]})
            print(f"{name:44} {wall[i]:7.3f} s [{min(r.seconds for r in runs[i]):.3f}..{max(r.seconds for r in runs[i]):.3f}] "
                  f"cpu {cpu[i]:.3f} s peak {peak:6.1f} MiB  to the last: wall {ratio['wall']:.2f}, cpu {ratio['cpu']:.2f}",
                  flush=True)
        return answers

    def fact(self, name, value, unit, budget=None):
        met = budget is None or value <= budget
        self.rows.append({"what": name, "value": value, "unit": unit, "budget": budget, "met": met})
        limit = "" if budget is None else f" budget {budget:g} {'met' if met else 'MISSED'}"
        print(f"{name:44} {value:9.3f} {unit}{limit}", flush=True)

    def trace(self, snapshots, regions, churn):
        """A synthetic trace, made once; returns its path and what its generator knows of it."""
        path = os.path.join(self.work, f"synthetic-{snapshots}x{regions}-{churn:g}.damson")
        truth = path + ".json"
        if not os.path.exists(truth):
            classes = os.path.join(ROOT, "benchmarks/target")
            made = once([
                "java", "-XX:+UseSerialGC", "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp", f"{classes}/classes:{classes}/lib/*", "org.damson.benchmarks.MakeTrace",
                path, str(snapshots), str(regions), str(churn),
            ])
            with open(truth, "wb") as f:
                f.write(made.out)
        with open(truth) as f:
            return path, json.load(f)

    def imported(self, name):
        path = os.path.join(self.work, name + ".damson")
        if not os.path.exists(path):
            once([DAMSON, "import", "--quiet", os.path.join(TESTDATA, name, "tracefs.txt.gz"), "-o", path])
        return path

    # -- what can be measured ------------------------------------------------------------------------------------

    def startup(self):
        stairs = self.imported("stairs")
        self.measure("damson --version", [DAMSON, "--version"], seconds=0.15)
        self.measure("report wss, small trace (stairs)", [DAMSON, "report", "wss", "--quiet", stairs], seconds=0.5)
        self.measure("report heatmap, small trace (stairs)", [DAMSON, "report", "heatmap", "--quiet", stairs])

    def both(self, label, path, truth, seconds, mib):
        def near(got, want, what):
            if not math.isclose(got, want, rel_tol=1e-9):
                sys.exit(f"{what}: {got}, the generator says {want}")

        wss = json.loads(once([DAMSON, "report", "wss", path, "--json"]).out)
        near(wss["total"]["snapshots"], truth["snapshots"], "snapshots")
        near(wss["total"]["mean_bytes"], truth["mean_wss_bytes"], "mean working set")
        heat = json.loads(once([DAMSON, "report", "heatmap", path, "--json"]).out)
        near(sum(a["heat_byte_seconds"] for a in heat["areas"]), truth["heat_byte_seconds"], "heat")
        self.measure(f"report wss, {label}", [DAMSON, "report", "wss", path], seconds=seconds, mib=mib)
        self.measure(f"report heatmap, {label}", [DAMSON, "report", "heatmap", path], seconds=seconds, mib=mib)

    def reports(self):
        path, truth = self.trace(6000, 1000, 0.2)
        self.both("6,000 x 1,000", path, truth, 1.0, 300)
        path, truth = self.trace(36000, 1000, 0.2)
        self.both("36 M rows", path, truth, 2.5, 300)
        page = os.path.join(self.work, "page.html")
        self.measure("report html, 36 M rows",
                     [DAMSON, "report", "html", "--quiet", "--force", "-o", page, path], seconds=6.0)
        self.fact("report html, 36 M rows: size", os.path.getsize(page) / 1e6, "MB", 15)

    def long(self):
        """Cost per row and memory must not grow with length."""
        for snapshots in (1000, 10000, 100000):
            path, truth = self.trace(snapshots, 1000, 0.2)
            self.both(f"{truth['rows'] // 1_000_000} M rows", path, truth, None, None)

    def duckdb(self):
        """Questions that no summary answers, beside DuckDB asking the same of the same files; and the start of both."""
        stairs = self.imported("stairs")
        self.turns([
            ("damson --version", [DAMSON, "--version"]),
            ("damson info, small trace (stairs)", [DAMSON, "info", stairs]),
            ("damson report wss, small trace (stairs)", [DAMSON, "report", "wss", "--quiet", stairs]),
            ("python3 -c pass", [sys.executable, "-c", "pass"]),
            ("duckdb -c 'select 1'", [self.shell, "-c", "select 1"]),
        ])
        for snapshots in (10000, 36000, 100000):
            path, truth = self.trace(snapshots, 1000, 0.2)
            label = f"{truth['rows'] // 1_000_000} M rows"
            size = '("end" - start)'
            rows = f"from '{path}/regions-*.parquet'"
            ours, theirs = self.turns([
                (f"damson report wss, 2 accesses, {label}",
                 [DAMSON, "report", "wss", "--min-accesses", "2", "--json", path]),
                ("duckdb, the same", [self.shell, "-c", f"select avg(w) from (select sum(case when nr_accesses >= 2 "
                                      f"then {size} else 0 end) as w {rows} group by snapshot_id)"]),
            ])
            mean = json.loads(ours)["total"]["mean_bytes"]
            if not math.isclose(mean, float(theirs.split()[-1]), rel_tol=1e-9):
                sys.exit(f"working set: damson says {mean}, duckdb {theirs.decode()}")

    def peer(self):
        """damo beside damson on the same recording, taking turns; the damo file is damson's export."""
        path, _ = self.trace(self.peer_snapshots, 1000, 0.2)
        data = path[: -len(".damson")] + ".damo"
        if not os.path.exists(data):
            once([DAMSON, "export", path, "--to", "damo", "-o", data])
        for report in ("wss", "heatmap"):
            theirs = [sys.executable, self.damo, "report", report, "--input", data]
            theirs += ["--output", "stdout"] if report == "heatmap" else []
            runs = [(once([DAMSON, "report", report, path]), once(theirs)) for _ in range(self.runs)]
            for side, name in enumerate(("damson", "damo")):
                wall = sorted(r[side].seconds for r in runs)
                self.rows.append({
                    "what": f"{name} report {report}, {self.peer_snapshots:,} x 1,000",
                    "median_s": statistics.median(wall), "min_s": wall[0], "max_s": wall[-1],
                    "cpu_s": statistics.median(r[side].cpu for r in runs), "peak_mib": max(r[side].mib for r in runs),
                })
                row = self.rows[-1]
                print(f"{row['what']:44} {row['median_s']:7.3f} s [{wall[0]:.3f}..{wall[-1]:.3f}] cpu {row['cpu_s']:.2f} s "
                      f"peak {row['peak_mib']:6.1f} MiB", flush=True)
            ours, other = self.rows[-2], self.rows[-1]
            print(f"{'  damo / damson':44} wall {other['median_s'] / ours['median_s']:.0f}, "
                  f"cpu {other['cpu_s'] / ours['cpu_s']:.0f}, memory {other['peak_mib'] / ours['peak_mib']:.0f}", flush=True)

    def capture(self):
        """Ring to journal to sealed Parquet, in this process's own clothes: a JVM without damson's command line."""
        lib = os.path.join(ROOT, "benchmarks/target")
        java = ["java", "-XX:+UseSerialGC", "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp", f"{lib}/classes:{lib}/lib/*", "org.damson.benchmarks.Capture"]
        for name, args in (
            ("as fast as it goes, regions 1,000 a snapshot", ["1000", "0", "3", "10"]),
            ("10,000 region events/s", ["1000", "10", "15", "45"]),
            ("300 region events/s", ["30", "10", "15", "45"]),
        ):
            output = os.path.join(self.work, "capture.damson")
            subprocess.run(["rm", "-rf", output], check=True)
            r = json.loads(once(java + [output] + args).out)
            size = sum(os.path.getsize(f) for f in glob.glob(output + "/*"))
            print(f"capture, {name}: {r['rows_per_second']:,.0f} rows/s, {r['cpu_percent']:.2f} % of a CPU, "
                  f"{r['cpu_percent'] * 1e7 / r['rows_per_second']:.0f} ns of CPU a row, dropped {r['dropped_snapshots']}, "
                  f"late at most {r['late_ms']:.1f} ms, peak {r['peak_mib']:.0f} MiB, {size / r['rows']:.3f} B a row", flush=True)
            self.rows.append({"what": "capture, " + name, **r})
        idle = json.loads(once(java + ["idle", "1", "0", "15", "45"]).out)
        print(f"capture, the same JVM asleep: {idle['cpu_percent']:.3f} % of a CPU, peak {idle['peak_mib']:.0f} MiB")

    def size(self):
        def per_row(path):
            total = sum(os.path.getsize(f) for f in glob.glob(path + "/*") + glob.glob(path + "/.[!.]*"))
            files = json.load(open(os.path.join(path, "manifest.json")))["files"]
            regions = sum(f["rows"] for f in files if f["table"].lower() == "regions")
            others = sum(f["size_bytes"] for f in files if f["table"].lower() not in ("regions", "snapshots"))
            return total / regions, (total - others) / regions

        for name, budget in (("many-regions", 0.15), ("stairs", 4), ("service", 4), ("physical", 4)):
            everything, plain = per_row(self.imported(name))
            self.fact(f"bytes per region row, {name}", everything, "B", budget)
            if plain != everything:
                self.fact("  without its tables of schemes", plain, "B")
        path, _ = self.trace(6000, 1000, 0.2)
        self.fact("bytes per region row, 1,000 regions 20 % changing", per_row(path)[0], "B", 1.4)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = ["startup", "reports", "long", "size", "capture", "peer", "duckdb"]
    parser.add_argument("what", nargs="*", metavar="WHAT", help=", ".join(names))
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--work", default=os.path.join(tempfile.gettempdir(), "damson-bench"))
    parser.add_argument("--damo", help="damo's src/damo.py, for peer")
    parser.add_argument("--duckdb", help="DuckDB's shell, for duckdb")
    parser.add_argument("--peer-snapshots", type=int, default=600, help="length of the recording for peer")
    parser.add_argument("--json", help="write the figures to this file too")
    args = parser.parse_args()
    for what in args.what:
        if what not in names:
            parser.error(f"{what} is not one of {', '.join(names)}")
    if "peer" in args.what and not args.damo:
        parser.error("peer needs --damo")
    if "duckdb" in args.what and not args.duckdb:
        parser.error("duckdb needs --duckdb")
    os.makedirs(args.work, mode=0o700, exist_ok=True)
    print(f"# {os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.2f}, {time.strftime('%Y-%m-%d %H:%M')}")
    bench = Bench(args)
    for what in args.what or names[:-2]:
        getattr(bench, what)()
    if args.json:
        with open(args.json, "w") as f:
            json.dump(bench.rows, f, indent=1)


if __name__ == "__main__":
    main()
