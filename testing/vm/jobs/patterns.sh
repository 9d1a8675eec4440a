# Records stairs and zigzag by plain shell: kdamond through sysfs, text through a private tracefs instance.
. /job/vm/lib.sh
stat_off
ticker
for pattern in stairs zigzag; do
    mkdir $pattern
    workload $accessgen run --log $pattern/log.csv /job/damson/dist/native/configs/$pattern.cfg >$pattern/out
    kdamond $workload
    text $pattern $pattern/trace.txt
    on
    # After the first phase every region is mapped.
    while [ ! -s $pattern/out ] && kill -0 $workload; do sleep 0.2; done
    cat /proc/$workload/maps >$pattern/maps
    check "$pattern: the workload ended well" wait $workload
    off
    text_end $pattern $pattern/trace.txt
done
finish
