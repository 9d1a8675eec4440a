#!/bin/sh
# Makes what the packages hold and no Maven plugin makes: a trimmed Java runtime, stripped programs, manual pages,
# completions, the unit. Called by packaging/pom.xml with the JDK's home and the version; everything goes into target/stage.
set -eu
umask 022
cd "$(dirname "$0")"
jdk=$1
version=$2
stage=target/stage
rm -rf "$stage"
mkdir -p "$stage/native" "$stage/completions" "$stage/systemd" "$stage/man"

for program in accessgen libaccessgen.so damson-privileged; do
    strip --strip-unneeded -o "$stage/native/$program" "../native/build/$program"
done
chmod 644 "$stage/native/libaccessgen.so"
strip --strip-unneeded target/duckdb/libduckdb_java.so_linux_amd64

# The modules that any class of any jar refers to, also those that only a newer Java is given.
classes=target/classes-of-jars
modules=$("$jdk/bin/jdeps" --ignore-missing-deps -q -s "$classes" $(ls -d "$classes"/META-INF/versions/* 2>/dev/null) |
    awk '$2 == "->" && $3 ~ /^(java|jdk)\./ { print $3 }' | LC_ALL=C sort -u | paste -sd,)
[ -n "$modules" ] || { echo "stage.sh: jdeps found no modules" >&2; exit 1; }
# Apache Spark's, for who adds the fleet verbs, some of which it only names in strings.
modules=$modules,java.compiler,java.instrument,java.naming,java.rmi,java.scripting,java.security.jgss,java.security.sasl,jdk.security.auth
"$jdk/bin/jlink" --add-modules "$modules" --strip-java-debug-attributes --no-man-pages --no-header-files \
    --dedup-legal-notices=error-if-not-same-content --output "$stage/runtime"
# The base of the archive that the first start makes, which needs one. The same bytes from build to build: seen from one place, at
# fixed addresses, with one thread after the other (on one processor, each until it waits), and of a file of modules with the date that the
# packages give it. A page that has to be read from disk lets another thread in: the first of two that are alike is taken.
touch -d 2026-01-01T00:00:00Z "$stage/runtime/lib/modules"
cat >"$stage/dump.sh" <<'END'
set -eu
cd /
last=
for _ in 1 2 3 4 5 6; do
    rm -f "$1/lib/server/classes.jsa"
    env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 $2 "$1/bin/java" -Xshare:dump -XX:+UseSerialGC -Xint -Xrs \
        -XX:+DisableAttachMechanism -XX:-UsePerfData >/dev/null
    now=$(sha256sum <"$1/lib/server/classes.jsa")
    [ "$now" != "$last" ] || break
    last=$now
done
END
fixed="setarch -R taskset -c $(taskset -cp $$ | sed 's/.*: //; s/[-,].*//') chrt -f 1"
# shellcheck disable=SC2086
if unshare -m $fixed mount --bind "$stage/runtime" /mnt 2>/dev/null; then
    unshare -m sh -euc 'mount --bind "$1/runtime" /mnt; exec sh "$1/dump.sh" /mnt "$2"' sh "$stage" "$fixed"
else
    echo "stage.sh: takes root and mounts: the class-data archive differs from build to build" >&2
    sh "$stage/dump.sh" "$PWD/$stage/runtime" ""
fi
chmod -R u+w,go+rX "$stage/runtime"

damson() { "$jdk/bin/java" -jar target/app/damson.jar "$@"; }
damson help --man "$stage/man" --force --quiet
for page in "$stage"/man/*.1; do gzip -9 -n "$page"; done
for shell in bash zsh fish; do damson completion "$shell" >"$stage/completions/$shell"; done
sed 's|/opt/damson/damson|/usr/bin/damson|; s|file:///opt/damson/docs/OPERATIONS.md|man:damson-record(1)|' \
    systemd/damson-record.service >"$stage/systemd/damson-record.service"
{
    echo "damson ($version) unstable; urgency=low"
    echo
    echo "  * See CHANGELOG.md.gz."
    echo
    echo " -- damson developers <damson@damson.org>  Thu, 01 Jan 2026 00:00:00 +0000"
} | gzip -9 -n >"$stage/changelog.gz"
gzip -9 -n <../CHANGELOG.md >"$stage/CHANGELOG.md.gz"
