#!/usr/bin/env bash
# Records onto a file system that becomes full: for a while, below --min-free, and until the end. As root; mounts a tmpfs
# of 2 MiB in a mount namespace of its own. Prints what damson says; the results are logged in docs/RELIABILITY.md.
set -u
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
if [ "${1:-}" != inside ]; then exec unshare -m "$0" inside; fi
disk=$(mktemp -d)
mount -t tmpfs -o size=2m tmpfs "$disk" || exit 4
record() { ./damson record --sample 20ms --aggr 100ms "$@"; echo "exit $?"; }
check() { ./damson verify "$1"; ./damson info "$1" | grep -E '^(Lost|Snapshots):'; }

echo "== full for 4 s"
(sleep 6; cat /dev/zero >"$disk/ballast" 2>/dev/null; sleep 4; rm "$disk/ballast") &
record -o "$disk/t.damson" --min-free 0 -- sleep 16
check "$disk/t.damson"

echo "== below --min-free for 4 s"
(sleep 6; head -c 1400k /dev/zero >"$disk/ballast"; sleep 4; rm "$disk/ballast") &
record -o "$disk/u.damson" --min-free 1M -- sleep 14
check "$disk/u.damson"

echo "== full until after the end"
(sleep 6; cat /dev/zero >"$disk/ballast" 2>/dev/null) &
record -o "$disk/v.damson" --min-free 0 -- sleep 10
wait
rm "$disk/ballast"
./damson recover "$disk/v.damson"
check "$disk/v.damson"
umount "$disk"
rmdir "$disk"
