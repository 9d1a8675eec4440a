# Physical memory: all System RAM, beside the kernel's own text of the same events in a second ring.
. /job/vm/lib.sh
ticker
suspend=
[ ! -e /sys/module/damon_stat ] || suspend=--suspend-damon-stat
grep '^[0-9a-f].* : System RAM' /proc/iomem >iomem
cat iomem
workload python3 $workloads/light.py
mkdir ram
text ram ram/trace.txt 8192
damson record --source damon $suspend --paddr --duration 10s -o ram/trace.damson 2>ram/err
status=$?
cat ram/err
check "recorded without loss: 0, not $status" test $status = 0
text_end ram ram/trace.txt
check "no ring is left" sh -c "! ls -d $tracing/instances/damson-*"
check "no kdamond of ours is left" test "$(cat $damon/kdamonds/nr_kdamonds)" = 0
[ -z "$suspend" ] || check "DAMON_STAT is back" pgrep -x kdamond.0
finish
