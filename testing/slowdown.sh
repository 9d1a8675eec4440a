#!/bin/sh
# What recording costs the recorded program: the same work without, with `damson record` and with `perf record -g`, in turns.
#
#   testing/slowdown.sh [RUNS [SECONDS]]     RUNS (default 7) of SECONDS (default 10) each
#
# Programs: 16, 64, 256 and 1024 MiB written page by page, a Python and a Java program. Prints a table: median time without,
# median change of the pairs with its least and greatest, of time and of the program's processor time, damson's own estimate. With perf (linux-perf) installed
# 6 programs x 3 x RUNS x SECONDS: about 22 minutes by default; without it 15. Needs 1.1 GiB of free memory and a quiet machine.
# DAMSON_OPTIONS are given to `damson record` (default none: its default budget of 2 %). PROGRAMS: which, as in "64 python".
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
runs=${1:-7}
seconds=${2:-10}
programs=${PROGRAMS:-16 64 256 1024 python java}
options=${DAMSON_OPTIONS:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

"$here/damson" --version >/dev/null
gcc -O2 -Wall -Wextra -Werror "$here/testing/slowdown/busy.c" -o "$work/busy"
javac -d "$work" "$here/testing/slowdown/Busy.java"
if perf record -o "$work/perf.data" true >/dev/null 2>&1; then perf=yes; else perf=no; fi

# The command of a program with so much work, as words.
command_of() {
    case $1 in
        python) echo "python3 $here/testing/slowdown/busy.py $2" ;;
        java) echo "java -Xmx256m -cp $work Busy $2" ;;
        *) echo "$work/busy $1 $2" ;;
    esac
}

# How much work takes as long as wanted: more and more until a run takes half a second.
calibrate() {
    amount=1
    while :; do
        ns=$($(command_of "$1" "$amount") | cut -d" " -f1)
        [ "$ns" -lt 500000000 ] || break
        amount=$((amount * 2))
    done
    awk -v a="$amount" -v ns="$ns" -v s="$seconds" 'BEGIN { n = int(a * s * 1e9 / ns); print n < 1 ? 1 : n }'
}

plain() { $(command_of "$1" "$2"); }

recorded() {
    rm -rf "$work/r.damson"
    # shellcheck disable=SC2046,SC2086  # words
    "$here/damson" record $options -q -o "$work/r.damson" -- $(command_of "$1" "$2") 2>"$work/err" \
        || { cat "$work/err" >&2; return 1; }
    "$here/damson" info --json "$work/r.damson" 2>/dev/null | python3 -m json.tool | awk -F': ' '/"slowdown_estimate"/ { print $2 + 0 }' >>"$work/estimates"
    "$here/damson" info --json "$work/r.damson" 2>/dev/null | python3 -m json.tool | awk -F': ' '/"samples"/ { print $2 + 0 }' >>"$work/samples"
}

perfed() {
    # shellcheck disable=SC2046  # words
    perf record -g -q -o "$work/perf.data" -- $(command_of "$1" "$2") 2>"$work/err" || { cat "$work/err" >&2; return 1; }
}

# Reads numbers; prints median, least, greatest.
spread() {
    sort -g | awk '{ v[NR] = $1 } END {
        if (!NR) { print "- - -"; exit }
        m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
        print m, v[1], v[NR] }'
}

percent() { spread | awk '$1 == "-" { print "-"; exit } { printf "%+.1f %% [%+.1f..%+.1f]", $1 * 100, $2 * 100, $3 * 100 }'; }

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { print a / b - 1 }'; }

echo "| program | without, s | damson record, time | processor time | its estimate | samples | perf record -g, time | processor time |"
echo "|---|---|---|---|---|---|---|---|"
for program in $programs; do
    amount=$(calibrate "$program")
    for list in without damson damson_cpu perf perf_cpu estimates samples; do : >"$work/$list"; done
    run=0
    while [ "$run" -lt "$runs" ]; do
        # Each goes first in its turn: what warms or tires the machine is shared out.
        case $((run % 3)) in
            0) order="plain recorded perfed" ;;
            1) order="recorded perfed plain" ;;
            *) order="perfed plain recorded" ;;
        esac
        for how in $order; do
            [ "$how" != perfed ] || [ "$perf" = yes ] || continue
            # wall and processor time
            eval "read -r ${how}_ns ${how}_cpu <<X
$($how "$program" "$amount")
X"
        done
        # shellcheck disable=SC2154  # set by eval
        {
            echo "$plain_ns" >>"$work/without"
            ratio "$recorded_ns" "$plain_ns" >>"$work/damson"
            ratio "$recorded_cpu" "$plain_cpu" >>"$work/damson_cpu"
            [ "$perf" = no ] || ratio "$perfed_ns" "$plain_ns" >>"$work/perf"
            [ "$perf" = no ] || ratio "$perfed_cpu" "$plain_cpu" >>"$work/perf_cpu"
        }
        run=$((run + 1))
    done
    case $program in [0-9]*) name="$program MiB" ;; *) name=$program ;; esac
    printf '| %s | %s | %s | %s | %s | %s | %s | %s |\n' "$name" \
        "$(spread <"$work/without" | awk '{ printf "%.2f", $1 / 1e9 }')" "$(percent <"$work/damson")" "$(percent <"$work/damson_cpu")" \
        "$(percent <"$work/estimates")" "$(spread <"$work/samples" | awk '{ print $1 }')" "$(percent <"$work/perf")" \
        "$(percent <"$work/perf_cpu")"
done
