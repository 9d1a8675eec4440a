#!/usr/bin/env bash
# Flips N bits (default 10000) in the files of small traces of each kind (sealed, unsealed, zipped, with call stacks, with sums, merged,
# sliced, recovered, a series), makes every truncation, and checks that none is silent: the test DamageCampaignTest, at length. Prints its table.
# Usage: testing/damage.sh [N [SEED [CUTS [KIND...]]]]; CUTS: every so many-th length (1).
set -eu
flips=${1:-10000} seed=${2:-$RANDOM} cuts=${3:-1}
shift "$(($# < 3 ? $# : 3))"
kinds=$#
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if mvn -q -o -pl formats -am -Dspotless.check.skip -Dsurefire.failIfNoSpecifiedTests=false -Dtest=DamageCampaignTest \
    -Ddamson.flips="$((flips / (kinds > 0 ? kinds : 10) + 1))" -Ddamson.cuts="$cuts" -Ddamson.damage.seed="$seed" "-Ddamson.damage.kinds=$*" test >"$log" 2>&1; then
    grep '^|' "$log"
else
    cat "$log"
    exit 1
fi
