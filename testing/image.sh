#!/usr/bin/env bash
# Checks the container image that packaging/image.sh makes: its blobs are what they are called, and damson runs in it as its user, without
# root, network or a file system it could write to: its layers are unpacked and run in namespaces, and where podman can run containers it
# loads and runs it too. DAMSON_PODMAN ("podman --runtime runc") and DAMSON_PODMAN_RUN (options of podman run) say how, where it takes more
# than "podman run". As root also which capabilities it takes to record processes of others.
# usage: testing/image.sh [--built]   (--built: takes what is in packaging/target)
set -euo pipefail
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
version=$(sed -n 's|^  <version>\(.*\)</version>|\1|p' pom.xml | head -1)
image=$PWD/packaging/target/damson-$version-oci-linux-amd64.tar
[ "${1:-}" = --built ] || { [ -f "packaging/target/damson-$version-linux-amd64.tar.gz" ] || mvn -q -B -ntp -Dquick -Pdist package; packaging/image.sh "$version"; }
work=$(mktemp -d)
trap 'set +e; kill ${other:-} 2>/dev/null; umount "$work/root/data" "$work/root/proc" "$work/root" 2>/dev/null; rm -rf --one-file-system "$work"' EXIT
. testing/expect.sh

mkdir "$work/image" "$work/root"
chmod 755 "$work"
tar -xf "$image" -C "$work/image"
expect "every blob is what it is called" 0 sh -c "cd '$work/image/blobs/sha256' && for b in *; do echo \"\$b  \$b\"; done | sha256sum -c --quiet"
# layers: the blobs of the image's layers, in order, after all that refers to others was followed and compared.
cat >"$work/layers.py" <<'P'
import gzip, hashlib, json, os, sys
at = sys.argv[1]
def blob(d):
    path = os.path.join(at, "blobs", *d["digest"].split(":"))
    assert os.path.getsize(path) == d["size"], d
    return path
def read(d): return json.load(open(blob(d)))
assert json.load(open(os.path.join(at, "oci-layout"))) == {"imageLayoutVersion": "1.0.0"}
[entry] = json.load(open(os.path.join(at, "index.json")))["manifests"]
manifest = read(entry)
config = read(manifest["config"])
assert (config["architecture"], config["os"]) == ("amd64", "linux")
assert config["config"]["User"].split(":")[0] != "0"
for layer, diff in zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True):
    assert "sha256:" + hashlib.sha256(gzip.open(blob(layer)).read()).hexdigest() == diff, layer
    print(blob(layer))
[docker] = json.load(open(os.path.join(at, "manifest.json")))
assert [docker["Config"], *docker["Layers"]] == ["blobs/" + d["digest"].replace(":", "/") for d in [manifest["config"], *manifest["layers"]]]
P
expect "manifest, configuration and layers refer to each other" 0 python3 "$work/layers.py" "$work/image"
for layer in $(<"$work/said"); do tar -xzf "$layer" -C "$work/root" --no-same-owner; done

# in_image WORDS...: damson as the image starts it: as its user, in name spaces of its own, / read-only but for /data and /tmp.
in_image() {
    unshare --map-root-user --mount --pid --fork --net --ipc sh -c '
        root=$1 data=$2
        shift 2
        mount --bind "$root" "$root" && mount -t proc proc "$root/proc" && mount -t tmpfs tmpfs "$root/tmp" && mount -t tmpfs tmpfs "$root/var/tmp" && mount --rbind /dev "$root/dev" &&
            mount --bind "$data" "$root/data" && mount -o remount,bind,ro "$root" || exit 99
        exec unshare --user --map-user=65532 --map-group=65532 --root="$root" --wd=/data /bin/env -i PATH=/usr/bin LC_ALL=C.UTF-8 HOME=/nonexistent "$@"' \
        - "$work/root" "$work/data" "$@"
}
podman=${DAMSON_PODMAN:-podman}
in_podman() {
    # shellcheck disable=SC2086
    $podman run --rm -q --read-only --network none --cap-drop all ${DAMSON_PODMAN_RUN:-} -v "$work/data:/data" --entrypoint /usr/bin/env "damson:$version" "$@"
}
containers=in_image
mkdir "$work/data"
if ! command -v podman >/dev/null; then
    echo "no podman here: in namespaces alone"
elif $podman load -q -i "$image" >"$work/said" 2>&1 && in_podman true >"$work/said" 2>&1; then
    containers="in_image in_podman"
else
    echo "podman cannot run containers here ($(tail -1 "$work/said")): in namespaces alone"
fi
for container in $containers; do
    rm -rf "$work/data"
    mkdir -m 777 "$work/data"
    cp -r testdata/stairs testdata/perf-stacks "$work/data/"
    expect "$container: version" 0 $container damson --version
    says "its version" "^damson $version\$"
    expect "not as root" 0 $container sh -c 'test "$(id -u)" = 65532'
    expect "nothing can be written beside it" 1 $container sh -c 'true >/opt/damson/x'
    expect "import" 0 $container damson import stairs/tracefs.txt.gz -o s.damson
    expect "verify" 0 $container damson verify s.damson
    expect "info" 0 $container damson info s.damson
    expect "report" 0 $container damson report wss s.damson
    says "with a result" 'target'
    expect "a picture" 0 $container damson report heatmap s.damson --output s.png
    expect "a page" 0 $container damson report html s.damson --output s.html
    expect "demo" 0 $container damson demo -o demo
done

# Which capabilities it takes to record a process of another user's from a container that sees it: none may be left out.
if [ "$(id -u)" = 0 ]; then
    root=$work/root
    mount --bind "$root" "$root" && mount -t proc proc "$root/proc" && mount --bind "$work/data" "$root/data"
    setpriv --reuid=12345 --clear-groups "$root/opt/damson/native/accessgen" run --repeat 1000 "$root/opt/damson/native/configs/stairs.cfg" >/dev/null 2>&1 &
    other=$!
    # record NAME CAPABILITIES: as root of a container that has these alone; what lets this script change roots is not counted.
    record() {
        setpriv --bounding-set="-all,+sys_chroot${2:+,$2}" --inh-caps=-all chroot "$root" /bin/env -i PATH=/usr/bin LC_ALL=C.UTF-8 \
            damson record --pid $other --duration 2s -o "/data/$1.damson"
    }
    expect "both capabilities record a process of another user's" 0 record both +sys_ptrace,+dac_override
    expect "not without SYS_PTRACE" 4 record no-ptrace +dac_override
    expect "not without DAC_OVERRIDE" 4 record no-override +sys_ptrace
    kill $other
    wait $other 2>/dev/null || true
    umount "$root/data" "$root/proc" "$root"
fi
outcome
