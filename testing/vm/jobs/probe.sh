# What the guest is: kernel, DAMON's parts and state, Java, damson.
. /job/vm/lib.sh
say "kernel $(uname -r)"
for path in $damon "$tracing"/events/damon/* /sys/module/damon*; do say "$path"; done
for p in /sys/module/damon*/parameters/*; do say "$p = $(cat "$p" 2>/dev/null)"; done
check "sysfs interface" test -d $damon
check "damon_aggregated event" test -d "$tracing/events/damon/damon_aggregated"
case $(uname -r) in
6.12.*) check "no DAMON_STAT" test ! -d /sys/module/damon_stat ;;
6.18.*) check "DAMON_STAT runs" pgrep -x kdamond.0 ;;
esac
check "damson starts" damson --version
# Else each start takes a minute here.
DAMSON_JAVA_OPTS="$DAMSON_JAVA_OPTS -Xlog:class+load:file=classes" damson --version
check "class data sharing works" grep -q 'org.damson.*shared objects file (top)' classes
grep -c 'shared objects file' classes
grep -vc 'shared objects file' classes
finish
