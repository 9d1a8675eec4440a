# `record --attach` beside the kernel's own text of the same events in a second ring: DAMON_STAT where there is one, then
# kdamonds that plain shell started, two at once. Neither may notice.
. /job/vm/lib.sh
# listen NAME [OPTION...]: both recorders, listening when it returns.
listen() {
    local name=$1 ring
    shift
    mkdir "$name"
    text "$name" "$name/trace.txt"
    damson record --attach -o "$name/trace.damson" "$@" 2>"$name/err" &
    recorder=$!
    started+=($recorder)
    listening "$name/trace.damson" && return 0
    cat "$name/err"
    check "$name: recording within a minute" false
    finish
}
# stop NAME: ends both, the recorder first.
stop() {
    kill -TERM $recorder
    wait $recorder
    local status=$?
    check "$1: the recorder ended at the signal with 143, not $status" test $status = 143
    text_end "$1" "$1/trace.txt"
    check "$1: no ring left" sh -c "! ls -d $tracing/instances/damson-*"
}

ticker
if [ -e /sys/module/damon_stat ]; then
    # It tunes its intervals up to minutes; begun anew, it tells something within seconds.
    echo N >/sys/module/damon_stat/parameters/enabled
    echo Y >/sys/module/damon_stat/parameters/enabled
    thread=$(pgrep -x kdamond.0)
    settings >before
    listen damon_stat
    sleep 8
    stop damon_stat
    settings >after
    check "DAMON_STAT runs on, in the same thread" test "$(pgrep -x kdamond.0)" = "$thread"
    check "no setting changed" cmp before after
    stat_off
fi

workload python3 $workloads/light.py
one=$workload
workload python3 $workloads/light.py
sleep 2
put 2 $damon/kdamonds/nr_kdamonds
configure 0 $one
configure 1 $workload $one
put 1 $damon/kdamonds/0/contexts/0/schemes/nr_schemes
scheme=$damon/kdamonds/0/contexts/0/schemes/0
put stat $scheme/action
put 18446744073709551615 $scheme/access_pattern/sz/max
put 1000 $scheme/access_pattern/nr_accesses/max
put 1000000 $scheme/access_pattern/age/max
settings >before
listen shell
on 0
on 1
sleep 8
threads=$(pgrep -x 'kdamond\.[0-9]*' | tr '\n' ' ')
check "both kdamonds run on, as before" test "$threads" = "$(cat $damon/kdamonds/*/pid | sort -n | tr '\n' ' ')"
settings >after
off 0
off 1
stop shell
check "no setting changed" cmp before after
finish
