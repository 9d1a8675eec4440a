#!/usr/bin/env bash
# Throughput of accessgen beside masim: both run the same configurations in turn, 7 rounds; prints the median accesses per
# ms of each, with least and greatest, and the ratio of the medians. Time is each program's own count of its phase. On a
# busy machine run it with nice -n -20: what others take is not the generator's speed.
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
    # the first phase pays for the page faults
    printf 'a, %s, none\n\nwarm\n300\na, 0, 4096, 1, wo\n\nmeasured\n500\na, %s, %s, 1, %s\n' \
        "$size" "$random" "$stride" "$mode" >"$work/$name.cfg"
done <<<"$cases"

for _ in 1 2 3 4 5 6 7; do
    while read -r name _; do
        "$masim" "$work/$name.cfg" | awk -v n="$name" '/^measured/ { gsub(",", "", $2); print "masim", n, $2 }'
        "$accessgen" run "$work/$name.cfg" | awk -v n="$name" '/^measured/ && $5 { print "accessgen", n, $2 / $5 }'
    done <<<"$cases"
done >"$work/results"

echo "| access | masim, per ms | accessgen, per ms | ratio |"
echo "|---|---|---|---|"
while read -r name _; do
    for who in masim accessgen; do
        awk -v w=$who -v n="$name" '$1 == w && $2 == n { print $3 }' "$work/results" | sort -g | tr '\n' ' '
    done | awk -v n="$name" '{ printf "| %s | %d (%d to %d) | %d (%d to %d) | %.1f |\n", n, $4, $1, $7, $11, $8, $14, $11 / $4 }'
done <<<"$cases"
