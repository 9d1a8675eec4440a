#!/usr/bin/env bash
# Builds the packages and tries them in fresh Debian roots: the archive where there is no Java, the Debian packages through
# install, run, upgrade under a recorder and with a full disk, remove and purge; then lintian and the manual. Sizes, licences and the SBOM are checked by the build itself
# (packaging/check.sh). Run by hand, as root; DAMSON_DEBIAN_SUITE names the release (stable, testing, bookworm); DAMSON_DEBIAN_EXPIRED=1 takes a mirror whose copy of it is older than Debian allows.
# usage: testing/dist.sh [--built]   (--built: tries what is in packaging/target already)
# Needs debootstrap, lintian, mandoc and groff, installs what is missing. Everything runs with /sys read-only.
set -euo pipefail
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
top=$PWD
[ "$(id -u)" = 0 ] || { echo "testing/dist.sh: needs root for its chroots" >&2; exit 4; }
mirror=${DAMSON_DEBIAN_MIRROR:-http://deb.debian.org/debian}
suite=${DAMSON_DEBIAN_SUITE:-stable}
version=$(sed -n 's|^  <version>\(.*\)</version>|\1|p' pom.xml | head -1)
target=packaging/target
. testing/expect.sh

work=$(mktemp -d)
cleanup() {
    kill ${recorder:-} ${accessed:-} 2>/dev/null || true
    for root in "$work/bare" "$work/deb"; do
        for mounted in proc sys mnt tmp usr/lib/damson usr .; do umount "$root/$mounted" 2>/dev/null || true; done
    done
    rm -rf --one-file-system "$work"
}
trap cleanup EXIT

tools=
for tool in debootstrap lintian mandoc groff; do command -v "$tool" >/dev/null || tools="$tools $tool"; done
# shellcheck disable=SC2086
[ -z "$tools" ] || { apt-get update -qq && apt-get install -y -qq --no-install-recommends $tools >/dev/null; }
[ "${1:-}" = --built ] || mvn -q -B -ntp -Dquick -Pdist package

# prepare ROOT: a minimal Debian with a /proc, and a /sys that nobody can write to.
prepare() {
    cp -a "$work/root" "$1"
    # Java asks of a directory which mount it is on, and finds none in a root that is no mount.
    mount --bind "$1" "$1"
    mount -t proc proc "$1/proc"
    mount --bind -o ro /sys "$1/sys" && mount -o remount,bind,ro "$1/sys"
}
in_root() { chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "${@:2}"; }
if [ -n "${DAMSON_DEBIAN_ROOT:-}" ]; then
    cp -a "$DAMSON_DEBIAN_ROOT" "$work/root"
else
    debootstrap --variant=minbase "$suite" "$work/root" "$mirror" >"$work/said" 2>&1 || { tail -5 "$work/said"; exit 1; }
fi
[ -z "${DAMSON_DEBIAN_EXPIRED:-}" ] || echo 'Acquire::Check-Valid-Until "false";' >"$work/root/etc/apt/apt.conf.d/99expired"

echo "== the archive, without Java"
bare=$work/bare
prepare "$bare"
mkdir -p "$bare/opt" "$bare/data" "$bare/home/some one"
tar -xzf "$target/damson-$version-linux-amd64.tar.gz" -C "$bare/opt"
cp -r testdata/stairs testdata/perf-stacks "$bare/data/"
home=/opt/damson-$version
expect "no Java there" 127 in_root "$bare" java -version
expect "version" 0 in_root "$bare" $home/damson --version
says "its version" "^damson $version\$"
expect "no file was written where it lies" 0 sh -c "! find '$bare$home' -newer '$work/said' -type f | grep ."
expect "import" 0 in_root "$bare" $home/damson import /data/stairs/tracefs.txt.gz -o /data/s.damson
expect "verify" 0 in_root "$bare" $home/damson verify /data/s.damson
expect "report" 0 in_root "$bare" $home/damson report wss /data/s.damson
expect "record a command of its own" 0 in_root "$bare" $home/damson record --source referenced -o /data/r.damson -- \
    $home/native/accessgen run $home/native/configs/stairs.cfg
expect "what it recorded is whole" 0 in_root "$bare" $home/damson verify /data/r.damson
expect "sql without DuckDB" 4 in_root "$bare" $home/damson sql /data/s.damson -c "select 1"
says "what is missing is said" 'damson-sql'
tar -xzf "$target/damson-sql-$version-linux-amd64.tar.gz" -C "$bare/opt"
expect "sql with it" 0 in_root "$bare" $home/damson sql /data/s.damson -c "select count(*) from regions"
expect "fleet verbs without Spark" 4 in_root "$bare" $home/damson fleet report /data
says "what is missing is said" 'damson-fleet'
if [ -f "$target/damson-fleet-$version.tar.gz" ]; then
    tar -xzf "$target/damson-fleet-$version.tar.gz" -C "$bare/opt"
    expect "fleet verbs with it" 0 in_root "$bare" $home/damson fleet report /data
    says "with a result" 'all traces'
    rm -rf "$bare$home/fleet"
fi
expect "what to do next" 2 in_root "$bare" $home/damson
cp "$work/said" "$work/next"
expect "in five lines" 0 test "$(wc -l <"$work/next")" = 5
expect "which a shell finds" 0 in_root "$bare" sh -c "$(sed -n '5s/#.*//p' "$work/next")"
expect "lines that would enable the rest" 0 in_root "$bare" $home/damson doctor --fix
says "are for root's shell" '^apt-get install libdw1$'
cp "$work/said" "$bare/data/fixes"
expect "which has no sudo" 1 grep -q '^[^#]*sudo' "$bare/data/fixes"
expect "and reads them" 0 in_root "$bare" sh -n /data/fixes
in_root "$bare" $home/damson doctor >"$work/able" 2>&1
expect "with /sys read-only no kernel DAMON is promised" 1 grep '^yes  record --source damon' "$work/able"
expect "symbolize without libdw" 4 in_root "$bare" $home/damson symbolize /data/perf-stacks/stacks.perf.data.gz -o /data/n.damson
says "what is missing is said" 'libdw1'
expect "the line that adds it" 0 in_root "$bare" sh -c "apt-get update && apt-get install -y --no-install-recommends libdw1"
expect "adds it" 0 in_root "$bare" $home/damson symbolize /data/perf-stacks/stacks.perf.data.gz -o /data/n.damson
echo "== two versions of the archive side by side, in a home, with /usr read-only"
mkdir -p "$bare/home/one"
cp -a "$bare$home" "$bare/home/one/newer"
# Another version's jars are others.
for jar in "$bare"/home/one/newer/lib/*.jar; do touch -d '2001-01-01' "$jar"; done
mount --bind "$bare/usr" "$bare/usr" && mount -o remount,bind,ro "$bare/usr"
expect "/usr takes nothing" 1 in_root "$bare" touch /usr/x
for turn in 1 2; do
    for version_at in $home /home/one/newer; do
        expect "$version_at, turn $turn" 0 in_root "$bare" env HOME=/home/one $version_at/damson report wss /data/s.damson
        says "with a result" 'target'
    done
done
expect "each has its own archive of classes" 0 test "$(find "$bare/home/one/.cache/damson" -name '*.jsa' -o -name '*.aot' | wc -l)" = 2
for version_at in $home /home/one/newer; do
    expect "and starts from it" 0 in_root "$bare" env HOME=/home/one DAMSON_JAVA_OPTS="-Xshare:on" $version_at/damson --version
done
umount "$bare/usr"
mv "$bare$home" "$bare/home/some one/damson"
home="/home/some one/damson"
expect "moved to a directory with a space" 0 in_root "$bare" "$home/damson" report wss /data/s.damson
# Names that URLs, shells or Java read as something else: with them it works, or says in one line why not.
for odd in 'ü %20#?+' "it's \$HOME"; do
    mkdir "$bare/home/$odd" && cp -al "$bare$home" "$bare/home/$odd/damson"
    expect "from a directory called $odd" 0 in_root "$bare" "/home/$odd/damson/damson" report wss /data/s.damson
    says "with a result" 'target'
done
for odd in 'a:b' 'wow!' "$(printf 'l\344t')"; do
    mkdir "$bare/home/$odd" && cp -al "$bare$home" "$bare/home/$odd/damson"
    expect "not from one called $(printf %q "$odd")" 4 in_root "$bare" "/home/$odd/damson/damson" report wss /data/s.damson
    says "which it says" 'Java (does not run|runs nothing) below a directory'
done
mkdir -p "$bare/mnt"
mount --bind "$bare/home/some one/damson" "$bare/mnt" && mount -o remount,bind,ro "$bare/mnt"
expect "from a read-only place" 0 in_root "$bare" /mnt/damson report wss /data/s.damson
says "with a result" 'target'
expect "without a home" 0 in_root "$bare" env -u HOME /mnt/damson --version
expect "with a home that is not writable" 0 in_root "$bare" env HOME=/proc /mnt/damson --version
expect "as nobody" 0 chroot --userspec=65534:65534 "$bare" /usr/bin/env -i PATH=/usr/bin:/bin /mnt/damson --version
expect "class-data archive made in the cache" 0 sh -c "ls '$bare'/root/.cache/damson/*.jsa || ls '$bare'/root/.cache/damson/*.aot"
expect "and used" 0 in_root "$bare" env DAMSON_JAVA_OPTS="-Xshare:on" /mnt/damson --version
umount "$bare/mnt"
# What cannot hold a cache is none; where programs may not be mapped, the library is unpacked anew.
rm -rf "$bare/root/.cache" && mkdir "$bare/root/.cache" && : >"$bare/root/.cache/damson"
expect "a file where the cache would be" 0 in_root "$bare" "$home/damson" report wss /data/s.damson
says "with a result" 'target'
rm -rf "$bare/root/.cache"
mount -t tmpfs -o size=64m,mode=700,noexec tmpfs "$bare/mnt"
for start in first second; do
    expect "a cache without programs, $start start" 0 in_root "$bare" env XDG_CACHE_HOME=/mnt "$home/damson" report wss /data/s.damson
    says "with a result" 'target'
done
umount "$bare/mnt"
mount -t tmpfs -o size=1m,mode=1777,ro tmpfs "$bare/tmp"
expect "no cache and a /tmp that is read-only" 4 in_root "$bare" env -u HOME "$home/damson" report wss /data/s.damson
cp "$work/said" "$work/lines"
expect "which one line says" 0 test "$(wc -l <"$work/lines")" = 1
umount "$bare/tmp"
# A cache that fills up while something is left there for later starts: nothing half-written is taken for whole.
for kib in 4 512 4096 16384; do
    mount -t tmpfs -o size=${kib}k,mode=700 tmpfs "$bare/mnt"
    for start in first second third; do
        expect "a cache of $kib KiB, $start start" 0 in_root "$bare" env XDG_CACHE_HOME=/mnt "$home/damson" report wss /data/s.damson
        says "with a result" 'target'
    done
    expect "nothing unfinished stays there" 1 sh -c "find '$bare/mnt' -name '[0-9]*.[0-9]*' | grep ."
    umount "$bare/mnt"
done

echo "== the Debian packages"
deb=$work/deb
prepare "$deb"
cp "$target/damson_${version}_amd64.deb" "$target/damson-sql_${version}_amd64.deb" "$deb/tmp/"
cp -r testdata/stairs "$deb/"
expect "apt update" 0 in_root "$deb" apt-get update
expect "Java" 0 in_root "$deb" apt-get install -y --no-install-recommends default-jre-headless
# Every file but what apt and dpkg write down, and what a user has in a home or leaves in /tmp.
files() {
    find "$deb" -xdev \( -path "$deb/var/lib/dpkg" -o -path "$deb/var/lib/apt" -o -path "$deb/var/cache" -o -path "$deb/var/log" -o -path "$deb/root" \
        -o -path "$deb/tmp" -o -path "$deb/proc" -o -path "$deb/sys" -o -path "$deb/dev" \) -prune -o -print | sed "s|^$deb||" | LC_ALL=C sort
}
files >"$work/before"
expect "apt install" 0 in_root "$deb" apt-get install -y --no-install-recommends "/tmp/damson_${version}_amd64.deb" "/tmp/damson-sql_${version}_amd64.deb"
expect "version" 0 in_root "$deb" damson --version
expect "import" 0 in_root "$deb" damson import /stairs/tracefs.txt.gz -o /tmp/s.damson
expect "demo without fonts" 0 in_root "$deb" sh -c "cd /tmp && damson demo"
expect "what it recommends" 0 in_root "$deb" apt-get install -y --no-install-recommends fontconfig fonts-dejavu-core libfreetype6 libharfbuzz0b liblcms2-2
expect "a picture" 0 in_root "$deb" damson report heatmap /tmp/s.damson --output /tmp/s.png
expect "a page" 0 in_root "$deb" damson report html /tmp/s.damson --output /tmp/s.html
expect "sql" 0 in_root "$deb" damson sql /tmp/s.damson -c "select count(*) from regions"
expect "the unit is there" 0 test -f "$deb/usr/lib/systemd/system/damson-record.service"
expect "and starts what is there" 0 sh -c "test -x '$deb'\$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' '$deb/usr/lib/systemd/system/damson-record.service')"
expect "it is not enabled" 1 sh -c "find '$deb/etc/systemd' -name 'damson*' | grep ."
expect "a page of the manual for each verb" 0 sh -c "for v in record report-wss import sql; do gzip -t '$deb'/usr/share/man/man1/damson-\$v.1.gz || exit 1; done"
expect "bash completion" 0 bash -n "$deb/usr/share/bash-completion/completions/damson"
mkdir -p "$deb/old/bin" && ln -s /bin/false "$deb/old/bin/java.real" && cp "$deb/bin/false" "$deb/old/bin/java"
printf 'JAVA_VERSION="11.0.2"\n' >"$deb/old/release"
expect "too old a Java" 4 in_root "$deb" env JAVA_HOME=/old damson --version
says "is said in one line" 'Java 11.0.2; damson needs 17'
# Java 8 of some packagers has no such file, and a script that starts a Java has none either.
rm "$deb/old/release"
printf '#!/bin/sh\n[ "$1" = -version ] && echo "openjdk version \\"1.8.0_392\\"" >&2\n' >"$deb/old/bin/java"
expect "too old a Java that only says so itself" 4 in_root "$deb" env JAVA_HOME=/old damson --version
says "is said in one line" 'Java 1.8.0_392; damson needs 17'
printf '#!/bin/sh\nexec /usr/bin/java "$@"\n' >"$deb/old/bin/java"
expect "a script that starts a Java" 0 in_root "$deb" env JAVA_HOME=/old damson --version
rm -r "$deb/old"
cp -al "$deb/usr/lib/damson" "$deb/root/a:b"
expect "from a directory with a colon, on a Java elsewhere" 0 in_root "$deb" /root/a:b/damson report wss /tmp/s.damson
says "with a result" 'target'
rm -r "$deb/root/a:b"
expect "nothing was written under /usr" 1 sh -c "find '$deb/usr/lib/damson' -name '*.jsa*' | grep ."
echo "DAMSON_SOURCE=--pid 1" >>"$deb/etc/damson/record.conf"
expect "installed again" 0 in_root "$deb" apt-get install -y --reinstall "/tmp/damson_${version}_amd64.deb"
expect "settings are kept" 0 grep -q 'pid 1' "$deb/etc/damson/record.conf"
echo "== an upgrade, while it records and with a full disk"
for package in damson damson-sql; do testing/newer-deb.sh "$target/${package}_${version}_amd64.deb" "$deb/tmp/newer-$package.deb"; done
# As the unit makes it.
mkdir -m 700 "$deb/var/lib/damson"
chroot "$deb" /usr/lib/damson/native/accessgen run --repeat 1000 /usr/share/doc/damson/examples/stairs.cfg >/dev/null 2>&1 &
accessed=$!
chroot "$deb" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/root damson record --quiet --rotate 3s --retain 1h -o /var/lib/damson/traces --pid $accessed >"$work/recorder" 2>&1 &
recorder=$!
for _ in $(seq 600); do [ ! -d "$deb/var/lib/damson/traces" ] || break; sleep 0.1; done
expect "a recorder began" 0 sh -c "cat '$work/recorder'; ls '$deb/var/lib/damson/traces' && kill -0 $recorder $accessed"
# A disk with room for a fifth of the new version.
lib=$deb/usr/lib/damson
cp -a "$lib" "$work/lib"
mount -t tmpfs -o size=$(($(du -sk "$lib" | cut -f 1) * 12 / 10))k tmpfs "$lib" && cp -a "$work/lib/." "$lib/"
expect "an upgrade with a full disk fails" 1 in_root "$deb" dpkg -i /tmp/newer-damson.deb /tmp/newer-damson-sql.deb
says "for that reason" 'No space left on device'
expect "the version that was there works" 0 in_root "$deb" damson report wss /tmp/s.damson
expect "nothing of the other is left" 1 sh -c "find '$lib' -name '*newer*' -o -name '*.dpkg-new' | grep ."
umount "$lib"
expect "the upgrade" 0 in_root "$deb" dpkg -i /tmp/newer-damson.deb /tmp/newer-damson-sql.deb
expect "the old version's jars are gone" 1 sh -c "find '$lib/lib' -name 'parquet-*' | grep ."
cp "$work/recorder" "$work/said"
expect "the recorder goes on" 0 sh -c "cat '$work/recorder'; kill -0 $recorder"
sleep 8
kill -TERM $recorder || true
status=0
wait $recorder || status=$?
cp "$work/recorder" "$work/said"
expect "it ends at the signal, without a loss" 143 sh -c "cat '$work/recorder'; exit $status"
kill $accessed
expect "it recorded before and after" 0 sh -c "test \$(ls -d '$deb'/var/lib/damson/traces/*.damson | wc -l) -ge 3"
for trace in "$deb"/var/lib/damson/traces/*.damson; do
    expect "${trace##*/} is whole" 0 in_root "$deb" damson verify "${trace#"$deb"}"
    expect "and sealed" 0 grep -q '"state" *: *"sealed"' "$trace/manifest.json"
done
expect "the new version answers" 0 in_root "$deb" damson sql /tmp/s.damson -c "select count(*) from regions"

echo "== removing"
expect "apt remove" 0 in_root "$deb" apt-get remove -y damson damson-sql
expect "only settings stay" 1 sh -c "find '$deb/usr' -name '*damson*' | grep ."
expect "settings stay" 0 test -f "$deb/etc/damson/record.conf"
expect "apt purge" 0 in_root "$deb" apt-get purge -y damson damson-sql
# What was recommended goes too, of which what stays is fontconfig's.
in_root "$deb" apt-get purge -y fontconfig fontconfig-config fonts-dejavu-core >/dev/null 2>&1
in_root "$deb" apt-get autoremove -y --purge >/dev/null 2>&1
files >"$work/after"
# What other packages brought stays until these go.
cat "$deb"/var/lib/dpkg/info/*.list | LC_ALL=C sort -u >"$work/owned"
LC_ALL=C comm -13 "$work/before" "$work/after" | LC_ALL=C comm -23 - "$work/owned" >"$work/left"
cp "$work/left" "$work/said"
expect "traces alone are left" 1 grep -v '^/var/lib/damson\(/traces\(/.*\)\{0,1\}\)\{0,1\}$' "$work/left"
expect "and they are" 0 grep -q '^/var/lib/damson/traces/.*/regions-000000.parquet$' "$work/left"

echo "== a first installation with a full disk"
mkdir -p "$lib"
mount -t tmpfs -o size=4m tmpfs "$lib"
expect "fails" 1 in_root "$deb" dpkg -i "/tmp/damson_${version}_amd64.deb"
says "for that reason" 'No space left on device'
expect "no command is left" 1 test -e "$deb/usr/bin/damson"
umount "$lib"
expect "with room it works" 0 in_root "$deb" dpkg -i "/tmp/damson_${version}_amd64.deb"
expect "as ever" 0 in_root "$deb" damson --version
expect "and is purged" 0 in_root "$deb" apt-get purge -y damson

echo "== lintian, manual pages"
expect "lintian without errors" 0 lintian --allow-root --fail-on error "$target/damson_${version}_amd64.deb" "$target/damson-sql_${version}_amd64.deb"
cp "$work/said" "$target/lintian.log"
expect "mandoc finds no error in the pages" 0 sh -c "for p in '$top/$target'/stage/man/*.gz; do gzip -dc \$p | mandoc -Tlint -W error || exit 1; done"
expect "groff warns of nothing in them" 1 sh -c "for p in '$top/$target'/stage/man/*.gz; do gzip -dc \$p | LC_ALL=C.UTF-8 groff -man -Tutf8 -ww -z 2>&1; done | grep ."

outcome
