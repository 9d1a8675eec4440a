# Sourced by the scripts that measure what call stacks cost, stacks.sh and unwind.sh: a directory $work that goes with the script, and
# how a recorder's processor time is told from that of the program it records. The program is given a number of rounds and prints its
# own processor time in ns.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# rounds_for SECONDS PROGRAM: how many rounds of the program take so long.
rounds_for() { awk -v r=200 -v ns="$("$2" 200 2>/dev/null)" -v s="$1" 'BEGIN { print int(r * s * 1e9 / ns) + 1 }'; }

# cpu NAME COMMAND...: its processor time and that of its children, in ms, less that of the program, into $work/NAME, the program's
# into $work/NAME.busy.
cpu() {
    local to=$work/$1
    shift
    TIMEFORMAT='%U %S'
    { time "$@" >"$work/busy.out" 2>"$work/err"; } 2>"$work/times" || { cat "$work/err" >&2; exit 1; }
    awk -v busy="$(cat "$work/busy.out")" '{ printf "%.0f\n", ($1 + $2) * 1000 - busy / 1e6 }' "$work/times" >>"$to"
    cat "$work/busy.out" >>"$to.busy"
}

# median FILE: of the numbers in it, with the least and the greatest.
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { printf "%.0f [%.0f..%.0f]", v[int((NR + 1) / 2)], v[1], v[NR] }'; }
