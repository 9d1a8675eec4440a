#!/bin/bash
# Puts into $OUT what ClusterFuzzLite runs: a script for each Java target, the jars it needs, and its seeds. The targets and their
# classes are those of testing/fuzz.sh.
set -eu
mvn -q -B -ntp -Dquick package -pl cli -am
mvn -q -B -ntp -Dquick dependency:copy-dependencies -pl cli -am -DincludeScope=test -DoutputDirectory="$OUT/lib"
for module in formats symbols recorder analyzer cli; do
    for classes in classes test-classes; do
        jar --create --file "$OUT/$module-$classes.jar" -C "$module/target/$classes" .
    done
done
grep -v '^#' testing/fuzz-targets | while read -r name class _; do
    [ "$class" != - ] || continue
    cat >"$OUT/$name" <<SCRIPT
#!/bin/bash
# LLVMFuzzerTestOneInput: this is a fuzz target
here=\$(dirname "\$0")
LD_LIBRARY_PATH="\$JVM_LD_LIBRARY_PATH":\$here \$here/jazzer_driver --agent_path=\$here/jazzer_agent_deploy.jar \\
    --cp="\$here/*:\$here/lib/*" --target_class=org.damson.$class --instrumentation_includes='org.damson.**' \\
    --custom_hook_includes='org.damson.**' --jvm_args="-Xmx256m:--add-opens=java.base/java.nio=ALL-UNNAMED" "\$@"
SCRIPT
    chmod +x "$OUT/$name"
    zip -q -j "$OUT/${name}_seed_corpus.zip" ./*/src/test/fuzz/"$name"/*
done
