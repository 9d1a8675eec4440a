# A ring that is too small and a recorder that is stopped for a while: losses are told with the kernel's own number.
. /job/vm/lib.sh
stat_off
ticker
workload python3 $workloads/light.py
sleep 2
kdamond $workload
put 400 $damon/kdamonds/0/contexts/0/monitoring_attrs/nr_regions/min
damson record --attach --ring-size 16K --duration 45s -o trace.damson 2>err &
recorder=$!
started+=($recorder)
check "it listens" listening trace.damson
on
sleep 4
kill -STOP $recorder
sleep 4
kill -CONT $recorder
sleep 5
off
sleep 2
grep -h '^\(overrun\|dropped events\):' "$ring"/per_cpu/cpu*/stats >kernel
cat kernel
check "the ring overran" grep -q 'overrun: [1-9]' kernel
wait $recorder
status=$?
cat err
check "exit code 5, not $status" test $status = 5
check "no ring left" sh -c "! ls -d $tracing/instances/damson-*"
finish
