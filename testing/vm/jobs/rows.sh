# `record --source damon` of stairs, zigzag, a Python service and a program that forks, beside the kernel's own text of the
# same events in a second ring.
. /job/vm/lib.sh
ticker
suspend=
[ ! -e /sys/module/damon_stat ] || suspend=--suspend-damon-stat
# one NAME COMMAND...
one() {
    local name=$1 status
    shift
    mkdir "$name"
    text "$name" "$name/trace.txt" 8192
    damson record --source damon $suspend -o "$name/trace.damson" -- taskset 1 "$@" >"$name/out" 2>"$name/err" &
    recorder=$!
    started+=($recorder)
    generator_maps "$name"
    wait $recorder
    status=$?
    cat "$name/err"
    check "$name: recorded without loss" test $status = 0
    text_end "$name" "$name/trace.txt"
    check "$name: no ring left" sh -c "! ls -d $tracing/instances/damson-*"
}
# Twice and more: until DAMON has found the regions, the first round may show little on a busy machine.
one stairs $accessgen run --repeat 3 --log $PWD/stairs.csv /job/damson/dist/native/configs/stairs.cfg
one zigzag $accessgen run --log $PWD/zigzag.csv /job/damson/dist/native/configs/zigzag.cfg
one service python3 -u /job/testdata/workload.py
one fork python3 -u $workloads/fork.py
[ -z "$suspend" ] || check "DAMON_STAT is back" pgrep -x kdamond.0
finish
