# Records what the unit tests read: binary ring pages with the kernel's own text of the same events, the event formats,
# and DAMON's sysfs tree.
. /job/vm/lib.sh
uname -a >uname
mkdir events
cp "$tracing"/events/header_page "$tracing"/events/header_event events/
for f in "$tracing"/events/damon/*/format "$tracing"/events/ftrace/{print,raw_data}/format; do
    to=events/${f#"$tracing"/events/}
    mkdir -p "$(dirname "$to")"
    cat "$f" >"$to"
done

# keep INSTANCE: stops it, takes its text (not consuming) and then the same events as pages, exactly as read.
keep() {
    local dir=$tracing/instances/$1 cpu
    echo 0 >"$dir/tracing_on"
    mkdir "$1"
    cat "$dir/trace" >"$1/trace.txt"
    for cpu in 0 1; do
        cat "$dir/per_cpu/cpu$cpu/stats" >"$1/cpu$cpu.stats"
        dd if="$dir/per_cpu/cpu$cpu/trace_pipe_raw" bs=4096 iflag=nonblock of="$1/cpu$cpu.raw" status=none 2>/dev/null
        cat "$dir/per_cpu/cpu$cpu/stats" >"$1/cpu$cpu.stats-after"
    done
    echo 0 >"$dir/events/enable"
    rmdir "$dir"
    check "$1: text" grep -q damon_ "$1/trace.txt"
    check "$1: pages" test -s "$1/cpu1.raw" -o -s "$1/cpu0.raw"
}

python3 /job/vm/dump-tree.py /sys/kernel/mm/damon /sys/module/damon_* >sysfs-untouched.tsv
if [ -e /sys/module/damon_stat ]; then
    instance damon_stat
    sleep 6
    keep damon_stat
    stat_off
fi

ticker
workload $accessgen run --repeat 100 $workloads/short.cfg >/dev/null
sleep 2
kdamond $workload
instance plain
instance overrun 8
on
sleep 3
keep plain
sleep 2
keep overrun
off

# Gaps of a second do not fit into 27 bits of nanoseconds: time extends.
intervals 0 50000 1000000 2000000
instance slow
on
sleep 4.5
keep slow
off

# Two kdamonds, the first with two targets and two schemes, the second tuning its intervals where the kernel can; the
# markers are events of other types.
put 2 $damon/kdamonds/nr_kdamonds
configure 0 $workload $$
configure 1 $workload
put 2 $damon/kdamonds/0/contexts/0/schemes/nr_schemes
for i in 0 1; do
    scheme=$damon/kdamonds/0/contexts/0/schemes/$i
    put stat $scheme/action
    put 18446744073709551615 $scheme/access_pattern/sz/max
    put 1000 $scheme/access_pattern/nr_accesses/max
    put 1000000 $scheme/access_pattern/age/max
done
put 1 $scheme/access_pattern/nr_accesses/min
put 1048576 $scheme/quotas/bytes
put 300 $scheme/quotas/reset_interval_ms
goal=$damon/kdamonds/1/contexts/0/monitoring_attrs/intervals/intervals_goal
if [ -d $goal ]; then
    put 400 $goal/access_bp
    put 3 $goal/aggrs
    put 5000 $goal/min_sample_us
    put 10000000 $goal/max_sample_us
fi
instance mixed
on 0
on 1
# One on each CPU, so that both rings fill and their pages must be merged by time.
taskset -p 2 "$(cat $damon/kdamonds/0/pid)" >/dev/null
taskset -p 1 "$(cat $damon/kdamonds/1/pid)" >/dev/null
sleep 1
echo "a marker" >$tracing/instances/mixed/trace_marker
printf '\1\0\0\0raw marker' >$tracing/instances/mixed/trace_marker_raw
sleep 1.5
python3 /job/vm/dump-tree.py /sys/kernel/mm/damon >sysfs-running.tsv
keep mixed
check "both CPUs have pages" test -s mixed/cpu0.raw -a -s mixed/cpu1.raw
check "both kdamonds ran" test "$(grep -o 'kdamond\.[0-9]*-[0-9]*' mixed/trace.txt | sort -u | wc -l)" = 2
check "schemes" grep -q damos_before_apply mixed/trace.txt
[ ! -d $goal ] || check "tuning" grep -q damon_monitor_intervals_tune mixed/trace.txt
check "the overrun is counted" grep -q 'overrun: [1-9]' overrun/cpu0.stats overrun/cpu1.stats
off 0
off 1
finish
