# damson's native programs and both of its sources on the machine that the guest is, whatever its processor and the size of its pages.
. /job/vm/lib.sh
page=$(getconf PAGESIZE)
say "$(uname -r -m), pages of $page bytes"
# A root that was unpacked and not configured has no archive of Java's own classes: each start would take half a minute.
home=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
[ -e "$home/lib/server/classes.jsa" ] || check "Java archives its classes" java -Xshare:dump
cd /job/native-tests || exit 1
for program in accessgen order plan; do
    check "tests of $program" timeout 400 "build/${program}_test"
done
cd "$OLDPWD" || exit 1
check "tests of damson-privileged" /job/native-tests/build/privileged_test /job/damson/dist/native/damson-privileged
check "attacks on its edges" /job/native-tests/build/privileged_edges_test /job/damson/dist/native/damson-privileged
check "damson starts" damson --version
damson doctor >doctor 2>&1
cat doctor
$accessgen touch-cost >touch-cost
cat touch-cost
ticker
suspend=
[ ! -e /sys/module/damon_stat ] || suspend=--suspend-damon-stat
# one NAME OPTION...: three steps, each twice in use, recorded that way.
one() {
    local name=$1 status
    shift
    mkdir "$name"
    damson record "$@" -o "$name/trace.damson" -- taskset 1 $accessgen run --repeat 2 --log "$PWD/$name/log.csv" $workloads/short.cfg \
        >"$name/out" 2>"$name/err" &
    recorder=$!
    started+=($recorder)
    generator_maps "$name"
    wait $recorder
    status=$?
    cat "$name/err"
    check "$name: recorded without loss" test $status = 0
    check "$name: the size of a page is told" grep -qE "\"page_size_bytes\" *: *$page\b" "$name/trace.damson/manifest.json"
}
one damon --source damon $suspend
one referenced --source referenced --max-slowdown none --max-cpu 100
check "no ring left" sh -c "! ls -d $tracing/instances/damson-*"
damson replay damon/trace.damson >replay 2>&1
status=$?
cat replay
# Plans are of pages of 4 KiB.
# Packages of this processor, where they were made. The root was unpacked only, so nothing that they depend on counts as installed.
if [ -e /job/packages/damson.deb ]; then
    check "the package installs" dpkg -i --force-depends /job/packages/damson.deb /job/packages/damson-sql.deb
    check "it starts" /usr/bin/damson --version
    check "it reads what was recorded" /usr/bin/damson report wss damon/trace.damson
    check "it has this processor's DuckDB" /usr/bin/damson sql damon/trace.damson -c "select count(*) from regions"
    check "it records" /usr/bin/damson record --source referenced -o installed.damson -- /usr/lib/damson/native/accessgen run $workloads/short.cfg
    check "that is whole" /usr/bin/damson verify installed.damson
fi
if [ "$page" = 4096 ]; then check "a replay plays" test $status = 0; else check "a replay is refused" test $status = 4; fi
finish
