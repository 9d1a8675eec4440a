#!/usr/bin/env bash
# Runs every "$ ./damson ..." line of README.md, in order, in a directory of its own: each must exit 0.
set -u
cd "$(dirname "$0")/.."
top=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for entry in damson native testdata; do ln -s "$top/$entry" "$work/$entry"; done
cd "$work" || exit 1
ran=0
while IFS= read -r line; do
    ran=$((ran + 1))
    if ! bash -c "$line" >out 2>err </dev/null; then
        printf 'FAIL %s\n' "$line"
        cat out err
        exit 1
    fi
    printf 'ok   %s\n' "$line"
done < <(sed -n 's/^\$ \(\.\/damson .*\)$/\1/p' "$top/README.md")
[ "$ran" -ge 8 ] || { echo "only $ran lines found in README.md"; exit 1; }
