#!/usr/bin/env bash
# Checks exports for profilers by the schemas as their authors publish them: every recording in testdata that has call stacks, for
# speedscope by the schema in its npm package; and the fields by which PublicSchemaTest decodes exports for pprof by profile.proto of
# Debian's golang-github-google-pprof-dev. No package registry has Perfetto's: it is compared with a copy, if one is named.
#
#   testing/schemas.sh [perfetto_trace.proto]
#
# Needs npm, apt-get and dpkg-deb; nothing is installed.
set -euo pipefail
perfetto=${1:+$(readlink -f "$1")}
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" ${perfetto:+"$perfetto"}
cd "$(dirname "$0")/.."
top=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for program in npm apt-get dpkg-deb; do
    command -v "$program" >/dev/null || { echo "testing/schemas.sh needs $program" >&2; exit 4; }
done

cd "$work"
npm pack --silent speedscope@1.25.0 >/dev/null
tar -xzf speedscope-*.tgz package/dist/release/file-format-schema.json
# Who downloads is another user, where root calls.
chmod 755 "$work"
apt-get -qq download golang-github-google-pprof-dev 2>/dev/null || { apt-get update -qq && apt-get -qq download golang-github-google-pprof-dev; }
dpkg-deb -x golang-github-google-pprof-dev_*.deb pprof
cd "$top"

fields=cli/src/test/resources/org/damson/cli/trace
testing/schema-fields.py "$fields/pprof.fields" "$work/pprof/usr/share/gocode/src/github.com/google/pprof/proto/profile.proto"
[ -z "$perfetto" ] || testing/schema-fields.py "$fields/perfetto.fields" "$perfetto"
mvn -q -B -ntp verify -pl cli -am -Dspotless.check.skip -Dtest=PublicSchemaTest -Dsurefire.failIfNoSpecifiedTests=false \
    "-Ddamson.test.speedscope=$work/package/dist/release/file-format-schema.json"
grep -E 'Tests run: [1-9][0-9]*, Failures: 0, Errors: 0, Skipped: 0' cli/target/surefire-reports/org.damson.cli.trace.PublicSchemaTest.txt
