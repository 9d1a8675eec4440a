# Records stairs and zigzag by plain shell: kdamond through sysfs, text through a private tracefs instance.
. /job/vm/lib.sh
stat_off
ticker
for pattern in stairs zigzag; do
    mkdir $pattern
    workload $accessgen run --log $pattern/log.csv /job/damson/dist/native/configs/$pattern.cfg >$pattern/out
    kdamond $workload
    instance $pattern
    cat "$tracing/instances/$pattern/trace_pipe" >$pattern/trace.txt &
    reader=$!
    on
    # After the first phase every region is mapped.
    while [ ! -s $pattern/out ] && kill -0 $workload; do sleep 0.2; done
    cat /proc/$workload/maps >$pattern/maps
    check "$pattern: the workload ended well" wait $workload
    sleep 0.5
    kill $reader
    wait $reader 2>/dev/null
    check "$pattern: nothing overwritten" sh -c "! grep -h '^overrun: [1-9]' $tracing/instances/$pattern/per_cpu/cpu*/stats"
    echo 0 >"$tracing/instances/$pattern/events/enable"
    rmdir "$tracing/instances/$pattern"
    off
done
finish
