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
"$jdk/bin/jlink" --add-modules "$modules" --strip-java-debug-attributes --no-man-pages --no-header-files \
    --dedup-legal-notices=error-if-not-same-content --output "$stage/runtime"
# The base of the archive that the first start makes, which needs one.
"$stage/runtime/bin/java" -Xshare:dump -XX:+UseSerialGC >/dev/null
chmod -R u+w,go+rX "$stage/runtime"

damson() { "$jdk/bin/java" -jar target/app/damson.jar "$@"; }
damson help --man "$stage/man" --force
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
