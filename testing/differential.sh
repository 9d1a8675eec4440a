#!/usr/bin/env bash
# Records with perf in many ways, prints recordings with perf script and trace-cmd report in many ways, and checks that damson
# reads from each what those tools say is in it: the same samples, the same regions, or a refusal that names the reason.
#
#   testing/differential.sh                            what cannot be done here is skipped and named last
#   DIFFERENTIAL_REQUIRED=1 testing/differential.sh    that is a failure
#
# As root it installs perf and trace-cmd where they are missing (Debian's linux-perf and trace-cmd).
set -u
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
top=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
skipped=()

damson() { timeout 120 "$top/damson" "$@"; }
bad() { failed=$((failed + 1)); printf 'FAILED: %s\n' "$*"; }
good() { passed=$((passed + 1)); }

install_missing() { # PROGRAM PACKAGE
    command -v "$1" >/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2"; } >/dev/null 2>&1
    fi
    command -v "$1" >/dev/null || skipped+=("$1 is not here")
}

# import FILE NAME: into $work/NAME.damson; what was said in $work/NAME.said
import() {
    rm -rf "$work/$2.damson"
    damson import "$1" -o "$work/$2.damson" 2>"$work/$2.said"
}

# columns FILE TABLE COLUMN...: of what damson reads of a recording, sorted; found by their names. What was said is in $work/said.
columns() {
    local file=$1 table=$2
    shift 2
    damson dump "$file" --table "$table" 2>"$work/said" | awk -F, -v wanted="$*" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(wanted, w, " "); next }
        { line = $at[w[1]]; for (i = 2; i <= n; i++) line = line " " $at[w[i]]; print line }' | sort
}

samples_of() { columns "$1" samples time_ns tid event; }
regions_of() { columns "$1" regions target start end nr_accesses age; }

# The same by perf itself.
samples_by_perf() {
    perf script --ns -F tid,time,event -i "$1" 2>/dev/null | awk '
        NF >= 3 { split($2, t, /[.:]/); sub(/:$/, "", $3); printf "%d%s %s %s\n", t[1], t[2], $1, $3 }' |
        sed 's/^0*\([0-9]\)/\1/' | sort
}

same() { # WHAT FILE FILE
    if [ -s "$2" ] && cmp -s "$2" "$3"; then
        good
    else
        bad "$1: $(wc -l <"$2") by the tool, $(wc -l <"$3") here; $(diff "$2" "$3" | sed -n 2p)"
    fi
}

cat >"$work/load.sh" <<'LOAD'
i=0
while [ $i -lt 30 ]; do
    dd if=/dev/zero of=/dev/null bs=1M count=60 2>/dev/null
    ls / >/dev/null
    n=0
    while [ $n -lt 20000 ]; do n=$((n + 1)); done
    i=$((i + 1))
done
LOAD

# record NAME OPTION...: the load under perf record
record() {
    local name=$1
    shift
    timeout 60 perf record -q -o "$work/$name.data" "$@" -- sh "$work/load.sh" >/dev/null 2>"$work/$name.err" && return
    skipped+=("perf record $*: $(tail -1 "$work/$name.err")")
    return 1
}

binary() { # NAME: damson reads of perf.data what perf reads
    samples_by_perf "$work/$1.data" >"$work/$1.perf"
    samples_of "$work/$1.data" >"$work/$1.here"
    same "perf record, $1" "$work/$1.perf" "$work/$1.here"
}

