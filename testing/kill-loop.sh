#!/usr/bin/env bash
# Kills N recordings (default 500) with -9 at random moments and checks that nothing flushed is lost: the test KillTest,
# at length. Usage: testing/kill-loop.sh [N [SEED]]. Three at a time, some 2 s each; prints one line of result.
set -eu
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if mvn -q -o -pl recorder -am -Dspotless.check.skip -Dsurefire.failIfNoSpecifiedTests=false -Dtest=KillTest \
    -Ddamson.kills="${1:-500}" -Ddamson.kill.seed="${2:-$RANDOM}" test >"$log" 2>&1; then
    grep ' kills: ' "$log"
else
    cat "$log"
    exit 1
fi
