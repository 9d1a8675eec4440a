#!/usr/bin/env bash
# Kills N damsons (default 1000) with -9 while they import, merge, slice, bundle, recover, record and rotate, and checks what each
# left: the test KillCampaignTest, at length. Usage: testing/kills.sh [N [SEED [COMMAND...]]]; "rotation" is record with --rotate.
# One at a time, some 2 s each; prints its table.
set -eu
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
commands=${*:3}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if mvn -q -o -pl cli -am -Dspotless.check.skip -Dsurefire.failIfNoSpecifiedTests=false -Dtest=KillCampaignTest \
    -Ddamson.kills="${1:-1000}" -Ddamson.kill.seed="${2:-$RANDOM}" \
    ${commands:+-Ddamson.kill.commands="$commands"} test >"$log" 2>&1; then
    grep '^|' "$log"
else
    cat "$log"
    exit 1
fi
