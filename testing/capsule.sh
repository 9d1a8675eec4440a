#!/usr/bin/env bash
# Makes a capsule of native/configs/stairs.cfg, recorded through referenced bits, and checks it: itself, with the phases of its plan in
# reverse, and with 20 % more heat. testing/capsule.sh [RECORDINGS, default 3]
# Exit 1 if it fails its own check or a mutant passes; where the noise of this machine hides a mutant, that is said instead.
set -euo pipefail
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
recordings=${1:-3}
[[ $recordings =~ ^[2-9]$ ]] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for n in $(seq "$recordings"); do
    ./damson record -q --sample 50ms --aggr 250ms -o "$work/$n.damson" -- native/build/accessgen run native/configs/stairs.cfg >"$work/out"
done
./damson capsule "$work"/?.damson -o "$work/stairs.zip"
python3 testing/mutants.py "$work/stairs.zip" "$work/reversed.zip" "$work/hotter.zip"
failed=
for kind in stairs reversed hotter; do
    code=0
    ./damson replay "$work/$kind.zip" --check >"$work/$kind.out" 2>&1 || code=$?
    echo "--- $kind: exit $code"
    sed -n '/^# distance/,$p' "$work/$kind.out"
    case $kind/$code in
    stairs/0 | reversed/1 | hotter/1) ;;
    */6) echo "not decided: the machine did not keep up" ;;
    hotter/0) echo "not told apart: the recordings of the original differ by as much (see above which differences a check tells)" ;;
    *) failed=1 ;;
    esac
done
[ -z "$failed" ]
