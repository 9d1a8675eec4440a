# Records a series on a disk of its own until the host cuts the power, at a moment that nobody chose.
. /job/vm/lib.sh
mkdir -p /mnt/disk
check "a disk to record on" mount -t ext4 -o noatime /dev/vdd /mnt/disk
workload python3 $workloads/light.py
damson record --source referenced --sample 50ms --aggr 200ms --max-slowdown none --max-cpu 100 --min-free 1M --rotate 5s -p $workload -o /mnt/disk/series &
await 300 sh -c 'ls /mnt/disk/series/*/*.arrows >/dev/null 2>&1'
for i in $(seq $((20 + RANDOM % 40))); do
    read -r up _ </proc/uptime
    echo "vm: up $up" >/dev/console
    sleep 0.5
done
echo "vm: lose power" >/dev/console
sleep 60
