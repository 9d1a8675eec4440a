#!/usr/bin/env bash
# Installs the Debian packages of arm64 that packaging/arm64.sh made in a fresh Debian root for arm64, and uses them there, by qemu-user:
# import, reports, SQL, a recording of nothing, removing. Run by hand, as root; DAMSON_DEBIAN_SUITE names the release. Installs what is missing.
# That the kernel starts programs of arm64 (binfmt_misc) is said in a user namespace, which has its own from Linux 6.7 on: this machine's
# stays as it is. The root has no /sys.
# usage: testing/arm64-deb.sh
set -euo pipefail
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "testing/arm64-deb.sh: needs root for its chroot" >&2; exit 4; }
mirror=${DAMSON_DEBIAN_MIRROR:-http://deb.debian.org/debian}
suite=${DAMSON_DEBIAN_SUITE:-stable}
version=$(sed -n 's|^  <version>\(.*\)</version>|\1|p' pom.xml | head -1)
target=packaging/target

# Everything in the root, once programs of arm64 start there.
inside() {
    local root=$1
    work=$root
    . testing/expect.sh
    mkdir "$root/binfmt" # what is said there is forgotten when it is unmounted
    mount -t binfmt_misc binfmt_misc "$root/binfmt"
    printf '%s' ':arm64:M::\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:/usr/bin/qemu-aarch64-static:F' \
        >"$root/binfmt/register"
    in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }
    try() { expect "$1" "$2" in_root "${@:3}"; }
    # Who calls itself so is not asked whether it may make devices: they are there.
    try "a Debian of arm64" 0 env container=lxc /debootstrap/debootstrap --second-stage
    try "its processor" 0 dpkg --print-architecture
    says "is arm64" '^arm64$'
    echo "deb $mirror $suite main" >"$root/etc/apt/sources.list"
    # Without a /dev/pts and users of its own in this namespace apt's do without.
    echo 'APT::Sandbox::User "root";' >"$root/etc/apt/apt.conf.d/99root"
    [ -z "${DAMSON_DEBIAN_EXPIRED:-}" ] || echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/99expired"
    try "apt update" 0 apt-get update
    try "apt install" 0 apt-get install -y --no-install-recommends "/tmp/damson_${version}_arm64.deb" "/tmp/damson-sql_${version}_arm64.deb"
    try "version" 0 damson --version
    says "its version" "^damson $version\$"
    try "import" 0 damson import /stairs/tracefs.txt.gz -o /tmp/s.damson
    try "verify" 0 damson verify /tmp/s.damson
    try "report wss" 0 damson report wss /tmp/s.damson --json
    says "the working set that it is elsewhere" "$(cat "$root/wanted")"
    try "a heatmap" 0 damson report heatmap /tmp/s.damson
    try "a page" 0 damson report html /tmp/s.damson --output /tmp/s.html
    try "sql" 0 damson sql /tmp/s.damson -c "select count(*) from regions"
    try "a plan" 0 damson replay /tmp/s.damson --plan-only
    try "the generator" 0 /usr/lib/damson/native/accessgen check /usr/share/doc/damson/examples/stairs.cfg
    try "what to do next" 2 damson
    try "in five lines" 0 sh -c '[ "$(wc -l </said)" = 5 ]'
    try "nothing of another processor" 1 sh -c "find /usr/lib/damson -name '*amd64*' -o -name '*x86*' | grep ."
    try "the manual" 0 sh -c "gzip -t /usr/share/man/man1/damson-record.1.gz"
    try "removing" 0 apt-get purge -y damson damson-sql
    try "leaves nothing" 1 sh -c "ls -d /usr/lib/damson /etc/damson /usr/bin/damson 2>/dev/null | grep ."
    outcome
}
if [ "${1:-}" = --inside ]; then
    inside "$2"
    exit
fi

for package in damson damson-sql; do
    [ -f "$target/${package}_${version}_arm64.deb" ] || { echo "testing/arm64-deb.sh: no ${package}_${version}_arm64.deb: packaging/arm64.sh $version makes it" >&2; exit 3; }
done
missing=
for tool in debootstrap:debootstrap qemu-aarch64-static:qemu-user-static; do command -v "${tool%:*}" >/dev/null || missing="$missing ${tool#*:}"; done
# shellcheck disable=SC2086
[ -z "$missing" ] || { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null; }
work=$(mktemp -d)
cleanup() {
    umount "$work/root/proc" 2>/dev/null || true
    rm -rf --one-file-system "$work"
}
trap cleanup EXIT
root=$work/root
debootstrap --foreign --arch=arm64 --variant=minbase "$suite" "$root" "$mirror" >"$work/said" 2>&1 || { tail -5 "$work/said"; exit 1; }
# Who is root in a user namespace alone makes no devices.
for device in null:3 zero:5 full:7 random:8 urandom:9; do
    [ -e "$root/dev/${device%:*}" ] || mknod -m 666 "$root/dev/${device%:*}" c 1 "${device#*:}"
done
[ -e "$root/dev/tty" ] || mknod -m 666 "$root/dev/tty" c 5 0
[ -e "$root/dev/console" ] || mknod -m 600 "$root/dev/console" c 5 1
[ -e "$root/dev/ptmx" ] || mknod -m 666 "$root/dev/ptmx" c 5 2
mkdir -p "$root/proc" "$root/tmp"
mount -t proc proc "$root/proc"
cp "$target/damson_${version}_arm64.deb" "$target/damson-sql_${version}_arm64.deb" "$root/tmp/"
cp -r testdata/stairs "$root/"
# What this machine's damson says of the same.
./damson import testdata/stairs/tracefs.txt.gz -o "$work/s.damson" 2>/dev/null
./damson report wss "$work/s.damson" --json | grep -oE '"mean_bytes": *[0-9.]+' | head -1 >"$root/wanted"

mkfifo "$work/mapped"
unshare --user --mount bash -c 'read -r _ <"$1"; exec bash "$2" --inside "$3"' - "$work/mapped" "$0" "$root" &
inside=$!
until [ "$(readlink /proc/$inside/ns/user)" != "$(readlink /proc/$$/ns/user)" ]; do sleep 0.1; done
echo "0 0 4294967295" >/proc/$inside/uid_map
echo "0 0 4294967295" >/proc/$inside/gid_map
echo >"$work/mapped"
wait $inside
