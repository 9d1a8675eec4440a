# Each workload is recorded twice by kernel DAMON, the first recording is replayed, and the replay is recorded by DAMON too: it is to
# be no further from the original than 1.5 times what the second original is. REPLAY_OF in testing/vm/replay.conf names some of them,
# REPLAY_SAMPLE and REPLAY_AGGR other intervals, REPLAY_FLUSH whether the generator flushes its TLB, REPLAY_SEEN what of the accesses is
# taken to be seen.
. /job/vm/lib.sh
REPLAY_OF="stairs zigzag service maps two" REPLAY_SAMPLE=5ms REPLAY_AGGR=100ms
[ ! -e /job/vm/replay.conf ] || . /job/vm/replay.conf
ticker
suspend=
[ ! -e /sys/module/damon_stat ] || suspend=--suspend-damon-stat
# The generator runs where the originals do, beside the ticker, which flushes the emulated TLB for both.
mkdir native
printf '#!/bin/sh\necho $$ >>%s/pinned\nexec taskset 1 %s "$@"\n' "$PWD" "$accessgen" >native/accessgen
chmod 755 native/accessgen
# record NAME COMMAND...
record() {
    local name=$1
    shift
    damson record -q --source damon $suspend --sample $REPLAY_SAMPLE --aggr $REPLAY_AGGR -o "$name.damson" -- taskset 1 "$@" >"$name.out" 2>"$name.err"
    check "$name: recorded without loss" test $? = 0
}
# one NAME COMMAND... The generator does not flush: under emulation a page then takes microseconds to touch.
one() {
    local name=$1 status
    shift
    case " $REPLAY_OF " in *" $name "*) ;; *) return ;; esac
    record $name-a "$@"
    record $name-b "$@"
    DAMSON_JAVA_OPTS="$DAMSON_JAVA_OPTS -Ddamson.native.dir=$PWD/native" damson replay $name-a.damson --verify --noise-floor $name-b.damson \
        --source damon $suspend --tlb-flush ${REPLAY_FLUSH:-never} ${REPLAY_SEEN:+--seen $REPLAY_SEEN} --record $name-replay.damson >$name.replay 2>$name.replay.err
    status=$?
    cat $name.replay.err $name.replay
    check "$name: the generator that was pinned played it" test -s pinned
    rm -f pinned
    check "$name: the replay is within the noise" test $status = 0
}
one stairs $accessgen run /job/damson/dist/native/configs/stairs.cfg
one zigzag $accessgen run /job/damson/dist/native/configs/zigzag.cfg
one service python3 -u /job/testdata/workload.py
one maps /job/native/mapper maps
one two /job/native/mapper two
[ -z "$suspend" ] || check "DAMON_STAT is back" pgrep -x kdamond.0
finish
