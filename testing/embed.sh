#!/usr/bin/env bash
# Puts damson's artifacts into a Maven repository, target/repository, and builds and runs examples/embed against it as anybody's
# program would be, on the Java that JAVA_HOME names.
# usage: testing/embed.sh [--deployed]   (--deployed: takes the repository that is there)
set -euo pipefail
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
repository=$PWD/target/repository
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ "${1:-}" != --deployed ]; then
    rm -rf "$repository"
    mvn -q -B -ntp -Dquick deploy -Dmaven.install.skip=true -DaltDeploymentRepository="local::file://$repository"
fi

# A local repository of its own, so that no damson of another build is taken; what else is wanted comes from the user's, which
# is only read, or from Maven Central.
mine=$work/libraries
mkdir -p "$mine/org"
for library in "${HOME:-/root}"/.m2/repository/* "${HOME:-/root}"/.m2/repository/org/*; do
    case $library in
        */repository/org | */org/damson | *'*') ;;
        */repository/org/*) ln -s "$library" "$mine/org/" ;;
        *) ln -s "$library" "$mine/" ;;
    esac
done
cat >"$work/settings.xml" <<XML
<settings>
  <profiles>
    <profile>
      <id>here</id>
      <repositories><repository><id>here</id><url>file://$mine</url></repository></repositories>
      <pluginRepositories><pluginRepository><id>here</id><url>file://$mine</url></pluginRepository></pluginRepositories>
    </profile>
  </profiles>
  <activeProfiles><activeProfile>here</activeProfile></activeProfiles>
</settings>
XML
rm -rf examples/embed/target
mvn -q -B -ntp -s "$work/settings.xml" -Dmaven.repo.local="$work/m2" -f examples/embed/pom.xml -Ddamson.repository="file://$repository" package
# A benchmark that somebody else runs here does not matter: no time is judged.
"$java" -Djmh.ignoreLock=true -jar examples/embed/target/embed.jar "$work/traces" >"$work/said" 2>&1 || { cat "$work/said"; exit 1; }

. testing/expect.sh
while IFS= read -r line; do says "$line" "$line"; done <<'L'
^read: 160 regions of program$
^report: mean working set 1048576 bytes$
^report: 4194304 bytes in use at some time$
^simulate: [1-9][0-9]* bytes tried,
^tune: 4 points, the best pageout .*age=500ms
^record: [1-9][0-9]* snapshots,
^ReplayBenchmark.replay .* ms/op$
L
# What a program compiles against is the interface alone.
expect "the sample refers to nothing of the implementation" 1 grep -rlE 'org/damson/(model|trace|recorder|replayer|analyzer|engine)' examples/embed/target/classes
outcome
echo "embedded on $("$java" -version 2>&1 | head -1)"
