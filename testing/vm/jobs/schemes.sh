# Ground truth for what-if: three workloads, ten randomly drawn `stat` schemes each, without quota. Text of every event and
# the kernel's own statistics, each read of them between two markers in the same stream.
. /job/vm/lib.sh
stat_off
ticker
# one NAME SECONDS: records $workload with the schemes drawn from a seed that is the name's.
one() {
    local s=$damon/kdamonds/0/contexts/0/schemes ring=$tracing/instances/$1 reader n i
    mkdir -p "$1"
    cat /proc/$workload/maps >"$1/maps"
    python3 /job/vm/schemes.py "$(printf %s "$1" | cksum | cut -d' ' -f1)" >"$1/schemes.csv"
    kdamond $workload
    put 10 $s/nr_schemes
    while IFS=, read -r n szmin szmax accmin accmax agemin agemax; do
        [ "$n" != scheme ] || continue
        put stat $s/$n/action
        put $szmax $s/$n/access_pattern/sz/max && put $szmin $s/$n/access_pattern/sz/min
        put $accmax $s/$n/access_pattern/nr_accesses/max && put $accmin $s/$n/access_pattern/nr_accesses/min
        put $agemax $s/$n/access_pattern/age/max && put $agemin $s/$n/access_pattern/age/min
    done <"$1/schemes.csv"
    instance "$1" 8192
    cat "$ring/trace_pipe" >"$1/trace.txt" &
    reader=$!
    on
    echo "read,scheme,nr_tried,sz_tried,nr_applied,sz_applied,qt_exceeds" >"$1/stats.csv"
    for n in 0 1 2 3 4 5 6 7; do
        sleep $(($2 / 8))
        echo "read $n begins" >"$ring/trace_marker"
        put update_schemes_stats $damon/kdamonds/0/state
        echo "read $n ends" >"$ring/trace_marker"
        for i in 0 1 2 3 4 5 6 7 8 9; do
            line=$n,$i
            # No process per value: under emulation a hundred of them take half a minute.
            for value in nr_tried sz_tried nr_applied sz_applied qt_exceeds; do
                read -r value <$s/$i/stats/$value
                line=$line,$value
            done
            echo "$line"
        done >>"$1/stats.csv"
    done
    check "$1: nothing overwritten" sh -c "! grep -h '^overrun: [1-9]' $ring/per_cpu/cpu*/stats"
    off
    sleep 1
    kill $reader
    wait $reader 2>/dev/null
    echo 0 >"$ring/events/enable"
    rmdir "$ring"
    kill $workload
    wait $workload 2>/dev/null
}
uname -a >uname
workload $accessgen run --repeat 100 /job/damson/dist/native/configs/stairs.cfg >/dev/null
sleep 1
one stairs 16
workload $accessgen run --repeat 100 /job/damson/dist/native/configs/zigzag.cfg >/dev/null
sleep 1
one zigzag 16
# Again and again: how far it gets in a given time depends on the machine that emulates.
workload python3 -u -c 'while True: exec(open("/job/testdata/workload.py").read())' >service.out
while [ ! -s service.out ]; do sleep 0.5; done
one service 20
finish
