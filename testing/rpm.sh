#!/usr/bin/env bash
# Builds an RPM of what packaging/target/damson_*.deb holds and installs, runs, upgrades and erases it in a Debian root that has a Java
# and rpm. Run by hand, as root, after mvn -Pdist package. Needs debootstrap and Debian's rpm, installs what is missing.
set -euo pipefail
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "testing/rpm.sh: needs root for its chroot" >&2; exit 4; }
version=$(sed -n 's|^  <version>\(.*\)</version>|\1|p' pom.xml | head -1)
deb=packaging/target/damson_${version}_amd64.deb
suite=${DAMSON_DEBIAN_SUITE:-bookworm}
mirror=${DAMSON_DEBIAN_MIRROR:-http://deb.debian.org/debian}
tools=
for tool in debootstrap rpmbuild; do command -v "$tool" >/dev/null || tools="$tools ${tool%build}"; done
# shellcheck disable=SC2086
[ -z "$tools" ] || { apt-get update -qq && apt-get install -y -qq --no-install-recommends $tools >/dev/null; }
work=$(mktemp -d)
cleanup() {
    for mounted in proc .; do umount "$work/root/$mounted" 2>/dev/null || true; done
    rm -rf --one-file-system "$work"
}
trap cleanup EXIT
. testing/expect.sh

dpkg-deb -x "$deb" "$work/content"
rpmbuild -bb --quiet --define "_topdir $work/rpm" --define "content $work/content" --define "version $version" packaging/rpm.spec
rpm=$(echo "$work"/rpm/RPMS/x86_64/damson-"$version"-1.x86_64.rpm)
cp "$rpm" packaging/target/
ok "built $(basename "$rpm"), $(($(stat -c %s "$rpm") >> 20)) MiB"

debootstrap --variant=minbase --include=default-jre-headless,rpm "$suite" "$work/root" "$mirror" >"$work/said" 2>&1 || { tail -5 "$work/said"; exit 1; }
mount --bind "$work/root" "$work/root"
mount -t proc proc "$work/root/proc"
in_root() { chroot "$work/root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"; }
cp "$rpm" "$work/root/tmp/damson.rpm"
cp -r testdata/stairs "$work/root/"
# Debian's Java is in dpkg's list, not in rpm's.
expect "installed" 0 in_root rpm -i --nodeps /tmp/damson.rpm
expect "runs" 0 in_root damson --version
says "its version" "^damson $version\$"
expect "import" 0 in_root damson import /stairs/tracefs.txt.gz -o /tmp/s.damson
expect "report" 0 in_root damson report wss /tmp/s.damson
says "with a result" 'target'
expect "rpm finds its files as they were" 0 in_root rpm -V --nodeps damson
echo "DAMSON_SOURCE=--pid 1" >>"$work/root/etc/damson/record.conf"
expect "installed again" 0 in_root rpm -U --nodeps --replacepkgs /tmp/damson.rpm
expect "settings are kept" 0 grep -q 'pid 1' "$work/root/etc/damson/record.conf"
mkdir -p "$work/root/var/lib/damson/traces/x.damson"
expect "erased" 0 in_root rpm -e damson
expect "nothing but settings and traces stay" 1 sh -c "find '$work/root/usr' -name '*damson*' | grep ."
expect "traces stay" 0 test -d "$work/root/var/lib/damson/traces/x.damson"
outcome
