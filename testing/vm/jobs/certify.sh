# certify through kernel DAMON and through referenced bits: both judge all patterns, and what was found is kept.
. /job/vm/lib.sh
ticker
# The generator is started by certify, on the CPU of everything else.
/job/native/ticker 1 &
started+=($!)
export XDG_STATE_HOME=$PWD/state
suspend=
[ ! -e /sys/module/damon_stat ] || suspend=--suspend-damon-stat
for source in damon referenced; do
    [ $source = damon ] || suspend=
    damson certify --source $source $suspend --json >$source.json 2>$source.err
    code=$?
    cat $source.err
    check "$source: certified or not, but judged" test $code = 0 -o $code = 1
    check "$source: eight patterns with figures" python3 - $source.json <<'P'
import json, sys
runs = json.load(open(sys.argv[1]))["runs"]
for run in runs:
    assert len(run["patterns"]) == 8 and run["overall"]["snapshots"] > 0, run
    print(run["line"])
P
    python3 -c "import json; [print(r['line']) for r in json.load(open('$source.json'))['runs']]"
done
check "certificates are the user's alone" sh -c '[ "$(stat -c %a state/damson/certificates/* | sort -u)" = 600 ]'
finish
