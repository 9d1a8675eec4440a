#!/usr/bin/env bash
# How near replays come through referenced bits on this machine: five programs are recorded twice, the first recording is replayed
# and recorded in turn, and is to be no further from the original than 1.5 times what the second original is. The guest job
# `replay` does the same with kernel DAMON. SAMPLE and AGGR: other intervals than 50 and 250 ms; SEEN: a value for --seen.
# testing/replay.sh [PROGRAM...]     of: stairs zigzag service maps two; all by default, six minutes
# Exit 1 if a replay is beyond the noise. Where the machine did not keep up, that is said instead.
set -euo pipefail
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
programs=${*:-stairs zigzag service maps two}
intervals=(--sample "${SAMPLE:-50ms}" --aggr "${AGGR:-250ms}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O2 -Wall -Wextra -Werror -pthread testing/vm/mapper.c -o "$work/mapper"
./damson --version >/dev/null
failed=
for name in $programs; do
    case $name in
    stairs | zigzag) command=(dist/native/accessgen run "native/configs/$name.cfg") ;;
    service) command=(python3 -u testdata/service/workload.py) ;;
    maps | two) command=("$work/mapper" "$name") ;;
    *) sed -n '5s/^# //p' "$0" >&2; exit 2 ;;
    esac
    for n in a b; do
        ./damson record -q "${intervals[@]}" -o "$work/$name-$n.damson" -- "${command[@]}" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
    done
    code=0
    ./damson replay "$work/$name-a.damson" --verify --noise-floor "$work/$name-b.damson" ${SEEN:+--seen "$SEEN"} >"$work/$name.replay" 2>&1 || code=$?
    echo "--- $name: exit $code"
    cat "$work/$name.replay"
    case $code in
    0) ;;
    6) echo "not decided: the machine did not keep up" ;;
    *) failed=1 ;;
    esac
done
[ -z "$failed" ]
