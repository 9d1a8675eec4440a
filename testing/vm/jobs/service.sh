# The Debian package's service under systemd, over a kdamond of plain shell: started, rotating, killed, upgraded while it records,
# removed and purged. Only traces stay, each whole, and the kdamond never notices.
. /job/vm/lib.sh
ticker
stat_off
workload python3 $workloads/light.py
sleep 2
kdamond $workload
on
thread=$(pgrep -x 'kdamond\.[0-9]*')
traces=/var/lib/damson/traces
main() { systemctl show -p MainPID --value damson-record; }
sealed() { grep -lE '"state" *: *"(sealed|recovered)"' $traces/*.damson/manifest.json 2>/dev/null | wc -l; }
# more N: waits until there are N whole traces more than now.
more() {
    local i until=$(($(sealed) + $1))
    for i in $(seq 600); do
        [ "$(sealed)" -lt $until ] || return 0
        sleep 0.5
    done
    systemctl status damson-record
    return 1
}
# another PID: waits until the service runs in another process than that.
another() {
    local i
    for i in $(seq 600); do
        case $(main) in 0 | "$1") ;; *) systemctl is-active damson-record && return 0 ;; esac
        sleep 0.5
    done
    systemctl status damson-record
    return 1
}

check "systemd is process 1" grep -qx systemd /proc/1/comm
check "the package installs" dpkg -i /job/packages/damson.deb
check "its service is not enabled" sh -c '! systemctl is-enabled damson-record'
check "and does not run" sh -c '! systemctl is-active damson-record'
echo "DAMSON_LIMITS=--rotate 10s --retain 1h --max-disk 200M --min-free 50M" >>/etc/damson/record.conf
check "it starts, and is ready" timeout 400 systemctl enable --now damson-record
check "it rotates" more 3
killed=$(main)
kill -9 "$killed"
check "killed, it is started again" another "$killed"
check "and records" more 2
old=$(main)
check "the package is upgraded while it records" dpkg -i /job/packages/newer.deb
check "the new version runs" another "$old"
check "from its own jars" sh -c "ls -l /proc/$(main)/fd | grep -q newer-"
check "it is still enabled" systemctl is-enabled damson-record
check "its settings are kept" grep -q 'rotate 10s' /etc/damson/record.conf
check "it records" more 2
check "the package is removed" dpkg -r damson
check "the service has ended" sh -c '! systemctl is-active damson-record'
check "and is enabled no more" sh -c "! find /etc/systemd -name '*damson*' | grep ."
journalctl -u damson-record --no-pager >journal 2>/dev/null
for trace in $traces/*.damson; do
    check "${trace##*/} is whole" damson verify "$trace"
    check "and not being recorded" grep -qE '"state" *: *"(sealed|recovered)"' "$trace/manifest.json"
done
check "the package is purged" dpkg -P damson
find / -xdev \( -path /job -o -path /results -o -path /proc \) -prune -o -name '*damson*' -print >left
check "only traces are left" sh -c "grep -v '^/var/lib/damson' left; ! grep -qv '^/var/lib/damson' left"
check "no ring is left" sh -c "! ls -d $tracing/instances/damson-*"
check "the kdamond runs on, in the same thread" test "$(pgrep -x 'kdamond\.[0-9]*')" = "$thread"
off
finish
