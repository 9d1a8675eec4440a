#!/usr/bin/env bash
# Makes the pictures of docs/GALLERY.md and docs/GALLERY-MORE.md anew: runs every "$ ./damson ..." line of them.
set -eu
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
mkdir -p docs/gallery
rm -rf stairs-stacks.damson # which a line makes
while IFS= read -r line; do
    echo "$line"
    bash -c "$line" </dev/null
done < <(sed -n 's/^\$ \(\.\/damson .*\)$/\1/p' docs/GALLERY.md docs/GALLERY-MORE.md)
