# `record --written` of a program that writes one half of its memory and reads the other, by the real kernel's soft-dirty bits.
. /job/vm/lib.sh
$accessgen touch-cost >touch-cost
cat touch-cost
check "the kernel keeps soft-dirty bits" grep -qx 'soft_dirty_error=' touch-cost
check "a first write after the clear is in the cost of a page" awk -F= '$1 == "flushed_page_ns" && $2 > 0 { found = 1 } END { exit !found }' touch-cost
damson record --written --max-slowdown none --max-cpu 100 -o trace.damson -- taskset 1 $accessgen run --log $PWD/log.csv $workloads/halves.cfg >out 2>err
status=$?
cat err
check "recorded without loss" test $status = 0
# A heap that grows: what came within a sample is not known, what stays is.
damson record --written --max-slowdown none --max-cpu 100 -o growing.damson -- python3 -c '
import time
end = time.monotonic() + 8
held = []
while time.monotonic() < end:
    held.append(bytearray(300000))
    time.sleep(0.02)
' >>out 2>err
check "a program that grows: recorded" test $? = 0
damson report wss growing.damson | grep -F 'of the mean working set' || { say "FAIL growing: no split"; failures=$((failures + 1)); }
finish
