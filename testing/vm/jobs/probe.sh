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
finish
