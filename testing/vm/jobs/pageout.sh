# A pageout scheme on zram really run, and the same workload recorded without it, three times each in turn: the kernel's
# statistics, swap counters and the workload's resident bytes over time.
. /job/vm/lib.sh
stat_off
ticker
# Several times through all that the workloads do in turn.
seconds=100
swap_on_zram
cat >schemes.csv <<'S'
scheme,action,sz_min,sz_max,nr_accesses_min,nr_accesses_max,age_min,age_max,quota_bytes,quota_reset_ms
0,pageout,4096,18446744073709551615,0,0,5,4294967295,0,0
S
# Both kinds of run begin at the same moment of the workload and are as long.
for i in 1 2; do
    for how in without with; do
        workload $accessgen run --repeat 100 $workloads/small-stairs.cfg >/dev/null
        sleep 4
        paging_run stairs-$how-$i $seconds $how
    done
done
for how in without with; do
    workload $accessgen run --repeat 100 $workloads/visits.cfg >/dev/null
    sleep 4
    paging_run visits-$how-1 $seconds $how
done
for how in without with; do
    service service-$how-1.out
    paging_run service-$how-1 $seconds $how
done
for f in stairs-with-1 stairs-with-2 visits-with-1 service-with-1; do
    check "$f: pages went out" awk -F, '$1 == 0 && $6 > 0 { found = 1 } END { exit !found }' $f/stats.csv
done
finish
