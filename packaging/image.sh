#!/bin/sh
# Makes a container image of the archive: an OCI image layout within a tar, for podman, buildah, skopeo and docker alike. Below damson
# lie Debian's packages of what its Java and the launcher want, as apt fetches and verifies them; no registry, no root and no container
# tool is needed. The same archive and packages give the same bytes. Called with the version; docs/INSTALL.md says how to run it.
set -eu
umask 022
cd "$(dirname "$0")/target"
version=$1
name=damson-$version-oci-linux-amd64
epoch=1767225600
created=2026-01-01T00:00:00Z
user=65532
[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || { echo "image.sh: takes Debian's packages, so it runs on Debian for amd64" >&2; exit 4; }
archive=$PWD/damson-$version-linux-amd64.tar.gz
[ -f "$archive" ] || { echo "image.sh: no $archive: mvn -Pdist package makes it" >&2; exit 3; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# busybox is the launcher's shell; libc-bin has the locale C.UTF-8; libdw reads ELF files; the others are for pictures.
wanted="busybox-static libc-bin libc6 zlib1g libstdc++6 libdw1 libfreetype6 libharfbuzz0b liblcms2-2 libfontconfig1 fonts-dejavu-core"
: >"$work/none"
# What apt would install on a machine that has nothing, without what only sets packages up.
# shellcheck disable=SC2086
LC_ALL=C apt-get -s -o Debug::NoLocking=1 -o Dir::State::status="$work/none" --no-install-recommends install $wanted >"$work/plan" 2>"$work/said" ||
    { cat "$work/said" >&2; echo "image.sh: apt knows not all packages: apt-get update" >&2; exit 4; }
sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p' "$work/plan" | grep -E '^(lib|zlib1g=|gcc-.*-base=|fonts-|busybox-static=)' | LC_ALL=C sort >"$work/packages"
mkdir "$work/debs" "$work/root"
# shellcheck disable=SC2046
(cd "$work/debs" && apt-get download -qq -o APT::Sandbox::User=root $(cat "$work/packages")) >"$work/said" 2>&1 || { cat "$work/said" >&2; exit 4; }

root=$work/root
mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64" "$root/etc/fonts" "$root/var/lib/dpkg/status.d" "$root/proc" "$root/sys" "$root/dev" \
    "$root/tmp" "$root/var/tmp" "$root/data"
for directory in bin sbin lib lib64; do ln -s "usr/$directory" "$root/$directory"; done
chmod 1777 "$root/tmp" "$root/var/tmp"
for deb in "$work"/debs/*.deb; do
    package=$(dpkg-deb -f "$deb" Package)
    if [ "$package" = libc-bin ]; then only="--wildcards ./usr/lib/locale ./usr/share/doc/libc-bin"; else only=; fi
    # shellcheck disable=SC2086
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink --no-same-owner -C "$root" $only
    # Where scanners look for what an image holds.
    dpkg-deb -f "$deb" >"$root/var/lib/dpkg/status.d/$package"
done
# Licences stay.
rm -rf "$root/usr/share/man" "$root/usr/share/info" "$root/usr/share/locale" "$root/usr/share/lintian" "$root/usr/share/gdb" "$root/usr/share/bug"
find "$root/usr/share/doc" -type f ! -name copyright -delete
find "$root/usr/share/doc" -type l ! -name copyright -delete
find "$root/usr/share/doc" -mindepth 1 -type d -empty -delete
for applet in sh basename cat cksum cp dirname env find grep id kill ls mkdir mkfifo mv ps readlink rm sleep stat stty true; do
    ln -sf busybox "$root/usr/bin/$applet"
done
printf 'root:x:0:0:root:/nonexistent:/bin/sh\ndamson:x:%s:%s:damson:/nonexistent:/bin/sh\n' $user $user >"$root/etc/passwd"
printf 'root:x:0:\ndamson:x:%s:\n' $user >"$root/etc/group"
printf '<fontconfig><dir>/usr/share/fonts</dir><cachedir>/tmp/fontconfig</cachedir></fontconfig>\n' >"$root/etc/fonts/fonts.conf"
mkdir -p "$work/app/opt"
tar -xzf "$archive" -C "$work/app/opt" --no-same-owner
mv "$work/app/opt/damson-$version" "$work/app/opt/damson"
ln -s /opt/damson/damson "$root/usr/bin/damson"

# layer NAME DIRECTORY: prints nothing, leaves a compressed layer among the blobs.
blobs=$work/image/blobs/sha256
mkdir -p "$blobs"
digest() { sha256sum "$1" | cut -d ' ' -f 1; }
size() { stat -c %s "$1"; }
blob() { hash=$(digest "$1"); mv "$1" "$blobs/$hash"; }
layer() {
    file=$work/$1.tar
    tar --format=gnu --sort=name --mtime=@$epoch --owner=0 --group=0 --numeric-owner -cf "$file" -C "$2" --exclude=./data .
    if [ -d "$2/data" ]; then
        tar --format=gnu --mtime=@$epoch --owner=$user --group=$user --numeric-owner -rf "$file" -C "$2" ./data
    fi
    diff=$(digest "$file")
    gzip -9 -n "$file"
    blob "$file.gz"
}
find "$work/root" "$work/app" ! -type l -exec chmod go-w {} +
chmod 1777 "$root/tmp" "$root/var/tmp"
layer system "$root"
system=$hash system_diff=$diff
layer damson "$work/app"
damson=$hash damson_diff=$diff

cat >"$work/config.json" <<END
{"created":"$created","author":"damson developers","architecture":"amd64","os":"linux",
"config":{"User":"$user:$user","Env":["PATH=/usr/bin","LC_ALL=C.UTF-8"],"Entrypoint":["/opt/damson/damson"],"WorkingDir":"/data",
"Labels":{"org.opencontainers.image.title":"damson","org.opencontainers.image.version":"$version","org.opencontainers.image.licenses":"Apache-2.0",
"org.opencontainers.image.description":"Records how programs touch their memory, replays it, and reasons about it offline."}},
"rootfs":{"type":"layers","diff_ids":["sha256:$system_diff","sha256:$damson_diff"]},
"history":[{"created":"$created","created_by":"packages of Debian"},{"created":"$created","created_by":"damson $version"}]}
END
blob "$work/config.json"
config=$hash
# descriptor TYPE HASH [MORE]
descriptor() { printf '{"mediaType":"application/vnd.oci.image.%s","digest":"sha256:%s","size":%s%s}' "$1" "$2" "$(size "$blobs/$2")" "${3:-}"; }
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s,%s]}\n' \
    "$(descriptor config.v1+json "$config")" "$(descriptor layer.v1.tar+gzip "$system")" "$(descriptor layer.v1.tar+gzip "$damson")" >"$work/manifest.json"
blob "$work/manifest.json"
cd "$work/image"
printf '{"imageLayoutVersion":"1.0.0"}\n' >oci-layout
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s]}\n' "$(descriptor manifest.v1+json "$hash" \
    ",\"platform\":{\"architecture\":\"amd64\",\"os\":\"linux\"},\"annotations\":{\"org.opencontainers.image.ref.name\":\"damson:$version\",\"io.containerd.image.name\":\"docker.io/library/damson:$version\"}")" >index.json
# What docker reads that knows no OCI layouts yet.
printf '[{"Config":"blobs/sha256/%s","RepoTags":["damson:%s"],"Layers":["blobs/sha256/%s","blobs/sha256/%s"]}]\n' \
    "$config" "$version" "$system" "$damson" >manifest.json
tar --format=gnu --sort=name --mtime=@$epoch --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -cf "$OLDPWD/$name.tar" oci-layout index.json manifest.json blobs
cd "$OLDPWD"
# What is in the image: the packages below damson, and the jars that the archive's SBOM lists.
python3 - "$work/packages" "$work/app/opt/damson/damson-$version.cdx.json" >"$name.cdx.json" <<'P'
import json, sys
from urllib.parse import quote
packages = [line.strip().split("=", 1) for line in open(sys.argv[1])]
sbom = json.load(open(sys.argv[2]))
sbom.pop("serialNumber", None)
sbom["components"] = [
    {"type": "library", "name": name, "version": its, "purl": f"pkg:deb/debian/{name}@{quote(its, safe='')}?arch=amd64"} for name, its in packages
] + sbom["components"]
print(json.dumps(sbom, indent=2))
P
bytes=$(size "$name.tar")
[ "$bytes" -le $((120 << 20)) ] || { echo "image.sh: $name.tar has $bytes bytes, more than 120 MiB" >&2; exit 1; }
echo "$name.tar: $bytes bytes"
../sums.sh
