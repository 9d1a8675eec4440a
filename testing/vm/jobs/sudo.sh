# The line that SECURITY.md has for sudoers, word for word: what it grants works, and nothing beside it does.
. /job/vm/lib.sh
ticker
suspend=
[ ! -e /sys/module/damon_stat ] || suspend=--suspend-damon-stat
echo "127.0.0.1 damson-vm" >>/etc/hosts
useradd --create-home --shell /bin/sh me
mkdir -p /usr/lib/damson/native
cp /job/damson/dist/native/damson-privileged /usr/lib/damson/native/
ln -s /job/damson/damson /usr/bin/damson
chmod -R a+rX /job
helper=/usr/lib/damson/native/damson-privileged
grep '^me ALL=' /job/SECURITY.md >/etc/sudoers.d/damson
chmod 440 /etc/sudoers.d/damson
cat /etc/sudoers.d/damson
check "SECURITY.md has one line for sudoers" test "$(wc -l </etc/sudoers.d/damson)" = 1
check "sudo takes it" visudo -c -q
as_me() { setpriv --reuid=me --regid=me --init-groups --reset-env sh -c 'cd && exec "$@"' - "$@"; }
granted() { as_me sudo -n $helper --user me -- "$@"; }
# refused WHAT COMMAND...: sudo asks for a password, which it may not, and nothing runs.
refused() {
    local what=$1
    shift
    as_me "$@" >refused.out 2>&1
    check "refused: $what" test $? != 0
    check "refused by sudo: $what" grep -qE 'password is required|not allowed' refused.out
}
granted id >id.out 2>&1
check "a command runs" test $? = 0
cat id.out
check "as the user, with no group of root" test "$(sed 's/ context=.*//' id.out)" = "$(as_me id)"
granted sh -c 'grep -E "^(NoNewPrivs|Cap(Inh|Prm|Eff|Amb))" /proc/self/status' >caps.out
cat caps.out
check "with no capability and no way to one" test "$(tr -s '\t ' ' ' <caps.out | sort | tr '\n' ,)" = \
    "CapAmb: 0000000000000000,CapEff: 0000000000000000,CapInh: 0000000000000000,CapPrm: 0000000000000000,NoNewPrivs: 1,"
check "sudo from within gives nothing" sh -c "! setpriv --reuid=me --regid=me --init-groups sudo -n $helper --user me -- sudo -n $helper --user me -- id"
refused "no user" sudo -n $helper -- id
refused "another user" sudo -n $helper --user root -- id
refused "every process" sudo -n $helper --user me --any-process -- id
refused "every process, named first" sudo -n $helper --any-process --user me -- id
refused "another tree" sudo -n $helper --user me --root /tmp -- id
refused "no end of options" sudo -n $helper --user me id
refused "nothing to run" sudo -n $helper --user me
refused "as another user by sudo" sudo -n -u nobody $helper --user me -- id
refused "a shell" sudo -n sh
refused "by another name" sudo -n /job/damson/dist/native/damson-privileged --user me -- id
# What stands behind -- is the command's, whatever it looks like.
granted echo --user root --any-process -- >echo.out 2>&1
check "options behind -- are the command's" grep -qx -- '--user root --any-process --' echo.out
# Environment and descriptors reach the command as SECURITY.md says, whatever sudo lets through.
cat >>/etc/sudoers.d/damson <<'S'
Defaults !env_reset, closefrom_override
S
as_me env LD_PRELOAD=/x SECRET=y TERM=vt100 sudo -n -C 20 $helper --user me -- sh -c 'env; ls /proc/self/fd' >env.out 2>&1 7</etc/shadow
cat env.out
check "no variable beside those of the list" sh -c "! grep -E '^[A-Za-z_]+=' env.out | grep -vE '^(PATH|TERM|COLUMNS|TZ|LANG|LC_[A-Z]*|NO_COLOR|JAVA_HOME|DAMSON_JAVA_OPTS|NOTIFY_SOCKET|WATCHDOG_USEC|HOME|USER|LOGNAME|DAMSON_PRIVILEGED|PWD)='"
check "no descriptor of the caller's" sh -c '! grep -qx 7 env.out'
sed -i '$d' /etc/sudoers.d/damson
granted damson record --source damon $suspend --duration 6s -o own.damson -- taskset 1 $accessgen run --repeat 5 $workloads/short.cfg >record.out 2>&1
check "recording DAMON works" test $? = 0
cat record.out
check "and is the user's" test "$(stat -c %U ~me/own.damson)" = me
workload $accessgen run --repeat 100 $workloads/short.cfg >/dev/null
granted damson record --source damon $suspend --duration 2s -o others.damson --pid $workload >others.out 2>&1
check "processes of others are refused" test $? != 0
cat others.out
finish
