#!/usr/bin/env bash
# How far recordings of the same program are from one another: records stairs and zigzag five times each, compares every
# pair and prints the distances as a table. The tolerance of `compare` is set from it: docs/REPLAY.md.
# usage: testing/compare-noise.sh [DIRECTORY TO KEEP THE TRACES IN]
set -euo pipefail
cd "$(dirname "$0")/.."
damson=${DAMSON:-./damson}
generator=${ACCESSGEN:-native/build/accessgen}
keep=${1:-}
work=${keep:-$(mktemp -d)}
[ -n "$keep" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"

for config in stairs zigzag; do
    for i in 1 2 3 4 5; do
        "$damson" record --quiet -o "$work/$config-$i.damson" -- "$generator" run "native/configs/$config.cfg" >/dev/null
    done
done

# value KEY < JSON
value() { grep -o "\"$1\" *: *[-0-9.E]*" | head -1 | sed "s,.*: *,,"; }

echo "| config | pair | pattern distance | working-set distance | heat without counterpart | lag, slices |"
echo "|---|---|---|---|---|---|"
for config in stairs zigzag; do
    for i in 1 2 3 4 5; do
        for ((j = i + 1; j <= 5; j++)); do
            json=$("$damson" compare --json "$work/$config-$i.damson" "$work/$config-$j.damson" || true)
            printf '| %s | %d %d | %.3f | %.3f | %.3f | %d |\n' "$config" "$i" "$j" \
                "$(value pattern_distance <<<"$json")" "$(value working_set_distance <<<"$json")" \
                "$(awk -v m="$(value mapped_heat <<<"$json")" 'BEGIN { print 1 - m }')" "$(value lag_slices <<<"$json")"
        done
    done
done | tee "$work/pairs.txt"
awk -F'|' '{ for (c = 4; c <= 6; c++) if ($c + 0 > most[c]) most[c] = $c + 0 }
    END { printf "| both | greatest | %.3f | %.3f | %.3f | |\n", most[4], most[5], most[6] }' "$work/pairs.txt"
