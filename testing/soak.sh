#!/usr/bin/env bash
# A recording at a steady rate for MINUTES (30), PER_SECOND (10) snapshots of REGIONS (1000): a series of traces of SECONDS (60)
# each, of which three are kept; short ones rotate in an hour as often as others in days. One line a minute, see SoakRecording;
# the options of Java are those that ./damson records with.
# Usage: testing/soak.sh [MINUTES [PER_SECOND [REGIONS [SECONDS]]]]; needs the module built with its tests (mvn test-compile).
set -eu
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jars=$(find cli/target/lib -name '*.jar' ! -name 'damson-*' | tr '\n' ':')
# What ./damson gives a recorder.
flags=$(sh -c "flags=; $(sed -n '/^case ${1:-} in$/,/^esac$/p' packaging/launch.sh)
printf %s \"\$flags\"" damson record)
[ -n "$flags" ] || { echo "soak: no options of a recorder in packaging/launch.sh any more" >&2; exit 1; }
MALLOC_ARENA_MAX=1 java -XX:+UseSerialGC $flags --add-opens=java.base/java.nio=ALL-UNNAMED \
    -cp "recorder/target/classes:recorder/target/test-classes:formats/target/classes:$jars" \
    org.damson.recorder.SoakRecording "$work/series" "${1:-30}" "${2:-10}" "${3:-1000}" "${4:-60}"
echo "traces kept: $(ls -d "$work"/series/*.damson | wc -l), $(du -sk "$work/series" | cut -f1) KiB"
