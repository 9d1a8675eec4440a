#!/usr/bin/env python3
"""Runs damo and ./damson --damo-compat on the same recordings with the same options and compares what they print.

    testing/damo-compat.py DAMO_SOURCE_TREE RECORDING...

DAMO_SOURCE_TREE is a checkout of damo 3.3.0. Prints a line per difference and a count last; exits 1 if anything differs.
A run in which damo itself fails is counted apart: there is nothing to equal.
"""
import os
import subprocess
import sys

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
# damo's report, damson's, option sets, and how an option is called here where the name differs.
REPORTS = [
    ("access", "access", ACCESS, {}), ("wss", "wss", WSS, {}), ("nr_regions", "regions", REGIONS, {}),
    ("record_info", "guide", GUIDE, {"--raw_numbers": "--raw_number"}), ("heatmap", "heatmap", HEATMAP, {}),
]


def run(command, cwd):
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
    return done.returncode, done.stdout, done.stderr


def main():
    damo, recordings = os.path.abspath(sys.argv[1]), [os.path.abspath(p) for p in sys.argv[2:]]
    here = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
    only = os.environ.get("ONLY", "").split()
    equal = different = failed = 0
    for recording in recordings:
        for theirs, ours, variants, renamed in REPORTS:
            if only and ours not in only:
                continue
            for options in variants:
                code, expected, err = run(["python3", damo + "/src/damo.py", "report", theirs, "-i", recording] + options, damo)
                name = "%s %s %s" % (os.path.basename(recording), ours, " ".join(options))
                broken = code != 0 or b"Traceback" in err
                ours_code, actual, ours_err = run(
                    ["./damson", "report", ours, recording, "--damo-compat"] + [renamed.get(o, o) for o in options], here)
                if broken:
                    failed += 1
                    said = ours_err.decode(errors="replace").strip()
                    ok = ours_code in (0, 2, 3) and "internal error" not in said
                    print("%s %s: damo: %s; damson (%d): %s" % ("damo-fails" if ok else "BOTH-FAIL", name,
                          (err.decode(errors="replace").strip().split("\n")[-1] or expected.decode(errors="replace").strip()[:80])[:90], ours_code, said[:100]))
                    different += 0 if ok else 1
                elif actual == expected and ours_code == 0:
                    equal += 1
                else:
                    different += 1
                    a, e = actual.decode(errors="replace").split("\n"), expected.decode(errors="replace").split("\n")
                    line = next((i for i in range(min(len(a), len(e))) if a[i] != e[i]), min(len(a), len(e)))
                    print("DIFFERS %s (exit %d, line %d)\n  damo:   %r\n  damson: %r %s" % (
                        name, ours_code, line + 1, e[line][:150] if line < len(e) else "<end>",
                        a[line][:150] if line < len(a) else "<end>", ours_err.decode(errors="replace").strip()[:200]))
    print("%d equal, %d different, %d where damo fails" % (equal, different, failed))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
