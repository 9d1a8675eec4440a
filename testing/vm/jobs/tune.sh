# `tune` on the service workload, for limits in refaulted bytes a second: the threshold that it finds in recordings without any
# scheme is then really run. The run keeps the limit, and has at least 85 % of the predicted bytes swapped out.
. /job/vm/lib.sh
# Several times through all that the workload does in turn, which takes 20 s and more.
seconds=100
stat_off
ticker
swap_on_zram
# Of two recordings, so that a limit is kept on the worse of them.
for i in 1 2; do
    service before-$i.out
    paging_run before-$i $seconds without
done
for limit in 8 6 4; do
    # The real run is the test: no recording is kept apart for one.
    check "tune for $limit MiB/s" damson tune before-1/trace.damson before-2/trace.damson --test before-2/trace.damson --kernel "$(uname -r | cut -d. -f1,2)" --ops vaddr --cost zram \
        --scheme 'pageout size=4K..max access=0..0 age=2s..max' --vary min_age=400ms..12s/400ms --objective "saved where refaults<=$((limit << 20))/s" --margin 25 --output tuned-$limit.json
    ages=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["best"]["min_age"] // 400000)' tuned-$limit.json)
    cat >schemes.csv <<S
scheme,action,sz_min,sz_max,nr_accesses_min,nr_accesses_max,age_min,age_max,quota_bytes,quota_reset_ms
0,pageout,4096,18446744073709551615,0,0,$ages,4294967295,0,0
S
    service after-$limit.out
    paging_run after-$limit $seconds with
    check "the real run keeps what was predicted for $limit MiB/s" sh -c "python3 /job/vm/check-tuned.py tuned-$limit.json after-$limit/memory.csv $((limit << 20)) >verdict-$limit"
    cat verdict-$limit
done
finish
