# `record` while DAMON is somebody else's: refused, naming the holder, which runs on undisturbed: DAMON_STAT where there is
# one, then a kdamond that plain shell started. With --suspend-damon-stat DAMON_STAT makes room, and is back afterwards.
. /job/vm/lib.sh
threads() { pgrep -x 'kdamond\.[0-9]*' | tr '\n' ' '; }
events() { grep -c damon_ "$1"; }
# refused NAME HOLDER [OPTION...]
refused() {
    local name=$1 holder=$2 status before running told
    shift 2
    settings >$name.before
    running=$(threads)
    before=$(events text.txt)
    damson record --source damon "$@" --pid $workload --duration 2s -o $name.damson 2>$name.err
    status=$?
    cat $name.err
    check "$name: refused with 4, not $status" test $status = 4
    check "$name: it says who holds DAMON" grep -q "in use by $holder" $name.err
    check "$name: in one line" test "$(wc -l <$name.err)" = 1
    check "$name: nothing was recorded" test ! -e $name.damson
    check "$name: no journal is left" test ! -e /run/damson/changes
    settings >$name.after
    check "$name: no setting changed" diff $name.before $name.after
    check "$name: the same threads run" test "$(threads)" = "$running"
    told=$(events text.txt)
    check "$name: events came meanwhile ($before, then $told)" test "$told" -gt "$before"
    check "$name: --attach is offered" grep -q -- --attach $name.err
}
ticker
workload python3 $workloads/light.py
sleep 1
text refused text.txt
if [ -e /sys/module/damon_stat ]; then
    stat=/sys/module/damon_stat/parameters/enabled
    # Begun anew, it tells something within seconds.
    echo N >$stat
    echo Y >$stat
    refused damon_stat damon_stat
    check "damon_stat: suspending it is offered" grep -q -- --suspend-damon-stat damon_stat.err
    before=$(threads)
    damson record --source damon --suspend-damon-stat --pid $workload --duration 3s -o suspended.damson 2>suspended.err
    status=$?
    cat suspended.err
    check "suspended: recorded with 0, not $status" test $status = 0
    check "suspended: DAMON_STAT is on" test "$(cat $stat)" = Y
    check "suspended: and runs, as one thread" test "$(threads | wc -w)" = 1
    check "suspended: a new one" test "$(threads)" != "$before"
    check "suspended: no journal is left" test ! -e /run/damson/changes
    stat_off
fi
kdamond $workload
on
refused shell "kdamond 0 of sysfs"
# Asking for DAMON_STAT to make room does not reach anybody else.
refused suspend "kdamond 0 of sysfs" --suspend-damon-stat
off
text_end refused text.txt
finish
