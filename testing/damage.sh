#!/usr/bin/env bash
# Flips N bits (default 10000) and makes every truncation of the files of a small sealed, unsealed and zipped trace, and checks
# that none is silent: the test DamageCampaignTest, at length. Usage: testing/damage.sh [N [SEED]]. Prints its table.
set -eu
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if mvn -q -o -pl formats -am -Dspotless.check.skip -Dsurefire.failIfNoSpecifiedTests=false -Dtest=DamageCampaignTest \
    -Ddamson.flips="$((${1:-10000} / 3 + 1))" -Ddamson.cuts=1 -Ddamson.damage.seed="${2:-$RANDOM}" test >"$log" 2>&1; then
    grep '^|' "$log"
else
    cat "$log"
    exit 1
fi
