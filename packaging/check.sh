#!/bin/sh
# What a distribution must be like, checked on what was just made; called by packaging/pom.xml with the JDK's home and the version. The SBOM lists every
# jar on the class path and nothing else, each jar has a licence, no file is larger than it may be.
set -eu
cd "$(dirname "$0")/target"
jdk=$1
version=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { printf 'packaging/check.sh: %s\n' "$*" >&2; exit 1; }
export LC_ALL=C

# The jars that an SBOM lists, without damson.jar itself, which is no library.
listed() {
    sed -nE 's|^ *"purl" : "pkg:maven/[^/]*/([^@]*)@([^?]*)\?.*|\1-\2.jar|p' "$1-$version.cdx.json" |
        grep -v -e "^damson-packaging-" -e "^damson-cli-" | sort -u
}
# The same jars are in the archive, in the Debian package and where Java looks for them.
same() { # SBOM WHAT: differ from the standard input
    diff "$work/$1.sbom" - >"$work/differ" || { cat "$work/differ" >&2; fail "the SBOM of $1 (<) and the jars of $2 (>) differ"; }
}
for package in damson damson-sql; do
    listed "$package" >"$work/$package.sbom"
    tar -tzf "$package-$version-linux-amd64.tar.gz" | sed -n 's|^damson-[^/]*/lib/\(.*\.jar\)$|\1|p' | sort | same "$package" "its archive"
    # Without Debian's tools its packages are looked into by who installs them.
    ! command -v dpkg-deb >/dev/null || dpkg-deb --fsys-tarfile "${package}_${version}_amd64.deb" | tar -t |
        sed -n 's|^\(\./\)\{0,1\}usr/lib/damson/lib/\(.*\.jar\)$|\2|p' | sort | same "$package" "its Debian package"
done
[ "$(wc -l <"$work/damson.sbom")" -gt 20 ] || fail "the SBOM lists next to nothing"
sort "$work/damson.sbom" "$work/damson-sql.sbom" >"$work/both.sbom"
(here=$PWD && cd "$work" && "$jdk/bin/jar" -xf "$here/app/damson.jar" META-INF/MANIFEST.MF)
tr -d '\r' <"$work/META-INF/MANIFEST.MF" | awk '
    /^ / { sub(/^ /, ""); text = text $0; next }
    { if (text ~ /^Class-Path: /) print text; text = $0 }
    END { if (text ~ /^Class-Path: /) print text }' | tr ' ' '\n' | sed -n 's|^lib/||p' | sort | same both "the class path"

# THIRD-PARTY.txt: (licence) ... name (group:artifact:version - where from)
while read -r jar; do
    case $jar in damson-*) continue ;; esac
    artifact=$(printf '%s' "$jar" | sed 's/-[0-9][^-]*\(-[0-9]*\)\{0,1\}\.jar$//')
    grep -q "[:]$artifact:" THIRD-PARTY.txt || fail "THIRD-PARTY.txt does not name $artifact ($jar)"
done <"$work/both.sbom"
# A jar without the text of its licence has it in LICENSES.txt, but for damson's own.
for jar in app/lib/*.jar duckdb_jdbc-*.zip; do
    name=$(basename "$jar" | sed 's/-[0-9].*//')
    case $name in damson-*) continue ;; esac
    "$jdk/bin/jar" -tf "$jar" | grep -qiE 'licen[sc]e|notice|copying' || grep -qiE "$(printf '%s' "$name" | sed 's/_jdbc//; s/-core//')" ../LICENSES.txt ||
        fail "the text of the licence of $name is neither in its jar nor in LICENSES.txt"
done
! grep -i 'unknown license' THIRD-PARTY.txt >&2 || fail "a jar has no known licence"

at_most() { # MIB FILE
    [ "$(stat -c %s "$2")" -le $(($1 << 20)) ] || fail "$2 has $(stat -c %s "$2") bytes, more than $1 MiB"
}
for archive in damson damson-sql; do
    at_most 60 "$archive-$version-linux-amd64.tar.gz"
    at_most 25 "${archive}_${version}_amd64.deb"
done

# The jars that an SBOM of a module lists, the module's own among them.
jars_of() {
    sed -nE 's|^ *"purl" : "pkg:maven/[^/]*/([^@]*)@([^?]*)\?classifier=([^&]*)&type=jar.*|\1-\2-\3.jar|p; t
        s|^ *"purl" : "pkg:maven/[^/]*/([^@]*)@([^?]*)\?type=jar.*|\1-\2.jar|p' "$1" | sort -u
}
# The SBOM of each library that the BOM names lists the jars that Maven puts on its class path, and nothing else.
libraries=0
for module in $(sed -n 's|.*<artifactId>damson-\([a-z]*\)</artifactId><version>.*|\1|p' ../../bom/pom.xml); do
    libraries=$((libraries + 1))
    library=damson-$module-$version
    at=../../$module/target
    { echo "$library.jar"; tr ':' '\n' <"$at/class-path.txt" | sed 's|.*/||'; } | grep . | sort >"$work/$library.jars"
    jars_of "$at/$library.cdx.json" | diff - "$work/$library.jars" >"$work/differ" || { cat "$work/differ" >&2; fail "the SBOM (<) and the class path (>) of $library differ"; }
done
[ "$libraries" -ge 8 ] || fail "the BOM names only $libraries libraries"

# What Maven Central asks of a POM: some of it comes from the parent's.
asked() { # POM ELEMENT...
    pom=$1
    shift
    for element in "$@"; do grep -qE "^  <$element[ >]" "../../$pom" || fail "$pom has no <$element>"; done
}
asked pom.xml name description url licenses developers scm
for pom in bom api formats symbols recorder replayer analyzer engine cli fleet; do asked $pom/pom.xml name description; done

# Spark's jars, where they were packed: the SBOM of fleet lists them and nothing else.
fleet=damson-fleet-$version
if [ -f "$fleet.tar.gz" ]; then
    tar -tzf "$fleet.tar.gz" | sed -n 's|^damson-[^/]*/fleet/\(.*\.jar\)$|\1|p' | sort >"$work/fleet-jars"
    jars_of "../../fleet/target/$fleet.cdx.json" | diff - "$work/fleet-jars" >"$work/differ" ||
        { cat "$work/differ" >&2; fail "the SBOM (<) and the jars (>) of $fleet.tar.gz differ"; }
fi
../sums.sh
