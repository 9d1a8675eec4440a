# `record --source damon` as a series while the wall clock is set a day back and a year ahead, while the whole machine stands still
# for 30 s (the host stops it), and while it is suspended: beside the kernel's own text of the same events in a second ring.
. /job/vm/lib.sh
ticker
suspend=
[ ! -e /sys/module/damon_stat ] || suspend=--suspend-damon-stat
workload python3 $workloads/light.py
sleep 1
monotonic() { python3 -c 'import time; print(int(time.monotonic()))'; }
set_clock() { date -s "@$(($(date +%s) + $1))" >/dev/null; }
clock() {
    sleep 6
    set_clock -86400
    sleep 6
    set_clock $((366 * 86400))
    sleep 6
    set_clock $((-365 * 86400))
}
standstill() {
    sleep 6
    local before
    before=$(monotonic)
    echo "vm: stand still 30" >/dev/console
    sleep 4
    stood=$(($(monotonic) - before))
    sleep 6
}
# To memory: from freezing alone the alarm does not wake an emulated machine. CLOCK_MONOTONIC does not count the time.
sleeping() {
    sleep 6
    local before
    before=$(date +%s)
    echo deep >/sys/power/mem_sleep
    echo 0 >/sys/class/rtc/rtc0/wakealarm
    echo +15 >/sys/class/rtc/rtc0/wakealarm
    echo mem >/sys/power/state || say "FAIL the kernel does not suspend"
    slept=$(($(date +%s) - before))
    sleep 6
}
# one NAME COMMAND...: what happens meanwhile.
one() {
    local name=$1
    shift
    mkdir "$name"
    text "$name" "$name/trace.txt" 8192
    damson record --source damon $suspend --pid $workload --rotate 5s --retain 1h -o "$name/series" >"$name/out" 2>"$name/err" &
    recorder=$!
    started+=($recorder)
    await 600 kdamond_runs
    await 600 test -e "$name/series"
    "$@"
    sleep 4
    kill -TERM $recorder
    wait $recorder
    check "$name: recorded without loss" test $? = 143
    cat "$name/err"
    text_end "$name" "$name/trace.txt"
    check "$name: no trace was removed for its age" test -e "$name"/series/000001-*.damson
    check "$name: the series went on" test -e "$name"/series/000003-*.damson
}
one clock clock
one standstill standstill
check "the machine stood still (for $stood s of its own clock)" test "$stood" -ge 25
one sleeping sleeping
check "the machine slept (for $slept s)" test "$slept" -ge 5
[ -z "$suspend" ] || check "DAMON_STAT is back" await 50 pgrep -x kdamond.0
finish
