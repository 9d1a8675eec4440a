#!/usr/bin/env bash
# Fuzzes every parser: testing/fuzz.sh [SECONDS each, default 60] [TARGET...]
# Two targets run at a time. What a run learned stays in formats/target/fuzz/TARGET and is the next run's start; inputs that
# break a parser are left in formats/target/fuzz/found-TARGET: put them, small, into */src/test/fuzz/TARGET, where the
# normal build tries them for ever. Exit 1 if anything was found. FUZZ_SEED=N begins the random numbers at N.
set -euo pipefail
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
[[ $seconds =~ ^[1-9][0-9]*$ ]] || { sed -n '2,6s/^# //p' "$0" >&2; exit 2; }
targets=$(grep -v '^#' testing/fuzz-targets)
wanted=" ${*:-$(awk '{ printf "%s ", $1 }' <<<"$targets")} "
for t in $wanted; do
    grep -q "^$t " <<<"$targets" || { echo "no target '$t': $(awk '{ printf "%s ", $1 }' <<<"$targets")" >&2; exit 2; }
done
out=$PWD/formats/target/fuzz
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

echo "building"
mvn -q -B -ntp -Dquick test-compile dependency:build-classpath -pl cli -am -Dmdep.outputFile=target/fuzz-classpath >&2
classpath=$(printf '%s:' "$PWD"/*/target/test-classes "$PWD"/*/target/classes)$(cat ./*/target/fuzz-classpath | paste -sd: | tr : '\n' | sort -u | paste -sd:)
make -s -C native fuzz
mkdir -p "$out"

# Runs one target; its log goes to $out/TARGET.log.
fuzz_java() {
    local name=$1 class=$2
    mkdir -p "$out/$name" "$out/found-$name"
    # The fuzzer's own memory is native; 256 MiB of heap bound what an input may make a parser allocate.
    "$java" -Xmx256m -XX:+UseSerialGC -XX:+IgnoreUnrecognizedVMOptions --add-opens=java.base/java.nio=ALL-UNNAMED \
        --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp "$classpath" \
        com.code_intelligence.jazzer.Jazzer --target_class="org.damson.$class" \
        --instrumentation_includes='org.damson.**' --custom_hook_includes='org.damson.**' --reproducer_path="$out/found-$name" \
        "$out/$name" ./*/src/test/fuzz/"$name" \
        ${FUZZ_SEED:+-seed="$FUZZ_SEED"} -max_total_time="$seconds" -timeout=60 -report_slow_units=60 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 \
        -artifact_prefix="$out/found-$name/" >"$out/$name.log" 2>&1
}

fuzz_c() {
    local name=$1 program=$1 more=()
    mkdir -p "$out/found-$name"
    [ "$name" != accessgen ] || { program=config more=(native/configs/*.cfg); }
    ${FUZZ_SEED:+env SEED_NUMBER="$FUZZ_SEED"} "native/build/fuzz/${program}_fuzz" "$seconds" "$out/found-$name" \
        "native/test/fuzz/$name"/* ${more+"${more[@]}"} >"$out/$name.log" 2>&1
}

failed=
report() {
    local name=$1 status=$2
    printf '%-10s %s, %s inputs in %s s of CPU\n' "$name" "$([ "$status" = 0 ] && echo "nothing found" || echo FOUND)" \
        "$(sed -n 's/.*number_of_executed_units: //p' "$out/$name.log" | tail -1)" "$(tail -1 "$out/$name.cpu")"
    if [ "$status" != 0 ]; then
        failed=1
        grep -a -v "^INFO" "$out/$name.log" | grep -a -m 5 -E "^== |Exception|Error|ERROR|SUMMARY" | cut -c1-200 | sed 's/^/    /' || true
    fi
}

pids=() names=()
finish_oldest() {
    local status=0
    wait "${pids[0]}" || status=$?
    report "${names[0]}" "$status"
    pids=("${pids[@]:1}") names=("${names[@]:1}")
}
start() {
    [ "${#pids[@]}" -lt 2 ] || finish_oldest
    names+=("$1")
    {
        TIMEFORMAT=%U
        time if [ "$2" = - ]; then fuzz_c "$1"; else fuzz_java "$1" "$2"; fi
    } 2>"$out/$1.cpu" &
    pids+=($!)
}
while read -r name class _; do
    case "$wanted" in *" $name "*) start "$name" "$class" ;; esac
done <<<"$targets"
while [ "${#pids[@]}" -gt 0 ]; do finish_oldest; done
[ -z "$failed" ]
