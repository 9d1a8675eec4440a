#!/usr/bin/env bash
# Says how much of each parser its committed corpus and what fuzzing learned reach, by JaCoCo (from Maven Central):
# testing/fuzz_coverage.sh [TARGET...], after testing/fuzz.sh. Lines and branches of the parser's source files, inner classes included;
# of the native ones gcov says what the last run reached.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$PWD/formats/target/fuzz
jacoco=0.8.13
mkdir -p "$out"
mvn -q -B -ntp -Dquick test-compile dependency:build-classpath -pl cli -am -Dmdep.outputFile=target/fuzz-classpath >&2
for artifact in org.jacoco.agent:$jacoco:jar:runtime org.jacoco.cli:$jacoco:jar:nodeps; do
    mvn -q -B -ntp -N dependency:copy -Dartifact="org.jacoco:$artifact" -DoutputDirectory="$out" >&2
done
classpath=$(printf '%s:' "$PWD"/*/target/test-classes "$PWD"/*/target/classes)$(cat ./*/target/fuzz-classpath | paste -sd: | tr : '\n' | sort -u | paste -sd:)
classes=()
for dir in ./*/target/classes; do classes+=(--classfiles "$dir"); done
wanted=" $* "

# Lines and branches of the native files that a target's program was built with.
coverage_c() {
    local name=$1 program=$1
    [ "$name" != accessgen ] || program=config
    shift
    (cd native/build/fuzz && gcov -b -n -o . "${program}"_fuzz*.gcda 2>/dev/null) | awk -v name="$name" -v wanted=" $* " '
        /^File / { n = split($2, parts, "[/\x27]"); file = parts[n - 1]; counts = index(wanted, " " file " ") }
        counts && /^Lines executed/ { split($0, v, "[:% ]+"); lines += v[5]; hit += v[3] * v[5] / 100 }
        counts && /^Branches executed/ { split($0, v, "[:% ]+"); branches += v[5] }
        counts && /^Taken at least once/ { split($0, v, "[:% ]+"); split($0, w, " of "); taken += v[5] * w[2] / 100 }
        END { if (lines) printf "%-10s lines %d of %d (%d %%), branches %d of %d (%d %%): %s\n", name, hit, lines, 100 * hit / lines, taken,
            branches, branches ? 100 * taken / branches : 100, substr(wanted, 2) }'
}

while read -r name class parsers; do
    [ "$wanted" = "  " ] || case "$wanted" in *" $name "*) ;; *) continue ;; esac
    # shellcheck disable=SC2086
    [ "$class" != - ] || { coverage_c "$name" $parsers; continue; }
    dirs=$(ls -d ./*/src/test/fuzz/"$name" "$out/$name" 2>/dev/null)
    # shellcheck disable=SC2086
    java -javaagent:"$out/org.jacoco.agent-$jacoco-runtime.jar=destfile=$out/$name.exec,append=false,includes=org.damson.*" \
        --add-opens=java.base/java.nio=ALL-UNNAMED -cp "$classpath" org.damson.trace.FuzzReplay "org.damson.$class" $dirs
    java -jar "$out/org.jacoco.cli-$jacoco-nodeps.jar" report "$out/$name.exec" "${classes[@]}" \
        --csv "$out/$name.csv" >/dev/null
    awk -F, -v name="$name" -v wanted=" $parsers " '
        { file = $3; sub(/\..*/, "", file) }
        index(wanted, " " file " ") { bm += $6; bc += $7; lm += $8; lc += $9 }
        END { printf "%-10s lines %d of %d (%d %%), branches %d of %d (%d %%): %s\n", name, lc, lc + lm, 100 * lc / (lc + lm), bc,
            bc + bm, 100 * bc / (bc + bm), substr(wanted, 2) }' "$out/$name.csv"
done < <(grep -v '^#' testing/fuzz-targets)
