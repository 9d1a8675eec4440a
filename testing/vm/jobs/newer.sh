# What Linux 7.2 and later have beside 6.18, set up by damson from one file and really run: probes, max_nr_snapshots, the goal
# tuner `temporal`, the fail charge ratio.
. /job/vm/lib.sh
uname -a >uname
ticker
suspend=
[ ! -e /sys/module/damon_stat ] || suspend=--suspend-damon-stat
cat >setup.yaml <<Y
kdamonds:
- contexts:
  - ops: vaddr
    intervals: {sample_us: 5 ms, aggr_us: 100 ms, ops_update_us: 1 s}
    nr_regions: {min: 10, max: 1000}
    probes:
    - filters: [{filter_type: anon, matching: Y, allow: Y}]
    - filters: [{filter_type: anon, matching: N, allow: Y}]
    schemes:
    - action: stat
    - action: stat
      max_nr_snapshots: 5
    - action: stat
      quotas: {sz_bytes: 4194304, reset_interval_ms: 500, goal_tuner: temporal, goals: [{metric: user_input, target_value: 100, current_value: 50}]}
    - action: stat
      quotas: {sz_bytes: 4194304, reset_interval_ms: 500, goal_tuner: temporal, goals: [{metric: user_input, target_value: 100, current_value: 200}]}
    - action: stat
      quotas: {sz_bytes: 1048576, reset_interval_ms: 500, fail_charge_num: 1, fail_charge_denom: 4}
Y
scheme() { cat "$damon/kdamonds/0/contexts/0/schemes/$1/$2"; }
workload $accessgen run --repeat 100 $workloads/short.cfg >/dev/null
sleep 2
cat /proc/$workload/maps >maps
text newer trace.txt 16384
damson record --source damon $suspend --setup setup.yaml -o trace.damson --pid $workload >out 2>err &
recorder=$!
started+=($recorder)
for i in $(seq 600); do
    [ "$(cat $damon/kdamonds/0/state 2>/dev/null)" != on ] && kill -0 $recorder 2>/dev/null || break
    sleep 0.1
done
sleep 12
check "max_nr_snapshots is set" test "$(scheme 1 stats/max_nr_snapshots)" = 5
check "the tuner is set" test "$(scheme 2 quotas/goal_tuner)" = temporal
check "the fail charge ratio is set" test "$(scheme 4 quotas/fail_charge_num)/$(scheme 4 quotas/fail_charge_denom)" = 1/4
check "two probes are set" test "$(cat $damon/kdamonds/0/contexts/0/monitoring_attrs/probes/nr_probes)" = 2
kill -TERM $recorder
wait $recorder
check "recorded without loss" test $? = 143
cat err
text_end newer trace.txt
damson info trace.damson >info.txt; cat info.txt
damson report attrs trace.damson >attrs.txt; status=$?
head -20 attrs.txt
check "report attrs tells them" test $status = 0
last() { grep "damos_stat_after_apply_interval: ctx_idx=0 scheme_idx=$1 " trace.txt | tail -1 | grep -o "$2=[0-9]*" | cut -d= -f2; }
check "a scheme stops after max_nr_snapshots" test "$(last 1 nr_snapshots)" = 5
check "others do not" test "$(last 0 nr_snapshots)" -gt 20
check "temporal: what has reached its goal tries nothing" test "$(last 3 nr_tried)" = 0
check "temporal: what has not tries all of its quota" test "$(last 2 sz_tried)" -gt $((10 * 4194304))

# Probes are applied to physical memory only.
cat >probes.yaml <<Y
kdamonds:
- contexts:
  - ops: paddr
    intervals: {sample_us: 20 ms, aggr_us: 400 ms, ops_update_us: 1 s}
    nr_regions: {min: 10, max: 100}
    probes:
    - filters: [{filter_type: anon, matching: Y, allow: Y}]
    - filters: [{filter_type: anon, matching: N, allow: Y}]
Y
mkdir probes
text probes probes/trace.txt 16384
damson record --source damon $suspend --paddr --setup probes.yaml -o probes/trace.damson --duration 6s >probes/out 2>probes/err
check "probes of physical memory: recorded without loss" test $? = 0
cat probes/err
text_end probes probes/trace.txt
finish
