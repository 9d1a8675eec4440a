# kill -9 right after the recorder's own steps (every change below /sys, /run/damson and the trace) and at random moments,
# each time followed by a short recording that must find and leave the kernel as it was before. In KILL_STEPS, "all", or how
# many steps, spread over all; in KILL_RANDOM, how many random moments.
. /job/vm/lib.sh
ticker
[ ! -e /job/vm/kill.conf ] || . /job/vm/kill.conf
: "${KILL_STEPS=8}" "${KILL_RANDOM=3}"
suspend=
[ ! -e /sys/module/damon_stat ] || suspend=--suspend-damon-stat
state() {
    python3 /job/vm/dump-tree.py /sys/kernel/mm/damon /sys/module/damon_* | grep -vE '/(pid|kdamond_pid|memory_idle|estimated_|aggr_interval)'
    ls "$tracing/instances"
    ls -A /run/damson 2>/dev/null | grep -v '^lock$'
    pgrep -c -x 'kdamond\.[0-9]*'
}
workload $accessgen run --repeat 1000 $workloads/short.cfg >/dev/null
sleep 1
record() { damson record --source damon $suspend --pid $workload "$@"; }
changes=/sys/:/run/damson:$PWD/
state >untouched
# The recordings that are killed run under killat, which needs the command's own words.
command="damson record --source damon $suspend --pid $workload"
/job/native/killat 0 $changes $command --duration 4s -o counted.damson 2>counted.err
steps=$(tail -1 counted.err)
check "a whole recording has steps" test "$steps" -gt 20
state >counted.state
check "a whole recording leaves the kernel as it was" cmp untouched counted.state
say "a whole recording has $steps steps"

# after NAME: what a killed recording left is undone by the next.
after() {
    local name=$1
    state >$name.left
    cmp -s untouched $name.left && say "$name: nothing left" || say "$name: left something"
    record --duration 1s -o $name.next >$name.err 2>&1
    check "$name: the next recording works" test -e $name.next/manifest.json
    state >$name.state
    check "$name: the kernel is as it was" diff untouched $name.state
    rm -rf $name.next
}
RANDOM=1
if [ "$KILL_STEPS" = all ]; then all=$(seq 1 "$steps"); else all=$(awk -v n="$KILL_STEPS" -v s="$steps" 'BEGIN { for (i = 0; i < n; i++) print int((i + 0.5) * s / n) + 1 }'); fi
text kill text.txt 8192
for step in $all; do
    /job/native/killat $step $changes $command --duration 4s -o step-$step.damson 2>step-$step.killed
    tail -1 step-$step.killed
    after step-$step
done
for i in $(seq "$KILL_RANDOM"); do
    $command --duration 60s -o random-$i.damson 2>random-$i.killed &
    pid=$!
    sleep $((RANDOM % 12)).$((RANDOM % 10))
    kill -9 $pid
    wait $pid 2>/dev/null
    after random-$i
done
text_end kill text.txt
finish
