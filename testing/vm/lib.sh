# Sourced by every job. A job ends with `finish`; each `check` that fails makes it fail.
set -u
damon=/sys/kernel/mm/damon/admin
tracing=/sys/kernel/tracing
workloads=/job/vm/workloads
accessgen=/job/damson/dist/native/accessgen
export PATH=/job/damson:$PATH
# The second compiler only costs time where everything is emulated.
export DAMSON_JAVA_OPTS=-XX:TieredStopAtLevel=1
failures=0
started=()

say() { printf '%s\n' "$*"; }
# check WHAT COMMAND...: the command succeeds.
check() {
    local what=$1
    shift
    if "$@" >check.out 2>&1; then say "ok   $what [$SECONDS s]"; else say "FAIL $what [$SECONDS s]: $*"; head -20 check.out; failures=$((failures + 1)); fi
    rm -f check.out
}
finish() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null; done
    say "$failures failures"
    [ "$failures" = 0 ]
    exit
}
put() { echo "$1" >"$2" || { say "FAIL cannot write $1 to $2"; failures=$((failures + 1)); return 1; }; }

# The workload's CPU is 0, everything else's is 1: see ticker.c.
taskset -p 2 $$ >/dev/null
ticker() { /job/native/ticker 0 & started+=($!); }
# workload COMMAND...: starts it on CPU 0, its pid in $workload.
workload() { taskset 1 "$@" & workload=$!; started+=($workload); }

# instance NAME [KB]: a private tracefs instance with clock mono and every DAMON event on.
instance() {
    local dir=$tracing/instances/$1 event
    mkdir "$dir"
    echo mono >"$dir/trace_clock"
    echo "${2:-4096}" >"$dir/buffer_size_kb"
    for event in "$dir"/events/damon/*/enable; do echo 1 >"$event"; done
}

# await TRIES COMMAND...: runs the command every 0.2 s until it succeeds, at most so often.
await() {
    local tries=$1 try
    shift
    for try in $(seq "$tries"); do
        "$@" && return 0
        sleep 0.2
    done
    return 1
}
kdamond_runs() { pgrep -x 'kdamond\.[0-9]*' >/dev/null; }
recorder_ended() { ! kill -0 $recorder 2>/dev/null; }
# listening TRACE: waits until the recorder writes TRACE and its ring, which is in $ring then, is on; fails if it ends first.
listening() {
    listens() {
        ring=$(echo "$tracing"/instances/damson-*)
        recorder_ended || { [ -e "$1/manifest.json" ] && [ "$(cat "$ring/tracing_on" 2>/dev/null)" = 1 ]; }
    }
    await 300 listens "$1" && ! recorder_ended
}
# generator_maps NAME: the mappings of the recorded generator into NAME/maps as soon as it prints into NAME/out: after the first phase
# every region is mapped.
generator_maps() {
    printed() { [ -s "$1/out" ] || recorder_ended; }
    await 600 printed "$1"
    cat /proc/"$(pgrep -nx accessgen)"/maps >"$1/maps" 2>/dev/null
}

# text NAME FILE [KB]: such an instance, its text into FILE; text_end NAME FILE: all of it is there, and the instance gone.
text() {
    instance "$1" "${3:-4096}"
    cat "$tracing/instances/$1/trace_pipe" >"$2" &
    reader=$!
}
text_end() {
    local dir=$tracing/instances/$1
    echo "text ends" >"$dir/trace_marker"
    await 300 grep -q 'text ends' "$2"
    check "$1: the text is whole" grep -q 'text ends' "$2"
    check "$1: nothing overwritten" sh -c "! grep -h '^overrun: [1-9]' $dir/per_cpu/cpu*/stats"
    kill $reader
    wait $reader 2>/dev/null
    echo 0 >"$dir/events/enable"
    rmdir "$dir"
}

# settings: everything of DAMON that can be set, without what the kernel tells.
settings() {
    grep -rs '' /sys/kernel/mm/damon /sys/module/damon_*/parameters \
        | grep -vE '/(stats/|tried_regions/|state|pid|kdamond_pid|memory_idle|estimated_|aggr_interval)' | sort
}

stat_off() { [ ! -e /sys/module/damon_stat/parameters/enabled ] || echo N >/sys/module/damon_stat/parameters/enabled; }
# configure KDAMOND PID...: these targets by plain shell (5 ms, 100 ms, 1 s, 10 to 1000 regions), not yet on.
configure() {
    local c=$damon/kdamonds/$1/contexts/0 k=$1 i=0 pid
    shift
    put 1 $damon/kdamonds/$k/contexts/nr_contexts
    put vaddr $c/operations
    intervals $k 5000 100000 1000000
    put $# $c/targets/nr_targets
    for pid in "$@"; do put "$pid" $c/targets/$i/pid_target; i=$((i + 1)); done
}
# kdamond PID...: the only kdamond, configured for these targets.
kdamond() {
    put 1 $damon/kdamonds/nr_kdamonds
    configure 0 "$@"
}
# intervals KDAMOND SAMPLE AGGREGATION UPDATE, in microseconds.
intervals() {
    local i=$damon/kdamonds/$1/contexts/0/monitoring_attrs/intervals
    put "$2" $i/sample_us && put "$3" $i/aggr_us && put "$4" $i/update_us
}
on() { put on $damon/kdamonds/"${1:-0}"/state; }
# A kdamond whose targets have exited is stopping by itself and refuses.
off() { echo off >$damon/kdamonds/"${1:-0}"/state 2>/dev/null || true; }

