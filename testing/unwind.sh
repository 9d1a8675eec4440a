#!/bin/bash
# Callers in code without frame pointers, and what they cost: one thread that sorts through the C library's qsort, recorded 99 times a
# second by `damson record --stacks` with and without copies of the stack and by `perf record --call-graph dwarf`, in turns.
#
#   testing/unwind.sh [RUNS [SECONDS]]     RUNS (default 3) of SECONDS (default 10) each
#
# Prints the thread's processor time for the same work, the recorder's own (for perf also that of `perf script`, which does the walks
# that damson does while it records), and of the last run in how many samples of the comparing function all its callers are found.
# Needs perf (linux-perf), gcc, libdw.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
runs=${1:-3}
seconds=${2:-10}
. "$here/testing/recorder-cost.sh"

"$here/damson" --version >/dev/null
gcc -O2 -fomit-frame-pointer "$here/testing/sort.c" -o "$work/sort"
rounds=$(rounds_for "$seconds" "$work/sort")

for _ in $(seq "$runs"); do
    rm -rf "$work"/*.damson
    "$work/sort" "$rounds" >>"$work/plain.busy"
    cpu snapshots "$here/damson" record -q -o "$work/w.damson" -- "$work/sort" "$rounds"
    cpu pointers "$here/damson" record -q --stacks -o "$work/p.damson" -- "$work/sort" "$rounds"
    cpu copies "$here/damson" record -q --stacks --unwind auto -o "$work/c.damson" -- "$work/sort" "$rounds"
    "$here/damson" info --json "$work/c.damson" | python3 -m json.tool >"$work/info"
    awk -F'[:,]' '/"cpu_ms"/ { print $2 + 0 }' "$work/info" >>"$work/walks"
    awk -F'[:,]' '/"hz_least"/ { print $2 + 0 }' "$work/info" >>"$work/hz"
    cpu perf perf record -q -e cpu-clock -F 99 --call-graph dwarf -o "$work/perf.data" -- "$work/sort" "$rounds"
    TIMEFORMAT='%U %S'
    { time perf script -i "$work/perf.data" -F ip,sym >"$work/script" 2>/dev/null; } 2>"$work/times"
    awk '{ printf "%.0f\n", ($1 + $2) * 1000 }' "$work/times" >>"$work/script.ms"
done

# Of a damson trace: weights of stacks whose innermost function compares, and of those with all callers.
whole() {
    rm -f "$work/collapsed"
    "$here/damson" export "$1" --to collapsed -o "$work/collapsed" >/dev/null 2>&1 || true
    awk '/;compare [0-9]+$/ || /^compare [0-9]+$/ { n = $NF; all += n; if ($0 ~ /main;prepare;sort_all;.*;compare [0-9]+$/) good += n }
        END { printf "%.1f %% of %.0f\n", all ? 100 * good / all : 0, all }' "$work/collapsed"
}
echo "load average $(cut -d' ' -f1-3 /proc/loadavg), $runs runs of $seconds s"
echo "CPU of the program in ns, alone:                      $(median "$work/plain.busy")"
echo "  with damson record:                                 $(median "$work/snapshots.busy")"
echo "  with damson record --stacks:                        $(median "$work/pointers.busy")"
echo "  with damson record --stacks --unwind auto:          $(median "$work/copies.busy")"
echo "  with perf record -F 99 --call-graph dwarf:          $(median "$work/perf.busy")"
echo "CPU of the recorder in ms, damson record:             $(median "$work/snapshots")"
echo "  damson record --stacks:                             $(median "$work/pointers")"
echo "  damson record --stacks --unwind auto:               $(median "$work/copies")"
echo "    of that reading and walking, its start included:  $(median "$work/walks")"
echo "    least samples a second:                           $(median "$work/hz")"
echo "  perf record:                                        $(median "$work/perf")"
echo "    and perf script, which walks:                     $(median "$work/script.ms")"
echo "weight of samples in compare with all its callers, frame pointers: $(whole "$work/p.damson")"
echo "  copies:                                                          $(whole "$work/c.damson")"
awk 'BEGIN { RS = ""; FS = "\n" } {
        chain = ""
        for (i = 1; i <= NF; i++) { n = split($i, f, " "); chain = chain " " f[2] }
        if (chain ~ /^ compare/) { all++; if (chain ~ /^ compare .*sort_all.* prepare.* main/) good++ }
    } END { printf "  perf script of its copies:                                       %.1f %% of %d samples\n", all ? 100 * good / all : 0, all }' "$work/script"
