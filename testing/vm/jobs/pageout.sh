# A pageout scheme on zram really run, and the same workload recorded without it, three times each in turn: the kernel's
# statistics, swap counters and the workload's resident bytes over time.
. /job/vm/lib.sh
stat_off
ticker
for m in $(cat /job/modules/order); do check "module $m" insmod /job/modules/$m.ko; done
echo 768M >/sys/block/zram0/disksize
check "swap on zram" sh -c "mkswap /dev/zram0 && swapon /dev/zram0"
cat >schemes.csv <<'S'
scheme,action,sz_min,sz_max,nr_accesses_min,nr_accesses_max,age_min,age_max,quota_bytes,quota_reset_ms
0,pageout,4096,18446744073709551615,0,0,10,4294967295,0,0
S
# one NAME SECONDS with|without
one() {
    local n
    mkdir "$1"
    cat /proc/$workload/maps >"$1/maps"
    kdamond $workload
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
    [ "$3" != with ] || read_stats 0 "$1/stats.csv"
    off
    text_end "$1" "$1/trace.txt"
    grep -E '^(pswpin|pswpout|pgmajfault) ' /proc/vmstat >"$1/vmstat-after"
    kill $workload
    wait $workload 2>/dev/null
}
for i in 1 2 3; do
    for how in without with; do
        workload $accessgen run --repeat 100 --log stairs-$how-$i.csv /job/damson/dist/native/configs/stairs.cfg >/dev/null
        sleep 2
        one stairs-$how-$i 20 $how
        [ $how = without ] || check "stairs: pages went out" awk -F, '$1 == 0 && $6 > 0 { found = 1 } END { exit !found }' stairs-$how-$i/stats.csv
    done
done
for i in 1 2; do
    for how in without with; do
        workload python3 -u -c 'while True: exec(open("/job/testdata/workload.py").read())' >service-$how-$i.out
        while [ ! -s service-$how-$i.out ]; do sleep 0.2; done
        one service-$how-$i 24 $how
    done
done
finish
