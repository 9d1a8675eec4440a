# What every launcher of damson ends in: ./damson of a source tree and the one that is installed source this file.
# Wants: home (damson.jar, lib/ and native/ are there), java, archive (where the class-data archive is or will be; may be
# empty), fleet (the directory of the fleet verbs' own jars; may not be there). Needs set -u and the arguments of damson in
# "$@". Does not return.

# --sun-misc-unsafe-memory-access exists from Java 23 on, where Arrow's use of Unsafe would otherwise print a warning;
# IgnoreUnrecognizedVMOptions lets older ones pass it by.
flags="-XX:+UseSerialGC -Xshare:auto -XX:+IgnoreUnrecognizedVMOptions --sun-misc-unsafe-memory-access=allow"
flags="$flags --enable-native-access=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED -Xlog:disable -Xlog:all=error,cds*=off:stderr"

# Records the classes of a typical run, so that the next start finds them mapped and verified.
warm() {
    "$java" $flags -XX:ArchiveClassesAtExit="$archive.$$" -Ddamson.native.dir="$home/native" \
        -jar "$home/damson.jar" self-warm >/dev/null 2>&1 || true
    if [ -s "$archive.$$" ]; then mv "$archive.$$" "$archive" 2>/dev/null; else rm -f "$archive.$$"; fi || true
}
# Where no archive can be written, damson starts without, and says nothing of it.
if [ -n "$archive" ] && [ ! -f "$archive" ] && [ -w "${archive%/*}" ]; then warm; fi
[ -f "$archive" ] || archive=

# A recorder runs for long and is to stay small: a small young generation, an old one that grows only as it must, one
# compiler, one arena for malloc, and what that has freed given back. The command that it starts gets none of this:
# DAMSON_SET names what to take out of its environment.
unset DAMSON_SET DAMSON_WAS_LC_ALL
case ${1:-} in
record)
    flags="$flags -Xms16m -Xmn12m -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=30 -XX:-ShrinkHeapInSteps"
    flags="$flags -XX:TieredStopAtLevel=1 -XX:-UsePerfData -XX:TrimNativeHeapInterval=30000"
    if [ -z "${MALLOC_ARENA_MAX+set}" ]; then export MALLOC_ARENA_MAX=1 DAMSON_SET=MALLOC_ARENA_MAX; fi
    ;;
# A report keeps little of a trace: its heap is collected before it grows, however long the trace is.
report | symbolize) flags="$flags -Xms24m -Xmn16m -XX:MinHeapFreeRatio=20 -XX:MaxHeapFreeRatio=40" ;;
esac
# A Java virtual machine takes the locale's word for what bytes of arguments and names of files mean, and has no other;
# it gets one that has them all. A recorded command gets the caller's back.
if [ "${LC_ALL:-}" != C.UTF-8 ]; then
    if [ -n "${LC_ALL+set}" ]; then export DAMSON_WAS_LC_ALL="$LC_ALL"; fi
    export LC_ALL=C.UTF-8 DAMSON_SET="${DAMSON_SET:-} LC_ALL"
fi
# A working directory whose name is no UTF-8 has another name that is.
case $PWD in
*[!\ -~]*) printf '%s' "$PWD" | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1 || flags="$flags -Duser.dir=/proc/self/cwd" ;;
esac
# The fleet verbs have jars of their own: Apache Spark, what of damson they need, and of libraries that both use Spark's
# version. Spark reaches into the JDK at these places.
if [ "${1:-}" = fleet ] && [ -d "$fleet" ]; then
    archive=
    for package in java.lang java.lang.invoke java.lang.reflect java.io java.net java.util java.util.concurrent \
        java.util.concurrent.atomic jdk.internal.ref sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar; do
        flags="$flags --add-opens=java.base/$package=ALL-UNNAMED"
    done
    set -- -cp "$fleet/*" org.damson.cli.Main "$@"
else
    set -- -jar "$home/damson.jar" "$@"
fi
exec "$java" $flags ${archive:+"-XX:SharedArchiveFile=$archive"} -Ddamson.native.dir="$home/native" ${DAMSON_JAVA_OPTS:-} "$@"
