#!/usr/bin/env bash
# Builds the packages twice, from two copies of the tree in directories of different names, and compares them byte by byte.
# Run by hand; takes five minutes. Exits 1 if any file differs.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -n 's|^  <version>\(.*\)</version>|\1|p' pom.xml | head -1)
for copy in first "the second"; do
    mkdir "$work/$copy"
    git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
        if [ -e "$file" ]; then printf '%s\0' "$file"; fi
    done | tar -c --null -T - | tar -x -C "$work/$copy"
    (cd "$work/$copy" && mvn -q -B -ntp -Dquick -Pdist package)
done
differ=0
for name in "damson-$version-linux-amd64.tar.gz" "damson-sql-$version-linux-amd64.tar.gz" \
    "damson_${version}_amd64.deb" "damson-sql_${version}_amd64.deb" "damson-$version.cdx.json"; do
    if cmp "$work/first/packaging/target/$name" "$work/the second/packaging/target/$name"; then
        echo "same: $name $(sha256sum <"$work/first/packaging/target/$name" | cut -c1-16)"
    else
        differ=1
    fi
done
exit $differ
