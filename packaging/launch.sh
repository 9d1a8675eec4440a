# What every launcher of damson ends in: ./damson of a source tree and the one that is installed source this file.
# Wants: home (damson.jar, lib/ and native/ are there), java, archive (what the files are called that a first start makes for later
# ones, without their endings; may be empty), fleet (the directory of the fleet verbs' own jars; may not be there). Needs set -u
# and the arguments of damson in "$@", and say, which tells a line on standard error. Does not return.

# With less Java does not find its classes; it raises the soft limit by itself.
files=$(ulimit -Hn)
if [ "$files" != unlimited ] && [ "$files" -lt 64 ]; then
    say "$files open files are allowed (ulimit -Hn): damson needs 64"
    exit 4
fi

# Java ends names of jars at "!/" and opens none whose name is no UTF-8. It splits its class path at colons: a directory with one in its
# name is given by the number of an open file, and what is kept for later starts is kept nowhere.
is_utf8() {
    case $1 in
    *[!\ -~]*) printf '%s' "$1" | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1 ;;
    esac
}
case $home/ in *!/*) odd=1 ;; *) odd= ;; esac
if [ -n "$odd" ] || ! is_utf8 "$home"; then
    say "$home: Java runs nothing below a directory whose name ends in \"!\" or is no UTF-8: move it"
    exit 4
fi
native=$home/native
case $home in *:*) exec 8<"$home" && home=/proc/$$/fd/8 ;; esac
case ${1:-}:$fleet in fleet:*:*) [ ! -d "$fleet" ] || { exec 7<"$fleet" && fleet=/proc/$$/fd/7; } ;; esac
case $archive in *:*) archive= ;; esac
is_utf8 "$archive" || archive=

# --sun-misc-unsafe-memory-access exists from Java 23 on, where Arrow's use of Unsafe would otherwise print a warning;
# IgnoreUnrecognizedVMOptions lets older ones pass it by. What the manifest of damson.jar can say, such as which packages are
# open, is not said here: a Java that is given it as an option makes its modules anew in each start.
flags="-XX:+UseSerialGC -XX:-UsePerfData -XX:+IgnoreUnrecognizedVMOptions --sun-misc-unsafe-memory-access=allow"
flags="$flags -Xlog:disable -Xlog:all=error,cds*=off:stderr"
# Libraries log to nowhere; to search all jars for who might want it takes longer than many a command. What slf4j says of that, too.
flags="$flags -Dslf4j.internal.verbosity=ERROR"
logger=-Dslf4j.provider=org.slf4j.nop.NOPServiceProvider

# Records the classes of a typical run, so that the next start finds them mapped and verified: an AOT cache, which Java has from 25
# on, or a class-data archive. The native library that traces are read with is left beside it, unpacked.
warm() {
    made=$archive.$$
    if "$java" -XX:+PrintFlagsFinal -version 2>/dev/null | grep -q AOTCacheOutput; then
        kind=aot option=-XX:AOTCacheOutput common=true
    else
        kind=jsa option=-XX:ArchiveClassesAtExit common=false
    fi
    "$java" $flags "$option=$made" -Ddamson.native.dir="$native" -Ddamson.library.unpack="$made.so" \
        -Ddamson.warm.common=$common "$logger" -jar "$home/damson.jar" self-warm >/dev/null 2>&1 || true
    if [ -s "$made" ]; then
        mv "$made.so" "$archive.so" 2>/dev/null || true
        mv "$made" "$archive.$kind" 2>/dev/null || true
    fi
    rm -f "$made" "$made.so" "$made.config" 2>/dev/null || true
}
# Where no archive can be written, damson starts without, and says nothing of it.
classes=
library=
if [ -n "$archive" ]; then
    [ -f "$archive.aot" ] || [ -f "$archive.jsa" ] || [ ! -w "${archive%/*}" ] || warm
    if [ -f "$archive.aot" ]; then
        classes=-XX:AOTCache=$archive.aot
        flags="$flags -Xlog:aot*=off:stderr"
    elif [ -f "$archive.jsa" ]; then
        classes=-XX:SharedArchiveFile=$archive.jsa
    fi
    [ ! -f "$archive.so" ] || library=-DZstdNativePath=$archive.so
fi

# What is printed for a shell begins with what finds this damson.
called=
case $0 in */*) command -v damson >/dev/null 2>&1 || called=-Ddamson.called=$0 ;; esac

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
# Nor do many traces need more than one: what comes of each is small, and is added up.
fleet) flags="$flags -Xms48m -Xmn24m -XX:MinHeapFreeRatio=20 -XX:MaxHeapFreeRatio=40" ;;
# A report keeps little of a trace: its heap is collected before it grows, however long the trace is.
report | symbolize) flags="$flags -Xms48m -Xmn16m -XX:MinHeapFreeRatio=20 -XX:MaxHeapFreeRatio=40" ;;
esac
# What ends within a second, or mostly waits for memory, has no use for what the second compiler makes of it while it runs.
case "${1:-} ${2:-}" in
"report wss" | "report heatmap" | "report guide" | "report idle" | "report windows" | "report objects" | "report sizing" | \
    "fleet report" | "fleet curves" | info* | help* | completion* | doctor* | -*) flags="$flags -XX:TieredStopAtLevel=1" ;;
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
# version. Spark reaches into the JDK at these places; no manifest says so for it.
if [ "${1:-}" = fleet ] && [ -d "$fleet" ]; then
    classes=
    library=
    flags="$flags --enable-native-access=ALL-UNNAMED"
    # A machine that cannot resolve its own name is enough for Spark within this process.
    case " $* " in *" --master "* | *" --master="*) ;; *) export SPARK_LOCAL_IP="${SPARK_LOCAL_IP:-127.0.0.1}" ;; esac
    for package in java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util java.util.concurrent \
        java.util.concurrent.atomic jdk.internal.ref sun.nio.ch sun.nio.cs sun.util.calendar; do
        flags="$flags --add-opens=java.base/$package=ALL-UNNAMED"
    done
    set -- -cp "$fleet/*" org.damson.cli.Main "$@"
else
    set -- "$logger" -jar "$home/damson.jar" "$@"
fi
# Where one of the first three is missing, Java opens another file under its number, and what was to be said goes there. Reading alone
# is not enough for an output: so it fails, and says so.
{ true 3<&0; } 2>/dev/null || exec </dev/null
{ true 3>&1; } 2>/dev/null || exec 1</dev/null
[ -e /proc/self/fd/2 ] || [ ! -e /proc/self/fd ] || exec 2>/dev/null
exec "$java" $flags ${classes:+"$classes"} ${library:+"$library"} ${called:+"$called"} -Ddamson.native.dir="$native" ${DAMSON_JAVA_OPTS:-} "$@"
