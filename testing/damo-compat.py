#!/usr/bin/env python3
"""Writes down what damo prints, for DamoCompatTest to compare damson --damo-compat with.

    [ONLY="REPORT..."] testing/damo-compat.py DAMO_SOURCE_TREE OUTPUT_DIRECTORY RECORDING...

DAMO_SOURCE_TREE is a checkout of damo 3.3.0. Writes OUTPUT_DIRECTORY/NAME.jsonl for each recording (gzip is undone for damo): a
first line that says what wrote it, then a line per run with the options, damo's exit status and what it printed (if long, its
length and SHA-256; of damo adjust the file it wrote, uncompressed). With ONLY, files that are there keep their other runs.

Files made elsewhere are compared by
    mvn -pl cli -am -Dtest=DamoCompatTest -Ddamson.damoExpectations=OUTPUT_DIRECTORY verify
"""
import glob
import gzip
import hashlib
import json
import os
import shutil
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
COMMANDS = {"holistic": (["report", "holistic", "--access_pattern"], []), "times": (["report", "times", "--inputs"], ["none"]), "validate": (["validate", "-i"], []),
            "adjust": (["adjust", "-i"], [])}
REPORTS = [("access", ACCESS), ("wss", WSS), ("nr_regions", REGIONS), ("record_info", GUIDE), ("heatmap", HEATMAP),
           ("times", TIMES), ("validate", VALIDATE), ("adjust", ADJUST), ("holistic", HOLISTIC)]
LONGEST = 2000


def forked(main, arguments):
    """Runs damo's main in a child of this process, which has its modules loaded: exit status and both streams."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            sys.argv = ["damo.py"] + arguments
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
    command = before + [recording] + after + (["-o", written] if report == "adjust" else [])
    status, out, err = forked(main, command + options)
    said = {"report": report, "options": options, "exit": status}
    if report == "adjust" and status == 0:
        with open(written, "rb") as f:
            out = zlib.decompress(f.read())
        os.remove(written)
    if report == "validate" and status == 1 and b"Traceback" not in err:
        status = 0  # it has found something, which is its answer
    if status != 0 or b"Traceback" in err:
        text = (err if b"Traceback" in err else out + err).decode(errors="replace")
        said["fails"] = text.strip().split("\n")[-1].replace(recording, "RECORDING")[:200]
    elif len(out) > LONGEST:
        said["bytes"], said["sha256"] = len(out), hashlib.sha256(out).hexdigest()
    else:
        said["stdout"] = out.decode()
    return said


def main():
    tree, out = os.path.abspath(sys.argv[1]), sys.argv[2]
    only = os.environ.get("ONLY", "").split()
    version = subprocess.run(["python3", tree + "/src/damo.py", "version"], capture_output=True, text=True, check=True).stdout.strip()
    sys.path.insert(0, tree + "/src")
    damo_main = __import__("damo").main
    # damo's holistic report leaves perf's part out where there is no perf, and that part is perf's.
    processes = __import__("_damo_subproc")
    is_there = processes.avail_cmd
    processes.avail_cmd = lambda command: command != "perf" and is_there(command)
    for recording in sys.argv[3:]:
        name = os.path.relpath(recording, "testdata").replace(os.sep, ".") if recording.startswith("testdata") else (
            os.path.basename(recording))
        with tempfile.TemporaryDirectory() as scratch:
            plain = os.path.join(scratch, "damon.data")
            with (gzip.open if recording.endswith(".gz") else open)(recording, "rb") as i, open(plain, "wb") as o:
                shutil.copyfileobj(i, o)
            for side in glob.glob(glob.escape(recording) + ".*"):
                shutil.copy(side, plain + side[len(recording):])
            lines = [damo(damo_main, r, plain, options) for r, variants in REPORTS for options in variants if not only or r in only]
        os.makedirs(out, exist_ok=True)
        path = os.path.join(out, name + ".jsonl")
        if only and os.path.exists(path):
            with open(path) as f:
                lines = [line for line in map(json.loads, list(f)[1:]) if line["report"] not in only] + lines
        with open(path, "w") as f:
            print(json.dumps({"damo": version, "command": "damo report REPORT -i RECORDING OPTIONS",
                              "recording": recording}), file=f)
            for line in lines:
                print(json.dumps(line), file=f)
        print("%s: %d runs, damo fails in %d" % (name, len(lines), sum("fails" in line for line in lines)), flush=True)


if __name__ == "__main__":
    main()
