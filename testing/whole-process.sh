#!/usr/bin/env bash
# Runs the staged ./damson as a user does, on the Java that JAVA_HOME names, and checks output, exit codes and silence.
# Prints "N passed, N failed" last; exits 1 if anything failed.
set -u
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

ok() { passed=$((passed + 1)); printf 'ok   %s\n' "$1"; }
bad() { failed=$((failed + 1)); printf 'FAIL %s\n' "$1"; sed 's/^/     /' "$work/out" "$work/err" | head -20; }

# expect NAME EXIT COMMAND...: the exit code is EXIT, nothing looks like a stack trace or a JVM warning.
expect() {
    local name=$1 want=$2 got
    shift 2
    "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    if [ "$got" != "$want" ]; then bad "$name (exit $got, expected $want)"; return 1; fi
    if grep -qE '^WARNING|SLF4J|^\s+at [a-z]+\.|Exception in thread' "$work/out" "$work/err"; then
        bad "$name (noise on the console)"
        return 1
    fi
    ok "$name"
}

# says NAME PATTERN: the last expect printed it, on either stream.
says() {
    if grep -qE "$2" "$work/out" "$work/err"; then ok "$1"; else bad "$1 (no line matches $2)"; fi
}

data=testdata
expect "version" 0 ./damson --version
expect "help" 0 ./damson help
expect "an unknown verb is a usage error" 2 ./damson recrod
expect "import of a tracefs text" 0 ./damson import $data/stairs/tracefs.txt.gz -o "$work/stairs.damson"
expect "info" 0 ./damson info "$work/stairs.damson"
says "assumed intervals are said" '[Aa]ssumed'
expect "nothing to say it to" 4 bash -c './damson info "$0" <&- >&-' "$work/stairs.damson"
says "which is said" 'cannot write to standard output: Bad file descriptor'
expect "nor to say that to" 4 bash -c './damson info "$0" <&- >&- 2>&-' "$work/stairs.damson"
expect "verify" 0 ./damson verify "$work/stairs.damson"
expect "report wss" 0 ./damson report wss "$work/stairs.damson"
expect "report heatmap on a terminal" 0 ./damson report heatmap "$work/stairs.damson"
expect "report heatmap as PNG" 0 ./damson report heatmap "$work/stairs.damson" --output "$work/h.png"
[ "$(head -c 4 "$work/h.png" | tail -c 3)" = PNG ] && ok "the PNG is one" || bad "the PNG is one"
expect "a report reads a pipe that is open" 0 bash -c "gzip -dc $data/stairs/tracefs.txt.gz | ./damson report wss /dev/stdin"
says "what is in it" '189 snapshots'
expect "report guide" 0 ./damson report guide "$work/stairs.damson"
expect "slice" 0 ./damson slice "$work/stairs.damson" --snapshots 10..20 -o "$work/cut.damson"
expect "bundle" 0 ./damson bundle "$work/stairs.damson" -o "$work/b.damson.zip"
expect "a bundle reads like its directory" 0 ./damson report wss "$work/b.damson.zip"
expect "import of a service's recording" 0 ./damson import $data/service/tracefs.txt.gz -o "$work/other.damson"
expect "a trace equals itself" 0 ./damson compare "$work/stairs.damson" "$work/stairs.damson"
says "its verdict" '^verdict: same'
expect "a trace of something else is different" 1 ./damson compare "$work/stairs.damson" "$work/other.damson"
says "its verdict" '^verdict: different'
expect "many runs in one table" 0 ./damson report matrix "$work/stairs.damson" "$work/cut.damson"
says "the change against the first" '^# .*against the first'
expect "top on a trace that is finished" 0 ./damson top "$work/stairs.damson" --once
says "the hottest memory" 'HEAT'
expect "replay of a short recording" 0 ./damson replay "$work/cut.damson"
expect "generate checks a configuration" 0 ./damson generate --check native/configs/stairs.cfg
printf 'a, 4M\n\np\n50\na, 0, 4096, 1\n' >"$work/short.cfg"
expect "generate logs what it touched" 0 ./damson generate "$work/short.cfg" --log "$work/truth.csv"
grep -qE '^[0-9]+,[0-9]+,p,a,[0-9]+(,[0-9]+){4}$' "$work/truth.csv" && ok "the log has a row" || bad "the log has a row"
expect "record a command" 0 ./damson record -o "$work/live.damson" -- sleep 3
expect "info on it" 0 ./damson info "$work/live.damson"
expect "record what tells its environment" 0 ./damson record -o "$work/env.damson" -- sh -c "env >$work/env; sleep 3"
expect "a recorded command has the environment of whoever calls" 1 grep -E '^(MALLOC_ARENA_MAX|DAMSON_SET)=' "$work/env"
# Java would not find its classes.
expect "with few open files nothing begins" 4 sh -c 'ulimit -n 40; exec ./damson info "$1"' - "$work/live.damson"
says "how many are needed" '^damson: 40 open files are allowed \(ulimit -Hn\): damson needs 64$'
# Words and names reach their goal byte for byte, whatever the locale is and whether or not they are UTF-8.
latin=$(printf 'd\344t')
utf8=$(printf 'd\303\244t')
for locale in LC_ALL=C LC_ALL=C.UTF-8 LANG= ; do
    for name in "$latin" "$utf8"; do
        rm -rf "${work:?}/words"
        mkdir -p "$work/words/$name"
        for word in "$name/f" '' ' a  b ' "$(printf 'n\nl')" '--a_b=c_d' "it's" '$HOME `x` \'; do printf '%s\n' "$word"; done >"$work/words/want"
        damson=$PWD/damson
        expect "record with a name in bytes, $locale" 0 env "$locale" sh -c 'cd "$1" && "$2" record -o "$3.damson" -- sh -c "$4" x "$3/f" "" " a  b " "$5" --a_b=c_d "it'"'"'s" "$6"' \
            x "$work/words/$name" "$damson" "$name" 'printf "%s\n" "$@" >../got; printf "%s\n" "${LC_ALL-unset}" >../locale; sleep 1' "$(printf 'n\nl')" '$HOME `x` \'
        cmp -s "$work/words/want" "$work/words/got" && ok "each word arrives" || bad "each word arrives"
        [ -f "$work/words/$name/$name.damson/manifest.json" ] && ok "the trace has its name" || bad "the trace has its name"
        expect "a report on it" 0 env "$locale" ./damson report wss "$work/words/$name/$name.damson" -o "$work/words/$name.csv"
        [ -s "$work/words/$name.csv" ] && ok "the report has its name" || bad "the report has its name"
        expect "a bundle of it" 0 env "$locale" ./damson bundle "$work/words/$name/$name.damson" --redact -o "$work/words/$name.damson.zip"
        expect "info on the bundle" 0 env "$locale" ./damson info "$work/words/$name.damson.zip"
        expect "a name that is not there" 3 env "$locale" ./damson info "$work/words/no$name"
    done
    case $locale in LC_ALL=*) want=${locale#LC_ALL=} ;; *) want=${LC_ALL-unset} ;; esac
    [ "$(cat "$work/words/locale")" = "$want" ] && ok "the command keeps its locale" || bad "the command keeps its locale"
done
# A root directory that is no mount, as in a chroot: everything of this one is bound below it.
if unshare -m true 2>/dev/null; then
    chroot_record() {
        mkdir "$work/root" && unshare -m sh -euc 'cd "$1"
            for d in /*; do
                if [ -L "$d" ]; then cp -P "$d" ".$d"; elif [ -d "$d" ]; then mkdir ".$d" && mount --rbind "$d" ".$d"; fi
            done
            exec chroot . "$2/damson" record -o /out.damson -- sleep 1' sh "$work/root" "$PWD"
    }
    expect "record where the root directory is no mount" 0 chroot_record
    expect "verify it" 0 ./damson verify "$work/root/out.damson"
else
    printf 'SKIPPED: a root directory that is no mount takes the right to mount\n'
fi
expect "a command with options needs two hyphens before it" 2 ./damson record -o "$work/t.damson" sh -c 'exit 0'
says "it is told so" 'put -- before the command'
expect "verify what was recorded" 0 ./damson verify "$work/live.damson"
expect "an output that exists is not overwritten" 2 ./damson import $data/stairs/tracefs.txt.gz -o "$work/stairs.damson"
expect "a command that does not exist" 3 ./damson record -o "$work/none.damson" -- /nonexistent/command
[ ! -e "$work/none.damson" ] && ok "it leaves nothing behind" || bad "it leaves nothing behind"
: >"$work/empty"
expect "an empty file is refused" 3 ./damson import "$work/empty" -o "$work/e.damson"
head -c 4000 /dev/urandom >"$work/junk"
expect "junk is refused" 3 ./damson import "$work/junk" -o "$work/e.damson"
[ ! -e "$work/e.damson" ] && ok "a refused import leaves nothing behind" || bad "a refused import leaves nothing behind"
expect "import of a damo record" 0 ./damson import $data/zigzag-damo/damon.data -o "$work/zigzag.damson"
expect "export to damo" 0 ./damson export "$work/zigzag.damson" --to damo -o "$work/damon.data"
# gzip inflates a zlib stream whose two-byte head is replaced by its own; it misses its trailer, hence 2>/dev/null.
inflate() { { printf '\037\213\010\0\0\0\0\0\0\003'; tail -c +3 "$1"; } | gzip -dc 2>/dev/null; }
inflate $data/zigzag-damo/damon.data >"$work/original.json"
inflate "$work/damon.data" >"$work/exported.json"
[ "$(wc -c <"$work/original.json")" -gt 100000 ] && cmp -s "$work/original.json" "$work/exported.json" \
    && ok "damo's JSON comes back byte for byte" || bad "damo's JSON comes back byte for byte"
expect "import of a perf.data" 0 ./damson import $data/stairs-perf/damon.perf.data.gz -o "$work/perf.damson"
expect "import of a trace.dat from a pipe" 0 \
    sh -c "gzip -dc $data/stairs-perf/damon.trace.dat.gz | ./damson import - -o '$work/dat.damson'"
expect "verify what came through the pipe" 0 ./damson verify "$work/dat.damson"
expect "import of call stacks" 0 ./damson import $data/stairs-perf/cpu.perf.script.gz -o "$work/cpu.damson"
expect "a question in SQL" 0 ./damson sql "$work/stairs.damson" --csv -c 'select count(*) as n from regions'
says "it counts the regions" '^3109$'
expect "SQL that is none" 2 ./damson sql "$work/stairs.damson" -c 'selekt'
expect "a missing trace" 3 ./damson info "$work/no.damson"

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
