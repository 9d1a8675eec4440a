#!/usr/bin/env bash
# Throughput of accessgen beside masim, in accesses per millisecond of processor time, so that what else the machine does
# counts little. Both run the same configurations in turn, 5 rounds; a short and a long run of each, and the difference
# of accesses over the difference of processor time, so that start and page faults cancel out. Prints medians with least and
# greatest, and the ratio of the medians; then the same of a replay's touches beside masim's of the same size.
# usage: benchmarks/generator.sh DIRECTORY OF A BUILT masim (https://github.com/sjp38/masim)
set -euo pipefail
cd "$(dirname "$0")/.."
masim=$1/masim
accessgen=${ACCESSGEN:-native/build/accessgen}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# name, size, random, stride, mode
cases="page-touch-16M-wo 16777216 0 4096 wo
page-touch-100M-wo 104857600 0 4096 wo
page-touch-100M-ro 104857600 0 4096 ro
page-touch-256M-wo 268435456 0 4096 wo
page-touch-256M-ro 268435456 0 4096 ro
lines-256M-ro 268435456 0 64 ro
lines-16K-ro 16384 0 64 ro
random-100M-ro 104857600 1 64 ro
random-100M-wo 104857600 1 64 wo"

while read -r name size random stride mode; do
    for ms in 100 1600; do
        # the first phase makes all pages be there
        printf 'a, %s, none\n\nwarm\n200\na, 0, 4096, 1, wo\n\nmeasured\n%s\na, %s, %s, 1, %s\n' \
            "$size" "$ms" "$random" "$stride" "$mode" >"$work/$name-$ms.cfg"
    done
done <<<"$cases"

# Prints accesses and processor seconds of a run; masim says accesses per ms and ms, accessgen accesses.
TIMEFORMAT='cpu %U %S'
run() {
    { time "$@"; } 2>&1 | tr -d , | awk '
        /accesses\/msec/ { n += $2 * $4 }
        / accesses in / { n += $2 }
        /^cpu/ { printf "%.0f %.3f\n", n, $2 + $3 }'
}

for _ in 1 2 3 4 5; do
    while read -r name _; do
        for who in masim accessgen; do
            if [ $who = masim ]; then command=("$masim"); else command=("$accessgen" run); fi
            { run "${command[@]}" "$work/$name-100.cfg"; run "${command[@]}" "$work/$name-1600.cfg"; } |
                awk -v w=$who -v n="$name" 'NR == 1 { a = $1; c = $2 } NR == 2 && $2 > c { print w, n, ($1 - a) / ($2 - c) / 1000 }'
        done
    done <<<"$cases"
    # a replay touches each page in another cache line
    "$accessgen" bench 16 100 256 | awk '{ print "replay page-touch-" $3 "M-wo", $5 }'
done >"$work/results"

# table NAME OF THE OTHER
table() {
    echo "| access | masim, per ms | $1, per ms | ratio |"
    echo "|---|---|---|---|"
    while read -r name _; do
        grep -q "^$1 $name " "$work/results" || continue
        for who in masim "$1"; do
            awk -v w="$who" -v n="$name" '$1 == w && $2 == n { print $3 }' "$work/results" | sort -g |
                awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)], v[1], v[NR] }'
        done | tr '\n' ' ' | awk -v n="$name" '{ printf "| %s | %d (%d to %d) | %d (%d to %d) | %.1f |\n", n, $1, $2, $3, $4, $5, $6, $4 / $1 }'
    done <<<"$cases"
}
table accessgen
echo
table replay
