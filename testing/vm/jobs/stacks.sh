# `record --stacks` with DAMON: call stacks of what is recorded and, of physical memory, of everything, on one clock.
. /job/vm/lib.sh
suspend=
[ ! -e /sys/module/damon_stat ] || suspend=--suspend-damon-stat
sysctl kernel.perf_event_paranoid
damson record --stacks --source damon $suspend -o stairs.damson -- taskset 1 $accessgen run $workloads/stairs.cfg >out 2>err
status=$?
cat err
check "stairs: recorded without loss: 0, not $status" test $status = 0
check "stairs: call stacks were taken" grep -Eq ', [1-9][0-9,]* call stacks' err
damson export stairs.damson --to collapsed -o stairs.txt
head -20 stairs.txt
check "stairs: the generator's code is in them" grep -q accessgen stairs.txt
check "stairs: the report has both" damson report timeline stairs.damson
check "stairs: samples are of the time of the snapshots" python3 - <<'P'
import subprocess
rows = subprocess.run("damson dump --table samples stairs.damson".split(), capture_output=True, text=True).stdout.splitlines()
snaps = subprocess.run("damson dump --table snapshots stairs.damson".split(), capture_output=True, text=True).stdout.splitlines()
at = lambda lines, name: [int(l.split(",")[lines[0].split(",").index(name)]) for l in lines[1:]]
times, ends = at(rows, "time_ns"), at(snaps, "end_ns")
inside = sum(ends[0] - 2e9 < t < ends[-1] + 2e9 for t in times)
print(len(times), inside)
assert inside > 0.9 * len(times) > 9
P
# Until the recorder, which is slow to start here, has ended.
workload sh -c "while :; do $accessgen run $workloads/stairs.cfg; done" >/dev/null 2>&1
damson record --stacks --source damon $suspend --paddr --duration 20s -o ram.damson 2>err
status=$?
cat err
if grep -q LOST err; then
    check "physical memory: what the emulated machine was too slow to read is told: 5, not $status" test $status = 5
    check "physical memory: where" sh -c "damson dump --table losses ram.damson | grep -q stacks"
else
    check "physical memory: recorded without loss: 0, not $status" test $status = 0
fi
damson export ram.damson --to collapsed -o ram.txt
check "physical memory: a process that was not named is in them" grep -q accessgen ram.txt
check "physical memory: the kernel's own code too" grep -qE "kernel\.kallsyms|asm_exc_page_fault" ram.txt
kill $workload
# Debian's kernels have a level above 2, at which nobody without the capability has any.
sysctl -w kernel.perf_event_paranoid=3
chmod -R a+rX /job /results
mkdir -m 777 other
setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME=$PWD/other sh -c "cd other && damson record --stacks -o x.damson -- sleep 20" >other/out 2>other/err
status=$?
cat other/err
check "refused: 5, not $status" test $status = 5
check "refused: the setting is named" grep -q 'kernel.perf_event_paranoid is 3; sysctl kernel.perf_event_paranoid=2, or the capability CAP_PERFMON' other/err
check "refused: snapshots are there" damson report wss other/x.damson
finish
