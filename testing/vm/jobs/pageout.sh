# A pageout scheme on zram really run, and the same workload recorded without it, twice each in turn: the kernel's statistics,
# swap counters and the workload's resident bytes over time.
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
    for name in stairs visits service; do
        for how in without with; do
            case $name in
            service) service service-$how-$i.out ;;
            *)
                workload $accessgen run --repeat 100 $workloads/$name.cfg >/dev/null
                sleep 4
                ;;
            esac
            paging_run $name-$how-$i $seconds $how
        done
        check "$name-with-$i: pages went out" awk -F, '$1 == 0 && $6 > 0 { found = 1 } END { exit !found }' $name-with-$i/stats.csv
    done
done
finish