perf_recordings() {
    record fp -e cpu-clock -F 499 -g && binary fp
    record flat -e cpu-clock -F 499 && binary flat
    record dwarf -e cpu-clock -F 199 --call-graph dwarf,1024 && binary dwarf
    record two -e cpu-clock:u,task-clock -F 299 -g && binary two
    record all -a -e cpu-clock -F 199 -g && binary all
    record zstd -z -e cpu-clock -F 499 -g && binary zstd
    record threads --threads -a -e cpu-clock -F 199 -g && binary threads
    record mono -k mono -e page-faults -c 10 -d -g && binary mono
    record point -e sched:sched_switch -g && binary point
    record much -e cpu-clock,page-faults,sched:sched_switch -F 299 -g -d -W --sample-cpu --sample-identifier --data-page-size \
        --code-page-size --intr-regs=ax,ip --user-regs=ax,ip --namespaces --all-cgroups --switch-events --buildid-all && binary much
    # perf makes samples of the counts that those of a group's leader have of the others; damson names them.
    if record group -e '{task-clock,page-faults}:S' -c 100000; then
        samples_by_perf "$work/group.data" | grep ' task-clock' >"$work/group.perf"
        samples_of "$work/group.data" >"$work/group.here"
        same "perf record, group" "$work/group.perf" "$work/group.here"
        grep -q 'counts of the other events of their group' "$work/said" || bad "counts of a group are not named: $(head -2 "$work/said")"
    fi
    record late -e cpu-clock -F 499 -g --overwrite --tail-synthesize -m 64 && binary late
    # One recording in several files.
    local part
    if record turns -e cpu-clock -F 999 -g --switch-output=100K; then
        for part in "$work"/turns.data.*; do
            mv "$part" "$work/turn.data"
            binary turn
        done
    fi
    if timeout 60 perf record -q -o - -e cpu-clock -F 499 -g -- sh "$work/load.sh" >"$work/pipe.data" 2>"$work/pipe.err"; then
        binary pipe
    else
        skipped+=("perf record to a pipe: $(tail -1 "$work/pipe.err")")
    fi
}

# Text of samples: as many as perf prints, or fewer with a line that counts the rest.
text() { # NAME OPTION...
    local name=$1
    shift
    [ -e "$work/$name.data" ] || return
    perf script -i "$work/$name.data" "$@" >"$work/text" 2>/dev/null
    local here left
    here=$(samples_of "$work/text" | wc -l)
    left=$(sed -n 's/^note: .*: \([0-9,]*\) \(events\? without a call stack\|call stacks\) \(are \)\?left out.*/\1/p' "$work/said" |
        tr -d , | awk '{ n += $1 } END { print n + 0 }')
    if [ $((here + left)) -eq "$(wc -l <"$work/$name.perf")" ] || grep -q '^damson: ' "$work/said"; then
        good
    else
        bad "perf script $* of $name: $(wc -l <"$work/$name.perf") by perf, $here here and $left named: $(head -2 "$work/said")"
    fi
}

perf_texts() {
    local of
    for of in fp flat dwarf two point mono; do
        text $of
        text $of --ns -F +pid
        text $of -F +period,-cpu
        text $of -F comm,tid,time,event,ip,sym
        text $of -F tid,time,event,ip
    done
    text fp --no-inline -F +srcline
    text fp -G
    text fp -F comm,ip,sym
    text fp --show-task-events --show-mmap-events --show-lost-events --show-switch-events --header
    text fp -F +misc,+dso,+symoff,+addr
    text mono -F +tod
    text mono --reltime
    text much -F +data_src,+weight
    text much -F -comm,+iregs
}

# DAMON's events, recorded elsewhere: the regions are those that damson reads of the binary.
regions() { # WHAT NAME-OF-RIGHT < text
    cat >"$work/text"
    regions_of "$work/text" >"$work/text.here"
    if [ ! -s "$work/text.here" ] && grep -q 'counts ticks\|no time is found' "$work/said"; then
        good
    else
        same "$1" "$work/$2.right" "$work/text.here"
    fi
}

