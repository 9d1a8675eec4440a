# Under systemd: the unit and the polkit rule of SECURITY.md, word for word, let the user start that unit and nothing else.
. /job/vm/lib.sh
ticker
stat_off
check "systemd is process 1" test "$(cat /proc/1/comm)" = systemd
for n in $(seq 60); do busctl status >/dev/null 2>&1 && break; sleep 1; done
useradd --create-home --shell /bin/sh me
useradd --create-home --shell /bin/sh other
chmod -R a+rX /job
# Where the packages put it.
cp -r /job/damson /opt/damson
mkdir -p /usr/lib/damson/native
cp /job/damson/dist/native/* /usr/lib/damson/native/ 2>/dev/null
ln -s /opt/damson/damson /usr/bin/damson
# block FIRST-LINE FILE: the block of SECURITY.md that begins so.
block() { awk -v first="$1" '$0 == first { on = 1 } on && /^```/ { exit } on' /job/SECURITY.md >"$2"; }
mkdir -p /etc/polkit-1/rules.d
block '# /etc/systemd/system/damson-me.service' /etc/systemd/system/damson-me.service
block '// /etc/polkit-1/rules.d/50-damson.rules' /etc/polkit-1/rules.d/50-damson.rules
check "SECURITY.md has the unit" grep -q '^ExecStart=' /etc/systemd/system/damson-me.service
check "and the rule" grep -q 'polkit.addRule' /etc/polkit-1/rules.d/50-damson.rules
cat /etc/systemd/system/damson-me.service /etc/polkit-1/rules.d/50-damson.rules
cp /etc/systemd/system/damson-me.service /etc/systemd/system/damson-not-me.service
systemctl daemon-reload
as() { local user=$1; shift; setpriv --reuid=$user --regid=$user --init-groups --reset-env "$@"; }
# What the user wants recorded: a process of his by that name.
cp $accessgen /usr/local/bin/myservice
as me taskset 1 /usr/local/bin/myservice run --repeat 1000 $workloads/short.cfg >/dev/null 2>&1 &
started+=($!)
as me mkdir -p /home/me/traces
refused() {
    local what=$1
    shift
    "$@" >refused.out 2>&1
    check "refused: $what" test $? != 0
    cat refused.out
}
refused "another user starts it" as other systemctl --no-ask-password start damson-me
refused "he starts another unit" as me systemctl --no-ask-password start damson-not-me
check "nothing of them runs" sh -c '! pgrep -x damson-privileg'
# A unit that he may start but not describe.
refused "he runs what he likes as a unit" as me systemd-run --no-ask-password --collect true
refused "he changes the unit" as me systemctl --no-ask-password set-property --runtime damson-me.service Nice=-5
check "he starts it" as me systemctl --no-ask-password start damson-me
for n in $(seq 120); do pgrep -x 'kdamond\.[0-9]*' >/dev/null && break; sleep 1; done
check "DAMON records" pgrep -x 'kdamond\.[0-9]*'
sleep 8
check "the recorder is the user's" test "$(ps -o user= -p "$(pgrep -f 'damson.jar record' | head -1)")" = me
check "he stops it" as me systemctl --no-ask-password stop damson-me
for n in $(seq 60); do pgrep -f 'damson.jar record' >/dev/null || break; sleep 1; done
journalctl -q --no-pager -u damson-me | tail -12
systemctl status --no-pager damson-me | head -5
check "DAMON is off again" sh -c "! pgrep -x 'kdamond\.[0-9]*'"
check "the trace is the user's" test "$(stat -c %U /home/me/traces/service.damson)" = me
damson verify /home/me/traces/service.damson >verify.out 2>&1
check "and good" test $? = 0
cat verify.out
check "it has regions" sh -c "damson info /home/me/traces/service.damson | grep -q 'Snapshots: *[1-9]'"
finish
