# Stairs is recorded three times by kernel DAMON and packed into a capsule, which is to pass its own check: stairs.damson.zip in the results.
# Where testing/vm/capsules has capsules, those are checked instead, as one that another guest made, and its mutants
# (testing/mutants.py): one whose name begins with "reversed" or "hotter" is to fail.
. /job/vm/lib.sh
ticker
suspend=
[ ! -e /sys/module/damon_stat ] || suspend=--suspend-damon-stat
# The generator runs where the originals do, beside the ticker, which flushes the emulated TLB for both.
mkdir native
printf '#!/bin/sh\nexec taskset 1 %s "$@"\n' "$accessgen" >native/accessgen
chmod 755 native/accessgen
# verdict CAPSULE EXIT: its check ends so.
verdict() {
    local name status
    name=$(basename "$1" .damson.zip)
    DAMSON_JAVA_OPTS="$DAMSON_JAVA_OPTS -Ddamson.native.dir=$PWD/native" damson replay "$1" --check --source damon $suspend --tlb-flush never \
        --record "$name-replay.damson" >"$name.check" 2>"$name.check.err"
    status=$?
    cat "$name.check.err" "$name.check"
    check "$name: its check ends with $2, not with $status" test $status = "$2"
}
if [ -e /job/vm/capsules ]; then
    for capsule in /job/vm/capsules/*.damson.zip; do
        case $(basename "$capsule") in
        reversed* | hotter*) verdict "$capsule" 1 ;;
        *) verdict "$capsule" 0 ;;
        esac
    done
else
    for n in 1 2 3; do
        damson record -q --source damon $suspend --sample 20ms --aggr 400ms -o $n.damson -- taskset 1 $accessgen run /job/damson/dist/native/configs/stairs.cfg >$n.out 2>&1
        check "recording $n without loss" test $? = 0
    done
    damson capsule 1.damson 2.damson 3.damson --redact -o stairs.damson.zip
    check "a capsule was made" test -e stairs.damson.zip
    verdict stairs.damson.zip 0
fi
[ -z "$suspend" ] || check "DAMON_STAT is back" pgrep -x kdamond.0
finish
