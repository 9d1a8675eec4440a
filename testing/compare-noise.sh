#!/usr/bin/env bash
# What recordings of the same program differ by, and whether a replay stays within that: records stairs and zigzag five
# times each, compares every pair, then each recording with its own replay, and with a recording of the same program
# whose phases run in reverse. Prints a table; the tolerance of `compare` was set from one: docs/COMPARE.md. Six minutes.
# usage: testing/compare-noise.sh [DIRECTORY TO KEEP THE TRACES IN [OPTIONS OF record]]
set -euo pipefail
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
damson=${DAMSON:-./damson}
generator=${ACCESSGEN:-native/build/accessgen}
keep=${1:-}
shift || true
work=${keep:-$(mktemp -d)}
[ -n "$keep" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"

# record CONFIG TRACE OPTIONS...: unless an earlier run left it
record() {
    [ -e "$2" ] || "$damson" record --quiet -o "$2" "${@:3}" -- "$generator" run "$1" >/dev/null
}

# The regions, then the other paragraphs from the last to the first.
reverse() { awk 'BEGIN { RS = "" } { p[NR] = $0 } END { print p[1]; for (i = NR; i > 1; i--) print "\n" p[i] }' "$1"; }

for config in stairs zigzag; do
    reverse "native/configs/$config.cfg" >"$work/$config-reversed.cfg"
    for i in 1 2 3 4 5; do
        record "native/configs/$config.cfg" "$work/$config-$i.damson" "$@"
        [ -e "$work/$config-replay-$i.damson" ] ||
            "$damson" replay --quiet --record "$work/$config-replay-$i.damson" "$work/$config-$i.damson" >/dev/null
    done
    record "$work/$config-reversed.cfg" "$work/$config-reversed.damson" "$@"
done

# value KEY < JSON
value() { grep -o "\"$1\" *: *[-0-9.E]*" | head -1 | sed "s,.*: *,,"; }

# row KIND CONFIG NAME A B
row() {
    local json
    json=$("$damson" compare --json "$work/$4.damson" "$work/$5.damson" || true)
    printf '| %s | %s | %s | %.3f (%.3f to %.3f) | %.3f (%.3f to %.3f) | %.3f | %d | %s |\n' "$1" "$2" "$3" \
        "$(value pattern_distance <<<"$json")" "$(value pattern_distance_low <<<"$json")" \
        "$(value pattern_distance_high <<<"$json")" "$(value working_set_distance <<<"$json")" \
        "$(value working_set_distance_low <<<"$json")" "$(value working_set_distance_high <<<"$json")" \
        "$(awk -v m="$(value mapped_heat <<<"$json")" 'BEGIN { print 1 - m }')" "$(value lag_slices <<<"$json")" \
        "$(grep -o '"verdict":"[a-z]*' <<<"$json" | sed 's,.*",,')"
}

echo "| kind | config | which | pattern distance | working-set distance | heat without counterpart | lag, slices | verdict |"
echo "|---|---|---|---|---|---|---|---|"
for config in stairs zigzag; do
    for i in 1 2 3 4 5; do
        for ((j = i + 1; j <= 5; j++)); do
            row repeated $config "$i and $j" $config-$i $config-$j
        done
    done
    for i in 1 2 3 4 5; do
        row replayed $config "$i" $config-$i $config-replay-$i
    done
    for i in 1 2 3 4 5; do
        row reversed $config "$i" $config-$i $config-reversed
    done
done | tee "$work/rows.txt"
awk -F' *[|] *' '
    { k = $2; n[k]++; same[k] += $9 == "same"; different[k] += $9 == "different"
      for (c = 5; c <= 7; c++) { if (!(k in seen) || $c + 0 < low[k, c]) low[k, c] = $c + 0; if ($c + 0 > high[k, c]) high[k, c] = $c + 0 }
      seen[k] }
    END { split("repeated replayed reversed", ks, " "); for (j = 1; j <= 3; j++) { k = ks[j]
        printf "| **%s** | both | %d, least to greatest | %.3f to %.3f | %.3f to %.3f | %.3f to %.3f | | %d same, %d different, %d undecided |\n", k, n[k], low[k, 5], high[k, 5], low[k, 6], high[k, 6], low[k, 7], high[k, 7],
            same[k], different[k], n[k] - same[k] - different[k] } }' "$work/rows.txt"
