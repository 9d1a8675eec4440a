#!/usr/bin/env bash
# Opens pages of "report html" in headless Chromium and uses them as a reader does, by mouse and by keys: PageBrowserIT.
# As root it installs the distribution's chromium and chromium-driver where they are missing; without them it fails.
set -euo pipefail
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."

if ! command -v chromium >/dev/null || ! command -v chromedriver >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing chromium and chromium-driver"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium chromium-driver >/dev/null
    else
        echo "testing/page.sh needs chromium and chromium-driver: sudo apt-get install chromium chromium-driver" >&2
        exit 4
    fi
fi
mvn -q -B -ntp verify -pl cli -am -Dspotless.check.skip -Dtest=PageBrowserIT -Dsurefire.failIfNoSpecifiedTests=false
# Nothing that skipped itself has been shown.
report=cli/target/surefire-reports/org.damson.cli.whatif.PageBrowserIT.txt
grep -E 'Tests run: [1-9][0-9]*, Failures: 0, Errors: 0, Skipped: 0' "$report"
