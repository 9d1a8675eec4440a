# kill -9 right after the recorder's own steps (every change below /sys, /run/damson and the trace) and at random moments,
# each time followed by another start, after which the kernel must be as it was before. In KILL_STEPS, "all", or how
# many steps, spread over all; in KILL_RANDOM, how many random moments. Of all steps KILL_FROM is the first, and after
# KILL_SECONDS no other is begun, so that a busy machine can go through them in several boots.
. /job/vm/lib.sh
ticker
[ ! -e /job/vm/kill.conf ] || . /job/vm/kill.conf
: "${KILL_STEPS=5}" "${KILL_RANDOM=2}" "${KILL_FROM=1}" "${KILL_SECONDS=1000000}"
suspend=
[ ! -e /sys/module/damon_stat ] || suspend=--suspend-damon-stat
state() {
    python3 /job/vm/dump-tree.py /sys/kernel/mm/damon /sys/module/damon_* | grep -vE '/(pid|kdamond_pid|memory_idle|estimated_|aggr_interval)'
    ls "$tracing/instances"
    ls -A /run/damson 2>/dev/null | grep -v '^lock$'
    pgrep -c -x 'kdamond\.[0-9]*'
}
workload python3 $workloads/light.py
sleep 1
record() { damson record --source damon $suspend --pid $workload "$@"; }
changes=/sys/:/run/damson:$PWD/
text kill text.txt 8192
state >untouched
# The recordings that are killed run under killat, which needs the command's own words.
command="damson record --source damon $suspend --pid $workload"
began=$SECONDS
/job/native/killat 0 $changes $command --duration 4s -o counted.damson 2>counted.err
took=$((SECONDS - began + 1))
steps=$(tail -1 counted.err)
check "a whole recording has steps" test "$steps" -gt 20
state >counted.state
check "a whole recording leaves the kernel as it was" cmp untouched counted.state
say "a whole recording has $steps steps"

# after NAME: what a killed recording left is undone by the next start.
after() {
    local name=$1
    state >$name.left
    cmp -s untouched $name.left && say "$name: nothing left" || say "$name: left something"
    damson doctor >$name.doctor 2>&1
    state >$name.state
    check "$name: the kernel is as it was" diff untouched $name.state
}
RANDOM=1
if [ "$KILL_STEPS" = all ]; then all=$(seq "$KILL_FROM" "$steps"); else all=$(awk -v n="$KILL_STEPS" -v s="$steps" 'BEGIN { for (i = 0; i < n; i++) print int((i + 0.5) * s / n) + 1 }'); fi
for step in $all; do
    [ $SECONDS -lt $KILL_SECONDS ] || { say "step $step and those after it are left out: time is up"; break; }
    /job/native/killat $step $changes $command --duration 4s -o step-$step.damson 2>step-$step.killed
    tail -1 step-$step.killed
    after step-$step
done
for i in $(seq "$KILL_RANDOM"); do
    [ $SECONDS -lt $KILL_SECONDS ] || { say "random moments from number $i on are left out: time is up"; break; }
    $command --duration 60s -o random-$i.damson 2>random-$i.killed &
    pid=$!
    # Anywhere from its first moment on: how long the start takes depends on the machine that emulates.
    sleep $((RANDOM % took)).$((RANDOM % 10))
    kill -9 $pid
    wait $pid 2>/dev/null
    after random-$i
done
record --duration 1s -o after.damson
check "a recording after all that works" test $? = 0
state >after.state
check "and leaves the kernel as it was" diff untouched after.state
text_end kill text.txt
finish
