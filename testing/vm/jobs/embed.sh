# Kernel DAMON by the Java interface: a command, a process that is left running, one for a time; the kernel is as it was afterwards.
. /job/vm/lib.sh
ticker
state() { settings; ls "$tracing/instances"; ls -A /run/damson 2>/dev/null | grep -v '^lock$'; }
state >untouched
# shellcheck disable=SC2086
java $DAMSON_JAVA_OPTS --add-opens=java.base/java.nio=ALL-UNNAMED -Ddamson.native.dir=/job/damson/dist/native \
    -cp '/job/embed:/job/embed/*:/job/damson/dist/lib/*' Embedded $accessgen $workloads/short.cfg >said 2>&1
check "the program ends well" test $? = 0
cat said
check "a command is recorded whole" grep -qE '^command.damson: damon, complete true, whole true, exit 0, [1-9][0-9]* snapshots, same true, greatest working set [1-9][0-9]{6}' said
check "a process until it is stopped" grep -qE '^process.damson: damon, complete true, whole true, exit null, [1-9][0-9]* snapshots, same true, greatest working set [1-9]' said
check "a process for a time" grep -qE '^short.damson: damon, complete true, whole true, exit null, [1-9][0-9]* snapshots, same true' said
check "which runs on" grep -q '^the process runs on: true' said
state >afterwards
check "the kernel is as it was" diff untouched afterwards
for trace in command process short; do check "$trace.damson is whole" damson verify $trace.damson; done
finish
