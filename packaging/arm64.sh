#!/usr/bin/env bash
# Makes the Debian packages of arm64 of those of amd64 that "mvn -Pdist package" left in packaging/target: the same jars, scripts and
# pages; what is native is arm64's: damson's own programs, cross-built, and the libraries of zstd and DuckDB, as their projects publish them.
# Run by hand; needs what testing/arm64.sh needs. The same packages give the same bytes.
# usage: packaging/arm64.sh VERSION
set -euo pipefail
[ $# = 1 ] || { echo "usage: packaging/arm64.sh VERSION" >&2; exit 2; }
cd "$(dirname "$0")/.."
version=$1
target=$PWD/packaging/target
triple=aarch64-linux-gnu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for package in damson damson-sql; do
    [ -f "$target/${package}_${version}_amd64.deb" ] || { echo "packaging/arm64.sh: no ${package}_${version}_amd64.deb: mvn -Pdist package makes it" >&2; exit 3; }
done
testing/arm64.sh "$work/native"
for artifact in "com.github.luben:zstd-jni:$(sed -n 's|.*<zstd.version>\(.*\)</.*|\1|p' pom.xml):jar:linux_aarch64" \
    "org.duckdb:duckdb_jdbc:$(sed -n 's|.*<duckdb.version>\(.*\)</.*|\1|p' pom.xml)"; do
    mvn -q -B -ntp -N dependency:copy -Dartifact="$artifact" -DoutputDirectory="$work/jars"
done

for package in damson damson-sql; do
    tree=$work/$package
    dpkg-deb -R "$target/${package}_${version}_amd64.deb" "$tree"
    home=$tree/usr/lib/damson
    sed -i 's/^Architecture: amd64$/Architecture: arm64/' "$tree/DEBIAN/control"
    case $package in
    damson)
        for program in accessgen libaccessgen.so damson-privileged; do
            $triple-strip --strip-unneeded -o "$home/native/$program" "$work/native/$program"
        done
        chmod 644 "$home/native/libaccessgen.so"
        zstd=$(basename "$work"/jars/zstd-jni-*.jar)
        cp "$work/jars/$zstd" "$home/lib/${zstd%-linux_aarch64.jar}.jar"
        # The SBOM has that jar's platform and checksums.
        python3 - "$tree/usr/share/doc/damson/damson-$version.cdx.json" "$work/jars/$zstd" <<'P'
import hashlib, json, sys
path, jar = sys.argv[1:]
sbom = json.load(open(path))
data = open(jar, "rb").read()
changed = 0
for c in sbom["components"]:
    if c["name"] == "zstd-jni":
        changed += 1
        for h in c["hashes"]:
            h["content"] = hashlib.new(h["alg"].replace("SHA-", "sha").replace("sha3-", "sha3_").lower(), data).hexdigest()
assert changed == 1, changed
text = json.dumps(sbom, indent=2).replace("linux_amd64", "linux_aarch64")
open(path, "w").write(text + "\n")
P
        ;;
    damson-sql)
        rm "$home/lib/libduckdb_java.so_linux_amd64"
        unzip -q -o "$work"/jars/duckdb_jdbc-*.jar libduckdb_java.so_linux_arm64 -d "$home/lib"
        $triple-strip --strip-unneeded "$home/lib/libduckdb_java.so_linux_arm64"
        chmod 644 "$home/lib/libduckdb_java.so_linux_arm64"
        ;;
    esac
    # Of the other processor there is nothing.
    find "$tree" -type f | LC_ALL=C sort | while read -r file; do
        if readelf -h "$file" 2>/dev/null | grep -q X86-64; then echo "packaging/arm64.sh: ${file#"$tree"} is for amd64" >&2; exit 1; fi
    done
    (cd "$tree" && find . -type f ! -path './DEBIAN/*' ! -path './etc/*' -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' md5sum >DEBIAN/md5sums)
    size=$(du -sk --apparent-size --exclude=DEBIAN "$tree" | cut -f 1)
    sed -i "s/^Installed-Size: .*/Installed-Size: $size/" "$tree/DEBIAN/control"
    find "$tree" -exec touch -h -d 2026-01-01T00:00:00Z {} +
    SOURCE_DATE_EPOCH=1767225600 dpkg-deb --root-owner-group -Zgzip -b "$tree" "$target/${package}_${version}_arm64.deb" >/dev/null
    echo "made ${package}_${version}_arm64.deb"
done
packaging/sums.sh
