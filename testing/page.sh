#!/usr/bin/env bash
# Opens pages of "report html" in headless Chromium, or with the word "firefox" in Firefox, and uses them as a reader does, by mouse and by
# keys: PageBrowserIT, PagePhasesIT. As root it installs the distribution's packages where they are missing; without them it fails.
set -euo pipefail
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."

browser=${1:-chromium}
case $browser in
    chromium) programs="chromium chromedriver" packages="chromium chromium-driver" ;;
    firefox) programs=firefox-esr packages=firefox-esr ;;
    *) echo "usage: testing/page.sh [chromium|firefox]" >&2; exit 2 ;;
esac
for program in $programs; do
    if ! command -v "$program" >/dev/null; then
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            echo "installing $packages"
            apt-get update -qq
            # shellcheck disable=SC2086
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
        else
            echo "testing/page.sh needs $packages: sudo apt-get install $packages" >&2
            exit 4
        fi
    fi
done
mvn -q -B -ntp verify -pl cli -am -Dspotless.check.skip -Dtest='Page*IT' -Dsurefire.failIfNoSpecifiedTests=false "-Ddamson.test.browser=$browser"
# Nothing that skipped itself has been shown.
for test in PageBrowserIT PagePhasesIT; do
    grep -E 'Tests run: [1-9][0-9]*, Failures: 0, Errors: 0, Skipped: 0' "cli/target/surefire-reports/org.damson.cli.whatif.$test.txt"
done
