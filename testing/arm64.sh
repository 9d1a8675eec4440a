#!/usr/bin/env bash
# Builds the native programs for arm64 with Debian's cross compiler and runs their tests under qemu-user. Run by hand, as root or with
# gcc-aarch64-linux-gnu and qemu-user-static installed; docs/PACKAGING.md has a log of guests.
# usage: testing/arm64.sh [OUTPUT]   (OUTPUT: absolute name of a directory to put the programs into)
set -euo pipefail
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
triple=aarch64-linux-gnu
missing=
command -v $triple-gcc >/dev/null || missing="$missing gcc-$triple libc6-dev-arm64-cross"
command -v qemu-aarch64-static >/dev/null || missing="$missing qemu-user-static"
# shellcheck disable=SC2086
[ -z "$missing" ] || { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r native "$work/native"
rm -rf "$work/native/build"
make -s -C "$work/native" CC=$triple-gcc OBJCOPY=$triple-objcopy all build/accessgen_test build/modes_test build/masim_test build/plan_test build/player_test build/privileged_test
cd "$work/native"
for program in accessgen libaccessgen.so damson-privileged; do
    $triple-readelf -h "build/$program" | grep -q AArch64 && echo "ok   $program is for arm64"
done

# A kernel starts programs of another architecture by binfmt_misc, which this does without: what tests start is a script in its place.
mkdir programs
mv build/accessgen programs/accessgen
printf '#!/bin/sh\nexec qemu-aarch64-static -L /usr/%s %s/programs/accessgen "$@"\n' $triple "$PWD" >build/accessgen
chmod 755 build/accessgen
run() { qemu-aarch64-static -L /usr/$triple "$@"; }
run build/accessgen_test
run build/modes_test
run build/masim_test
echo "ok   tests of the generator under qemu-user"
printf 'a, 1M\n\np\n200\na, 0, 4096, 1, rw\n' >short.cfg
build/accessgen check short.cfg
build/accessgen run --log log.csv short.cfg
grep -q ',p,a,[1-9]' log.csv && echo "ok   it runs a configuration and logs what it touched"
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    cp programs/accessgen build/libaccessgen.so build/damson-privileged "$1/"
fi
# The player unmaps all but itself, also what qemu-user needs: its tests take a kernel of arm64.