damon_texts() {
    local options dat=$top/testdata/perf-modes/compressed.perf.data
    regions_of "$dat" >"$work/damon.right"
    perf script -i "$dat" 2>/dev/null | grep -c 'damon_aggregated:' >"$work/lines"
    same "DAMON's events in perf.data" "$work/lines" <(wc -l <"$work/damon.right")
    for options in '' '--ns' '-F +period' '-F +pid' '-F +misc' '-F comm,tid,time,event,trace' '-F tid,time,event,trace' \
        '-F +ip,+sym' '-F event,trace' -L --reltime '--header --show-task-events --show-mmap-events' '-F -comm' '-F cpu,time,event,trace'; do
        # shellcheck disable=SC2086
        regions "perf script $options" damon < <(perf script -i "$dat" $options 2>/dev/null | sed 's/damoz:/damon:/')
    done
    command -v trace-cmd >/dev/null || return
    for dat in damon.trace.dat damon.trace-v6.dat; do
        gunzip -c "$top/testdata/stairs-perf/$dat.gz" >"$work/dat"
        regions_of "$work/dat" >"$work/dat.right"
        for options in '' -t -R -l '-R -l' -w -N --ts-diff '--ts-diff -t' --raw-ts --align-ts --ts-check; do
            # shellcheck disable=SC2086
            regions "trace-cmd report $options $dat" dat < <(trace-cmd report $options -i "$work/dat" 2>/dev/null)
        done
        regions "trace-cmd report of two files" dat < <(trace-cmd report -i "$work/dat" -i "$work/dat" 2>/dev/null)
        for options in '6 none' '7 none' '7 zstd'; do
            trace-cmd convert -i "$work/dat" -o "$work/converted" --file-version "${options% *}" --compression "${options#* }" \
                >/dev/null 2>"$work/convert.err" || { skipped+=("trace-cmd convert $options: $(tail -1 "$work/convert.err")"); continue; }
            regions_of "$work/converted" >"$work/converted.here"
            same "trace-cmd convert $options $dat" "$work/dat.right" "$work/converted.here"
        done
    done
}

# Names of functions: those of perf script, sample by sample, also of inlined ones where this perf tells them. Where several symbols are at one place either may stand.
names() {
    local options=(-O2 -g -fno-omit-frame-pointer -fno-optimize-sibling-calls) kind
    command -v gcc >/dev/null || { skipped+=("gcc is not here"); return; }
    cat >"$work/names.c" <<'PROGRAM'
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
volatile long sink;
static inline __attribute__((always_inline)) void inner(long i) { sink += i * i; sink ^= i; }
static inline __attribute__((always_inline)) void middle(long n) { for (long i = 0; i < n; i++) inner(i); }
__attribute__((noinline)) void first(long n) { middle(n); sink++; }
__attribute__((noinline)) void second(long n) { for (long i = 0; i < n; i++) sink -= i; sink++; }
static int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
__attribute__((noinline)) void third(int fd) { static int all[20000]; read(fd, all, sizeof all); qsort(all, 20000, sizeof *all, compare); sink++; }
int main(void) {
    int fd = open("/dev/urandom", O_RDONLY);
    for (int i = 0; i < 60; i++) { first(500000); second(500000); third(fd); }
    return 0;
}
PROGRAM
    for kind in -pie -no-pie; do
        gcc "${options[@]}" $kind -o "$work/names$kind" "$work/names.c" 2>"$work/gcc.err" ||
            { skipped+=("gcc: $(head -1 "$work/gcc.err")"); return; }
        timeout 60 perf record -q -o "$work/names.data" -e cpu-clock -F 999 -g -- "$work/names$kind" >/dev/null 2>"$work/names.err" ||
            { skipped+=("perf record of names: $(tail -1 "$work/names.err")"); return; }
        perf script --ns -i "$work/names.data" >"$work/names.txt" 2>/dev/null
        import "$work/names.data" names
        damson symbolize "$work/names.damson" 2>"$work/names.said"
        import "$work/names.txt" names-text
        for table in samples stacks frames; do
            damson dump "$work/names.damson" --table $table >"$work/here.$table"
            damson dump "$work/names-text.damson" --table $table >"$work/perf.$table"
        done
        if python3 "$top/testing/names.py" "$work/perf" "$work/here" "$work/names$kind" >"$work/names.diff"; then
            good
        else
            bad "names, $kind: $(head -3 "$work/names.diff")"
        fi
    done
}

install_missing perf linux-perf
install_missing trace-cmd trace-cmd
[ -x "$top/dist/bin/damson" ] || damson help >/dev/null 2>&1
if command -v perf >/dev/null; then
    perf_recordings
    perf_texts
    names
fi
damon_texts
printf '%s comparisons passed, %s failed\n' "$passed" "$failed"
for s in ${skipped+"${skipped[@]}"}; do printf 'SKIPPED: %s\n' "$s"; done
[ "$failed" = 0 ] && { [ ${#skipped[@]} = 0 ] || [ "${DIFFERENTIAL_REQUIRED:-0}" != 1 ]; }
