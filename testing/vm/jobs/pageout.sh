# A pageout scheme on zram really run, and the same workload recorded without it, three times each in turn: the kernel's
# statistics, swap counters and the workload's resident bytes over time.
. /job/vm/lib.sh
stat_off
ticker
for m in $(cat /job/modules/order); do check "module $m" insmod /job/modules/$m.ko; done
# The hole between program and heap belongs to what DAMON looks at; its size would differ from run to run.
echo 0 >/proc/sys/kernel/randomize_va_space
echo 768M >/sys/block/zram0/disksize
check "swap on zram" sh -c "mkswap /dev/zram0 && swapon /dev/zram0"
cat >schemes.csv <<'S'
scheme,action,sz_min,sz_max,nr_accesses_min,nr_accesses_max,age_min,age_max,quota_bytes,quota_reset_ms
0,pageout,4096,18446744073709551615,0,0,5,4294967295,0,0
S
# one NAME SECONDS with|without
one() {
    local n
    mkdir "$1"
    cat /proc/$workload/maps >"$1/maps"
    kdamond $workload
    intervals 0 20000 400000 4000000
    if [ "$3" = with ]; then use_schemes schemes.csv; else put 0 $damon/kdamonds/0/contexts/0/schemes/nr_schemes; fi
    grep -E '^(pswpin|pswpout|pgmajfault) ' /proc/vmstat >"$1/vmstat-before"
    text "$1" "$1/trace.txt" 8192
    on
    echo "uptime,rss_kb,swap_kb,pswpin,pswpout" >"$1/memory.csv"
    for ((n = 0; n < $2; n++)); do
        sleep 1
        read -r up _ </proc/uptime
        echo "$up,$(awk '/^VmRSS/ { r = $2 } /^VmSwap/ { s = $2 } END { print r "," s }' /proc/$workload/status),$(awk '/^pswp(in|out)/ { printf "%s%s", c, $2; c = "," }' /proc/vmstat)"
    done >>"$1/memory.csv"
    if [ "$3" = with ]; then
        put update_schemes_stats $damon/kdamonds/0/state
        read_stats 0 "$1/stats.csv"
    fi
    off
    text_end "$1" "$1/trace.txt"
    grep -E '^(pswpin|pswpout|pgmajfault) ' /proc/vmstat >"$1/vmstat-after"
    kill $workload
    wait $workload 2>/dev/null
}
# Both kinds of run begin at the same moment of the workload and are as long.
for i in 1 2; do
    for how in without with; do
        workload $accessgen run --repeat 100 $workloads/small-stairs.cfg >/dev/null
        sleep 4
        one stairs-$how-$i 40 $how
    done
done
for how in without with; do
    workload python3 -u -c 'while True: exec(open("/job/testdata/workload.py").read())' >service-$how-1.out
    while [ ! -s service-$how-1.out ]; do sleep 0.2; done
    one service-$how-1 40 $how
done
for f in stairs-with-1 stairs-with-2 service-with-1; do
    check "$f: pages went out" awk -F, '$1 == 0 && $6 > 0 { found = 1 } END { exit !found }' $f/stats.csv
done
finish