# use_schemes FILE: the schemes of a CSV as testing/vm/schemes.py draws them, into kdamond 0.
use_schemes() {
    local s=$damon/kdamonds/0/contexts/0/schemes n action szmin szmax accmin accmax agemin agemax quota reset p
    put $(($(wc -l <"$1") - 1)) $s/nr_schemes
    while IFS=, read -r n action szmin szmax accmin accmax agemin agemax quota reset; do
        [ "$n" != scheme ] || continue
        p=$s/$n/access_pattern
        put $action $s/$n/action
        put $szmax $p/sz/max && put $szmin $p/sz/min
        put $accmax $p/nr_accesses/max && put $accmin $p/nr_accesses/min
        put $agemax $p/age/max && put $agemin $p/age/min
        put $quota $s/$n/quotas/bytes && put $reset $s/$n/quotas/reset_interval_ms
    done <"$1"
}
# read_stats NUMBER FILE: appends the schemes' statistics, as of the last update_schemes_stats.
read_stats() {
    local s=$damon/kdamonds/0/contexts/0/schemes i line value
    [ -s "$2" ] || echo "read,scheme,nr_tried,sz_tried,nr_applied,sz_applied,qt_exceeds" >"$2"
    for ((i = 0; i < $(<$s/nr_schemes); i++)); do
        line=$1,$i
        # No process per value: under emulation a hundred of them take half a minute.
        for value in nr_tried sz_tried nr_applied sz_applied qt_exceeds; do
            read -r value <$s/$i/stats/$value
            line=$line,$value
        done
        echo "$line"
    done >>"$2"
}

# swap_on_zram: swap, and addresses that are the same in every run: the hole between program and heap belongs to what DAMON
# looks at.
swap_on_zram() {
    local m
    for m in $(cat /job/modules/order); do check "module $m" insmod /job/modules/$m.ko; done
    echo 0 >/proc/sys/kernel/randomize_va_space
    echo 768M >/sys/block/zram0/disksize
    check "swap on zram" sh -c "mkswap /dev/zram0 && swapon /dev/zram0"
}
# service OUT: the workload of testdata/service in a loop, from the moment when it has built its table.
service() {
    workload python3 -u -c 'while True: exec(open("/job/testdata/workload.py").read())' >"$1"
    while [ ! -s "$1" ]; do sleep 0.2; done
}
# paging_run NAME SECONDS with|without: watches the workload so long, with the schemes of schemes.csv or without, and ends it;
# into NAME go a trace with mappings and resident bytes (without) or the events and the schemes' statistics (with), and resident
# bytes and swap counters once a second.
paging_run() {
    local n
    mkdir "$1"
    cat /proc/$workload/maps >"$1/maps"
    grep -E '^(pswpin|pswpout|pgmajfault) ' /proc/vmstat >"$1/vmstat-before"
    if [ "$3" = with ]; then
        kdamond $workload
        intervals 0 20000 400000 4000000
        use_schemes schemes.csv
        text "$1" "$1/trace.txt" 8192
        on
    else
        damson record --source damon --sample 20ms --aggr 400ms --update 4s --pid $workload --duration "$2s" -o "$1/trace.damson" >"$1/record.out" 2>&1 &
        recorder=$!
        started+=($recorder)
        await 300 kdamond_runs
    fi
    echo "uptime,rss_kb,swap_kb,pswpin,pswpout" >"$1/memory.csv"
    for ((n = 0; n < $2; n++)); do
        sleep 1
        read -r up _ </proc/uptime
        echo "$up,$(awk '/^VmRSS/ { r = $2 } /^VmSwap/ { s = $2 } END { print r "," s }' /proc/$workload/status),$(awk '/^pswp(in|out)/ { printf "%s%s", c, $2; c = "," }' /proc/vmstat)"
    done >>"$1/memory.csv"
    if [ "$3" = with ]; then
        put update_schemes_stats $damon/kdamonds/0/state
        read_stats 0 "$1/stats.csv"
        off
        text_end "$1" "$1/trace.txt"
    else
        wait $recorder
        check "$1: recorded without loss" test $? = 0
    fi
    grep -E '^(pswpin|pswpout|pgmajfault) ' /proc/vmstat >"$1/vmstat-after"
    kill $workload
    wait $workload 2>/dev/null
}
