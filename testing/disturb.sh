#!/usr/bin/env bash
# Disturbs recordings of referenced bits: recorder, target and both stopped and continued (a freeze), the wall clock set back and forth,
# two writers of one trace and of one series, outputs through links, and root in a directory where everybody writes.
# Usage: testing/disturb.sh [SECONDS of each stop, default 5]. Prints a line for each check; exit 1 if one failed.
set -u
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
stop=${1:-5}
work=$(mktemp -d)
failed=0
children=()
trap 'kill -CONT "${children[@]}" 2>/dev/null; kill -KILL "${children[@]}" 2>/dev/null; rm -rf "$work"' EXIT

check() { # NAME COMMAND...
    local name=$1
    shift
    if "$@" >"$work/said" 2>&1; then printf 'ok   %s\n' "$name"; else
        printf 'FAIL %s\n' "$name"
        sed 's/^/     /' "$work/said" | head -8
        failed=1
    fi
}
python3 -c 'import time
b = bytearray(8 << 20)
while True:
    for i in range(0, len(b), 4096): b[i] = 1
    time.sleep(0.01)' &
target=$!
children+=("$target")

# A recorder of the target in the background; its pid in $recorder.
record() {
    local out=$1
    shift
    ./damson record --source referenced -q --sample 20ms --aggr 100ms --min-free 0 -p "$target" -o "$out" "$@" 2>"$work/err" &
    recorder=$!
    children+=("$recorder")
    for _ in $(seq 300); do [ -n "$(ls "$out" 2>/dev/null)" ] && break; sleep 0.1; done
    sleep 2
}
# Not INT, which a shell has its background processes ignore.
finish() { kill -TERM "$recorder"; wait "$recorder"; }
# Times go forward, no two snapshots overlap, and no snapshot claims to have seen the time in which nobody looked.
in_order() {
    ./damson sql "$1" --csv -c "with s as (select start_ns, end_ns, lag(end_ns) over (order by snapshot_id) as before from snapshots)
        select count(*) filter (start_ns < before or end_ns <= start_ns) from s" | tail -1 | grep -qx 0
}
longest_ms() { ./damson sql "$1" --csv -c "select max(end_ns - start_ns) // 1000000 as ms from snapshots" | tail -1; }
sealed_and_good() { ./damson verify "$1" && ./damson info "$1" | grep -q 'sealed'; }

for who in recorder target both; do
    trace=$work/$who.damson
    record "$trace"
    case $who in recorder) pids=$recorder ;; target) pids=$target ;; *) pids="$recorder $target" ;; esac
    # shellcheck disable=SC2086
    kill -STOP $pids
    sleep "$stop"
    # shellcheck disable=SC2086
    kill -CONT $pids
    sleep 2
    finish
    check "$who stopped for $stop s: sealed and good" sealed_and_good "$trace"
    check "$who stopped for $stop s: in order" in_order "$trace"
    printf '     longest snapshot %s ms; %s\n' "$(longest_ms "$trace")" "$(./damson info "$trace" | grep '^Lost')"
done

# The wall clock as the recorder sees it: libfaketime would replace every clock, so it is set in a time namespace where
# there is one; CLOCK_MONOTONIC, which traces use, jumps ahead there by a day between two recorders of one series.
series=$work/series
record "$series" --rotate 1s
finish
if unshare --time --monotonic 86400 true 2>/dev/null; then
    unshare --time --monotonic 86400 --fork ./damson record --source referenced -q --sample 20ms --aggr 100ms --min-free 0 -d 3s -p "$target" \
        -o "$series" --rotate 1s 2>"$work/err"
    check "a series whose monotonic clock jumped by a day reads" ./damson info "$series"
    check "each of its traces is good" ./damson verify "$series"
else
    printf 'SKIPPED: no time namespaces here\n'
fi

record "$work/two.damson"
check "a second recorder of the same trace is refused" sh -c "! ./damson record --source referenced -q -d 1s -p $target -o '$work/two.damson' 2>'$work/second' && grep -q 'is being recorded' '$work/second'"
check "so is its recovery" sh -c "! ./damson recover '$work/two.damson' 2>'$work/second' && grep -q 'another damson' '$work/second'"
check "verify says that it is being recorded" sh -c "./damson verify '$work/two.damson' | grep -q 'is being recorded'"
finish
check "the first goes on unharmed" sealed_and_good "$work/two.damson"
record "$work/twins" --rotate 1s
check "a second recorder of the same series is refused" sh -c "! ./damson record --source referenced -q -d 1s -p $target -o '$work/twins' --rotate 1s 2>'$work/second' && grep -q 'another damson' '$work/second'"
finish
check "the first goes on unharmed" ./damson verify "$work/twins"

# What somebody has put under the name of an output is neither written through nor replaced.
public=$work/public
mkdir -m 1777 "$public"
echo secret >"$work/victim"
mkdir "$work/victims"
for name in t.damson t.damson.zip t.csv; do ln -s "$work/victim" "$public/$name"; done
ln -s "$work/victims" "$public/d.damson"
chown -h 65534 "$public"/* 2>/dev/null
for line in "record --source referenced -q -d 1s -p $target -o $public/t.damson" "record --source referenced -q -d 1s -p $target -o $public/d.damson" \
    "slice $work/two.damson -o $public/t.damson" "bundle $work/two.damson -o $public/t.damson.zip" \
    "report wss $work/two.damson --force -o $public/t.csv" "export $work/two.damson --to csv -o $public/t.csv" \
    "record --source referenced -q -d 1s -p $target --rotate 1s -o $public/d.damson"; do
    # shellcheck disable=SC2086
    check "a link is not followed: ${line%% *} -o ${line##*/}" sh -c '! ./damson "$@" 2>/dev/null' sh $line
done
check "nothing was written through them" sh -c "[ \"\$(cat '$work/victim')\" = secret ] && [ -z \"\$(ls -A '$work/victims')\" ]"
record "$public/mine.damson"
kill -KILL "$recorder"
wait "$recorder" 2>/dev/null
mkdir "$public/mine.damson.replaced"
if chown 65534 "$public/mine.damson.replaced" 2>/dev/null; then
    check "recover touches nothing that another user has put beside a trace" \
        sh -c "! ./damson recover '$public/mine.damson' 2>'$work/second' && grep -q 'belongs to' '$work/second'"
    check "whose trace is read all the same" ./damson info "$public/mine.damson"
fi
rmdir "$public/mine.damson.replaced"
check "and then recovered" ./damson recover "$public/mine.damson"
check "for its owner alone" sh -c "[ \"\$(stat -c %a '$public/mine.damson')\" = 700 ] && [ \"\$(stat -c %a '$public/mine.damson/manifest.json')\" = 600 ]"
exit "$failed"
