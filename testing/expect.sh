# Sourced by scripts that try what was built, step by step. Each has a directory $work, where said is what the last command printed.
set -u
failed=0
ok() { printf 'ok   %s\n' "$1"; }
bad() { failed=$((failed + 1)); printf 'FAIL %s\n' "$1"; sed 's/^/     /' "$work/said" | tail -15; }
# expect NAME EXIT COMMAND...: the command ends with that status.
expect() {
    local name=$1 want=$2 got=0
    shift 2
    "$@" >"$work/said" 2>&1 </dev/null || got=$?
    if [ "$got" = "$want" ]; then ok "$name"; else bad "$name (exit $got, expected $want)"; fi
}
# says NAME PATTERN: what it printed has a line that matches.
says() { if grep -qE "$2" "$work/said"; then ok "$1"; else bad "$1 (no line matches $2)"; fi; }
# The outcome, as the script's status.
outcome() {
    [ "$failed" = 0 ] || { echo "$failed failed"; exit 1; }
    echo "all passed"
}
