#!/bin/bash
# What call stacks cost: one busy thread with `damson record --stacks` and with `perf record -g`, 99 times a second, in turns with
# neither.
#
#   testing/stacks.sh [RUNS [SECONDS]]     RUNS (default 5) of SECONDS (default 10) each
#
# Prints for each of the three the thread's processor time for the same work, and the recorder's own for damson and perf:
# of damson the thread that reads samples, and the whole process beside one without --stacks. Needs perf (linux-perf), and root or
# kernel.perf_event_paranoid of 1 or less, so that both sample the kernel.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
runs=${1:-5}
seconds=${2:-10}
. "$here/testing/recorder-cost.sh"

"$here/damson" --version >/dev/null
cat >"$work/busy.c" <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
__attribute__((noinline)) static unsigned long step(unsigned long n) {
    unsigned long sum = 0;
    for (unsigned long i = 0; i < n; i++) sum = sum * 6364136223846793005UL + i;
    return sum;
}
int main(int argc, char **argv) {
    unsigned long rounds = strtoul(argv[1], 0, 10), sum = 0;
    for (unsigned long i = 0; i < rounds; i++) sum += step(1000000 + (sum & 1));
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    fprintf(argc > 2 ? stdout : stderr, "%lu\n", sum);
    printf("%ld\n", t.tv_sec * 1000000000L + t.tv_nsec);
}
C
gcc -O1 -fno-omit-frame-pointer "$work/busy.c" -o "$work/busy"
rounds=$(rounds_for "$seconds" "$work/busy")

for _ in $(seq "$runs"); do
    "$work/busy" "$rounds" >>"$work/plain.busy" 2>/dev/null
    rm -rf "$work"/*.damson
    cpu snapshots "$here/damson" record -q -o "$work/w.damson" -- "$work/busy" "$rounds"
    cpu stacks "$here/damson" record -q --stacks -o "$work/s.damson" -- "$work/busy" "$rounds"
    "$here/damson" info --json "$work/s.damson" | python3 -m json.tool | awk -F'[:,]' '/"cpu_ms"/ { print $2 + 0 }' >>"$work/reader"
    cpu perf perf record -q -e cpu-clock -F 99 -g -o "$work/perf.data" -- "$work/busy" "$rounds"
done
echo "load average $(cut -d' ' -f1-3 /proc/loadavg), $runs runs of $seconds s"
echo "CPU of the busy thread in ns, alone:                $(median "$work/plain.busy")"
echo "  with damson record:                               $(median "$work/snapshots.busy")"
echo "  with damson record --stacks:                      $(median "$work/stacks.busy")"
echo "  with perf record -e cpu-clock -F 99 -g:           $(median "$work/perf.busy")"
echo "CPU of the recorder in ms, damson record:           $(median "$work/snapshots")"
echo "  damson record --stacks:                           $(median "$work/stacks")"
echo "  of that the thread that reads samples:            $(median "$work/reader")"
echo "  perf record:                                      $(median "$work/perf")"
