#!/usr/bin/env bash
# Throughput of accessgen beside masim and beside a bare loop (stores.c), in accesses per millisecond of processor time, so that
# what else the machine does counts little. All run the same accesses in turn, ROUNDS rounds (5); of masim and accessgen a short and
# a long run of each configuration, and the difference of accesses over the difference of processor time, so that start and page
# faults cancel out. Prints medians with least and greatest, and ratios of medians; then the same of a replay's touches.
# ONLY, a pattern of grep -E, chooses cases by their names.
# usage: benchmarks/generator.sh DIRECTORY OF A BUILT masim (https://github.com/sjp38/masim) [DIRECTORY OF ONE BUILT WITH -O3]
set -euo pipefail
cd "$(dirname "$0")/.."
masim=$1/masim
optimized=${2:+$2/masim}
accessgen=${ACCESSGEN:-native/build/accessgen}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O3 -Wall -o "$work/stores" benchmarks/stores.c

# name, size, random, stride, mode, the bare loop's kind
cases="page-touch-16M-wo 16777216 0 4096 wo page-wo
page-touch-100M-wo 104857600 0 4096 wo page-wo
page-touch-100M-ro 104857600 0 4096 ro page-ro
page-touch-256M-wo 268435456 0 4096 wo page-wo
page-touch-256M-ro 268435456 0 4096 ro page-ro
page-touch-2048M-wo 2147483648 0 4096 wo page-wo
lines-256M-ro 268435456 0 64 ro line-ro
lines-256M-wo 268435456 0 64 wo line-wo
lines-16K-ro 16384 0 64 ro line-ro
random-100M-ro 104857600 1 64 ro random-ro
random-100M-wo 104857600 1 64 wo random-wo"
cases=$(grep -E "${ONLY:-.}" <<<"$cases")

while read -r name size random stride mode _; do
    for ms in 100 1600; do
        # the first phase makes all pages be there, which takes seconds where there are many
        printf 'a, %s, none\n\nwarm\n'"$((200 + size / 400000))"'\na, 0, 4096, 1, wo\n\nmeasured\n%s\na, %s, %s, 1, %s\n' \
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

for _ in $(seq "${ROUNDS:-5}"); do
    while read -r name size _ _ _ kind; do
        for who in masim optimized accessgen; do
            case $who in
            masim) command=("$masim") ;;
            optimized) [ "$optimized" ] || continue; command=("$optimized") ;;
            *) command=("$accessgen" run) ;;
            esac
            { run "${command[@]}" "$work/$name-100.cfg"; run "${command[@]}" "$work/$name-1600.cfg"; } |
                awk -v w=$who -v n="$name" 'NR == 1 { a = $1; c = $2 } NR == 2 && $2 > c { print w, n, ($1 - a) / ($2 - c) / 1000 }'
        done
        echo "bare $name $("$work/stores" "$kind" "$size")"
    done <<<"$cases"
    # a replay touches each page in another cache line
    "$accessgen" bench 16 100 256 2048 | awk '{ print "replay page-touch-" $3 "M-wo", $5 }'
done >"$work/results"

# Median, least and greatest of someone's results.
of() {
    awk -v w="$1" -v n="$2" '$1 == w && $2 == n { print $3 }' "$work/results" | sort -g |
        awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)], v[1], v[NR]; else print "0 0 0" }'
}

# table NAME OF WHO IS COMPARED
table() {
    echo "| access | masim, per ms | masim with -O3 | bare loop | $1 | to masim | to -O3 | to the loop |"
    echo "|---|---|---|---|---|---|---|---|"
    while read -r name _; do
        grep -q "^$1 $name " "$work/results" || continue
        for who in masim optimized bare "$1"; do of $who "$name"; done | tr '\n' ' ' | awk -v n="$name" '
            function cell(i) { return $i ? sprintf("%d (%d to %d)", $i, $(i + 1), $(i + 2)) : "-" }
            function ratio(i) { return $i ? sprintf("%.2f", $10 / $i) : "-" }
            { printf "| %s | %s | %s | %s | %s | %s | %s | %s |\n", n, cell(1), cell(4), cell(7), cell(10), ratio(1), ratio(4), ratio(7) }'
    done <<<"$cases"
}
table accessgen
echo
table replay
