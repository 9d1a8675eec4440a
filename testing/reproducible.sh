#!/usr/bin/env bash
# Builds the packages and library jars twice, one after the other, from two copies of the tree in directories of different names, and
# compares all of them byte by byte. Run by hand; takes five minutes. Exits 1 if any file differs. KEEP=DIR is where to build.
set -euo pipefail
cd "$(dirname "$0")/.."
work=${KEEP:-$(mktemp -d)}
[ "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
for copy in first "the second"; do
    mkdir "$work/$copy"
    git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
        if [ -e "$file" ]; then printf '%s\0' "$file"; fi
    done | tar -c --null -T - | tar -x -C "$work/$copy"
done
for copy in first "the second"; do (cd "$work/$copy" && mvn -q -B -ntp -Dquick -Pdist package); done
# What is installed, and what goes into a Maven repository.
artifacts() {
    cd "$1"
    ls packaging/target/damson*.tar.gz packaging/target/damson*.deb packaging/target/damson*.cdx.json
    find . -path ./packaging -prune -o -path './*/target/*' \( -name '*.jar' -o -name '*.cdx.json' \) ! -path '*/lib/*' -print | sed 's|^\./||' | LC_ALL=C sort
}
artifacts "$work/first" >"$work/list"
diff "$work/list" <(artifacts "$work/the second")
differ=0
while read -r name; do
    if cmp "$work/first/$name" "$work/the second/$name"; then
        echo "same: $name $(sha256sum <"$work/first/$name" | cut -c1-16)"
    else
        differ=1
    fi
done <"$work/list"
exit $differ
