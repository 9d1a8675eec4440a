#!/bin/sh
# Writes the checksums of all that was packed, for who downloads it: sha256sum -c SHA256SUMS.
set -eu
cd "$(dirname "$0")/target"
ls | LC_ALL=C grep -E '^damson[-_].*\.(tar|tar\.gz|deb|json)$' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS
