# Ground truth for what-if: three workloads, ten randomly drawn `stat` schemes each, without quota. Text of every event and
# the kernel's own statistics, each read of them between two markers in the same stream.
. /job/vm/lib.sh
: "${quotas=}"
stat_off
ticker
# one NAME SECONDS: records $workload with the schemes drawn from a seed that is the name's.
one() {
    local ring=$tracing/instances/$1 n
    mkdir -p "$1"
    cat /proc/$workload/maps >"$1/maps"
    python3 /job/vm/schemes.py "$(printf %s "$1" | cksum | cut -d' ' -f1)" $quotas >"$1/schemes.csv"
    kdamond $workload
    use_schemes "$1/schemes.csv"
    text "$1" "$1/trace.txt" 8192
    on
    for n in 0 1 2 3 4 5 6 7; do
        sleep $(($2 / 8))
        echo "read $n begins" >"$ring/trace_marker"
        put update_schemes_stats $damon/kdamonds/0/state
        echo "read $n ends" >"$ring/trace_marker"
        read_stats $n "$1/stats.csv"
    done
    off
    text_end "$1" "$1/trace.txt"
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
