#!/usr/bin/env bash
# Runs the examples of the documents (those named, else all), in order, each document's in a directory of its own: every "$ ./damson ..."
# line of README.md and docs/*.md, and every line of docs/*.md in a block of code that begins with "damson" or "$ damson". Each must
# exit 0, compare, replay, certify and fleet tune also as ones that found something. PROGRAM is a short one of this script's; a "damson record
# --pid ..." records a process of this script's for three seconds, into the document's directory. Left out is what needs a machine of
# its own or its kernel's DAMON: other recording, a service, hardware counters.
set -u
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
top=$PWD
work=$(mktemp -d)
sleep 3600 &
recorded=$!
trap 'kill $recorded; rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$top/damson" "$work/bin/damson"
printf '#!/bin/sh\ni=0\nwhile [ $i -lt 400000 ]; do i=$((i + 1)); done\nsleep 1\n' >"$work/bin/PROGRAM"
chmod +x "$work/bin/PROGRAM"
PATH=$work/bin:$PATH
export XDG_STATE_HOME=$work/state

# The directory of a document, with the traces that examples talk about.
prepare() {
    mkdir -p "$1"
    for entry in damson native testdata; do ln -s "$top/$entry" "$1/$entry"; done
    [ "$2" = README.md ] && return
    mkdir -p "$1/docs/gallery"
    for name in run before after A B A2 A3; do
        # Short, since replay takes as long as what it plays.
        damson slice testdata/stairs/tracefs.txt.gz --time 5s..12s -o "$1/$name.damson" -q || exit 1
        ln -s "$name.damson" "$1/$name"
    done
    echo "SELECT count(*) FROM snapshots;" >"$1/questions.sql"
    [ "$2" = docs/FLEET.md ] || return 0
    # Two hosts that differ, for what is asked of many.
    for host in 1 2; do
        mkdir -p "$1/traces/service=web/host=web$host/day=2026-11-30"
        damson slice testdata/stairs/tracefs.txt.gz --time "${host}s..8s" -q \
            -o "$1/traces/service=web/host=web$host/day=2026-11-30/run.damson" || exit 1
    done
}

examples() {
    if [ "$1" = README.md ]; then
        sed -n 's/^\$ \(\.\/damson .*\)$/\1/p' "$1"
    else
        awk '/^```/ { code = !code; next } code' "$1" |
            sed -n 's/^\$ \(\.\/damson .*\)$/\1/p; s/^\(\$ \)\{0,1\}\(damson [a-z].*\)$/\2/p'
    fi
}

# A line that records a running process, as one that anybody can run here.
of_ours() {
    sed -E "s/--pid [0-9]+/--pid $recorded/; s#/var/lib/damson#$1#; s#/dev/shm/damson#$1/ring#; s/--min-free [0-9A-Z]+/--min-free 1M/; s/\$/ --duration 3s/" <<<"$2"
}

ran=0
least=20
if [ $# = 0 ]; then set -- README.md docs/*.md; else least=1; fi
for document in "$@"; do
    [ -n "$(examples "$document")" ] || continue
    here=$work/$(basename "$document" .md)
    prepare "$here" "$document"
    while IFS= read -r line; do
        if [[ $line =~ ^damson\ record\ --pid\  ]]; then
            line=$(of_ours "$here" "$line")
        elif [[ $line =~ ^damson\ record\ .*--\ PROGRAM && ! $line =~ --source\ damon ]]; then
            : # as it stands, of ours of that name
        elif [ "$document" != README.md ] && [[ $line =~ ^damson\ (record|doctor|top)\ |--source\ damon ]]; then
            printf 'left %s: %s\n' "$document" "$line"
            continue
        fi
        ran=$((ran + 1))
        (cd "$here" && bash -c "$line" >out 2>err </dev/null)
        code=$?
        if [ $code = 0 ] || [[ $line =~ ^damson\ (compare|replay|certify|fleet\ tune) && $code =~ ^(1|6)$ ]]; then
            printf 'ok   %s: %s\n' "$document" "$line"
        else
            printf 'FAIL %s: %s\n' "$document" "$line"
            cat "$here/out" "$here/err"
            exit 1
        fi
    done < <(examples "$document")
done
[ "$ran" -ge $least ] || { echo "only $ran examples found"; exit 1; }
