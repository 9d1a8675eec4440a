#!/usr/bin/env bash
# Makes the pictures of docs/GALLERY.md anew: runs every "$ ./damson ..." line of it.
set -eu
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
mkdir -p docs/gallery
rm -rf stairs-stacks.damson # which a line makes
while IFS= read -r line; do
    echo "$line"
    bash -c "$line" </dev/null
done < <(sed -n 's/^\$ \(\.\/damson .*\)$/\1/p' docs/GALLERY.md)
