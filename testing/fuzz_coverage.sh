#!/usr/bin/env bash
# Says how much of each parser its committed corpus and what fuzzing learned reach, by JaCoCo (from Maven Central):
# testing/fuzz_coverage.sh, after testing/fuzz.sh. Lines and branches of the parser's source files, inner classes included.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$PWD/formats/target/fuzz
jacoco=0.8.13
mkdir -p "$out"
mvn -q -B -ntp -Dquick test-compile dependency:build-classpath -pl formats -am -Dmdep.outputFile="$out/classpath" >&2
for artifact in org.jacoco.agent:$jacoco:jar:runtime org.jacoco.cli:$jacoco:jar:nodeps; do
    mvn -q -B -ntp -N dependency:copy -Dartifact="org.jacoco:$artifact" -DoutputDirectory="$out" >&2
done
classpath=formats/target/test-classes:formats/target/classes
classpath=$classpath:$(cat "$out/classpath")

while read -r name class parsers; do
    dirs=$(ls -d ./*/src/test/fuzz/"$name" "$out/$name" 2>/dev/null)
    # shellcheck disable=SC2086
    java -javaagent:"$out/org.jacoco.agent-$jacoco-runtime.jar=destfile=$out/$name.exec,append=false,includes=org.damson.*" \
        --add-opens=java.base/java.nio=ALL-UNNAMED -cp "$classpath" org.damson.trace.FuzzReplay "org.damson.$class" $dirs
    java -jar "$out/org.jacoco.cli-$jacoco-nodeps.jar" report "$out/$name.exec" --classfiles formats/target/classes \
        --csv "$out/$name.csv" >/dev/null
    awk -F, -v name="$name" -v wanted=" $parsers " '
        { file = $3; sub(/\..*/, "", file) }
        index(wanted, " " file " ") { bm += $6; bc += $7; lm += $8; lc += $9 }
        END { printf "%-10s lines %d of %d (%d %%), branches %d of %d (%d %%): %s\n", name, lc, lc + lm, 100 * lc / (lc + lm), bc,
            bc + bm, 100 * bc / (bc + bm), substr(wanted, 2) }' "$out/$name.csv"
done <<'TARGETS'
recording exchange.build.RecordingFuzz Importers TextImporter TextEvent LineReader BoundedInflater SnapshotAssembler Burst LossAccount EventImport
binary exchange.BinaryFuzz PerfDataImporter PerfEvents PerfRecords PerfStacks AddressSpaces TraceDatImporter DamoBinaryImporter EventDecoder ProbeHits EventQueue TracingHeader BinaryInput
ring damon.RingFuzz RingPage EventFormat
schemes damon.scheme.SchemesFuzz SchemeParser SchemeText SchemeBuilder
damo exchange.build.DamoFuzz DamoImporter DamoValues
sidefiles exchange.build.SideFilesFuzz SideFiles
manifest trace.ManifestFuzz Manifests
journal trace.journal.JournalFuzz JournalReader
parquet trace.parquet.ParquetFuzz ParquetTableReader ColumnPages RunLengths
bundle trace.BundleFuzz Storage StoredTrace StoredSnapshots ParquetTableReader ColumnPages RunLengths
TARGETS
