# record --source damon without privilege, through damson-privileged; snapshots with filters; a whole set-up from a file.
. /job/vm/lib.sh
ticker
suspend=
[ ! -e /sys/module/damon_stat ] || suspend=--suspend-damon-stat
state() { python3 /job/vm/dump-tree.py $damon /sys/module/damon_*/parameters/enabled; ls "$tracing/instances"; ls -A /run/damson 2>/dev/null | grep -v '^lock$'; }
state >untouched
mkdir -m 777 mine
privileged=/job/damson/dist/native/damson-privileged
# nobody cannot read what root made under a private umask
chmod -R a+rX /job /results
$privileged --user nobody -- damson record --source damon $suspend --duration 6s -o $PWD/mine/own.damson -- taskset 1 $accessgen run --repeat 5 $workloads/short.cfg >own.txt 2>&1
check "recording without privilege works" test $? = 0
cat own.txt | grep -v accesses
check "its files are the user's" test "$(stat -c %U mine/own.damson)" = nobody
damson info mine/own.damson >own.info; cat own.info
check "it has regions" grep -q 'Snapshots: *[1-9]' own.info
state >own.state
check "the kernel is as it was" diff untouched own.state
# For longer than a busy machine takes for the rest.
workload $accessgen run --repeat 1000 $workloads/short.cfg >/dev/null
sleep 2
$privileged --user nobody -- damson record --source damon $suspend --duration 2s -o $PWD/mine/others.damson --pid $workload >others.txt 2>&1
check "processes of others are refused" test $? != 0
cat others.txt
# The user as an attacker: root's process, and one of his that executes a setuid program while it is monitored.
mkfifo hold
setpriv --reuid=nobody --regid=nogroup --clear-groups sh -c 'sleep 15; exec su' <>hold >/dev/null 2>&1 &
changing=$!
started+=($changing)
sleep 2
$privileged --user nobody -- /job/native/privileged_test --attack-kernel $workload $changing >attack.txt 2>&1
check "attacks on the helper gain nothing" test $? = 0
cat attack.txt
check "it says why it stopped" grep -q 'no longer a process of the user' attack.txt
check "the process had changed" test "$(stat -c %U /proc/$changing)" = root
kill $changing
damson doctor >/dev/null
# The same pages by a filter that rejects all others, which every kernel takes, and by one that allows them, which Linux has
# since 6.14.
damson record --source damon $suspend --snapshot 2s 2 --scheme 'stat filters/0/type=anon filters/0/matching=N' -o snap.damson --pid $workload
check "snapshots are taken" test $? = 0
damson info snap.damson >snap.info; cat snap.info
check "two of them" grep -q 'Snapshots: *2 ' snap.info
damson dump snap.damson 2>/dev/null | head -5
damson record --source damon $suspend --snapshot 1s 1 --scheme 'stat filters/0/type=anon filters/0/matching=Y filters/0/allow=Y' -o allow.damson --pid $workload 2>allow.err
status=$?
cat allow.err
case $(uname -r) in
6.12.*)
    check "a filter that allows is refused" test $status = 4
    check "in one line" test "$(grep -c . allow.err)" = 1
    check "which names it" grep -qx "damson: this kernel's DAMON has no setting schemes/N/filters/N/allow: its filters only reject what they match" allow.err
    check "nothing is written" test ! -e allow.damson
    ;;
*) check "a filter that allows is taken" test $status = 0 ;;
esac
state >filter.state
check "the kernel is as it was after filters" diff untouched filter.state
cat >setup.yaml <<Y
kdamonds:
- contexts:
  - ops: vaddr
    intervals: {sample_us: 10 ms, aggr_us: 200 ms, ops_update_us: 1 s}
    nr_regions: {min: 20, max: 200}
    schemes:
    - action: stat
      access_pattern: {sz_bytes: {min: 4 KiB, max: max}, nr_accesses: {min: 1 samples, max: max}, age: {min: 0, max: max}}
Y
damson record --source damon $suspend --setup setup.yaml --duration 5s -o setup.damson --pid $workload
check "a set-up from a file works" test $? = 0
damson info setup.damson >setup.info; cat setup.info
check "its intervals are the file's" grep -q '10 ms sampling, 200 ms aggregation' setup.info
state >last.state
check "the kernel is as it was at last" diff untouched last.state
finish
