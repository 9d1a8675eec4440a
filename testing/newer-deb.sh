#!/usr/bin/env bash
# Makes of a Debian package of damson a later version, as an upgrade brings it: all its jars have other names, and the old ones are gone.
# usage: testing/newer-deb.sh PACKAGE.deb NEW.deb
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dpkg-deb -R "$1" "$work/tree"
# damson-sql wants damson of the same version.
sed -i -E 's/^(Version: .*)$/\1+1/; s/(damson \(= [^)]*)\)/\1+1)/' "$work/tree/DEBIAN/control"
home=$work/tree/usr/lib/damson
for jar in "$home"/lib/*.jar; do mv "$jar" "$home/lib/newer-${jar##*/}"; done
[ ! -e "$home/damson.jar" ] || python3 - "$home/damson.jar" <<'P'
import sys, zipfile
jar = sys.argv[1]
with zipfile.ZipFile(jar) as old:
    entries = [(entry, old.read(entry)) for entry in old.infolist()]
with zipfile.ZipFile(jar, "w", zipfile.ZIP_DEFLATED) as new:
    for entry, data in entries:
        if entry.filename == "META-INF/MANIFEST.MF":
            text = data.decode().replace("\r\n", "\n").replace("\n ", "").replace(" lib/", " lib/newer-")
            lines = []
            for line in text.split("\n"):
                lines.append(line[:70])
                lines += [" " + line[i:i + 69] for i in range(70, len(line), 69)]
            data = "\r\n".join(lines).encode()
        new.writestr(entry, data)
P
(cd "$work/tree" && find usr -type f -exec md5sum {} + >DEBIAN/md5sums)
dpkg-deb --root-owner-group -Znone -b "$work/tree" "$2" >/dev/null
