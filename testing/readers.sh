#!/usr/bin/env bash
# Runs the lines for duckdb, pandas and polars that README.md and docs/FORMAT.md show, as they are written there, on an
# imported trace, and checks what each reader counts against damson's own count.
#
#   testing/readers.sh            with python3 and duckdb from PATH
#   PYTHON=venv/bin/python testing/readers.sh
#
# Where there is no duckdb program, its lines run through Python's duckdb module, and where there is neither, through the Java
# library that damson ships. What else is missing here is skipped and named last; READERS_REQUIRED=1 makes that a failure.
set -u
[ "${DAMSON_SHIELDED:-}" ] || exec "$(dirname "$0")/shield/run" bash "$0" "$@"
cd "$(dirname "$0")/.."
top=$PWD
python=$(command -v "${PYTHON:-python3}") || python=
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ran=0
failed=0
skipped=()

has() { # MODULE: Python has it; pandas needs another one to read Parquet
    [ -n "$python" ] && "$python" -c "import $1" 2>/dev/null || return 1
    [ "$1" != pandas ] || has pyarrow || has fastparquet
}

# duckdb -c SQL, by the module.
duckdb_module() { "$python" -c 'import duckdb, sys; print(duckdb.sql(sys.argv[2]))' "$@"; }

# The same by DuckDB's Java library, which damson ships.
duckdb_java() { java -cp "$(echo "$top"/dist/lib/duckdb_jdbc-*.jar)" "$top/testing/Duckdb.java" "$@"; }

check() { # NAME COMMAND...: it succeeds and prints something
    if (cd "$work" && "${@:2}") >"$work/out" 2>&1 && [ -s "$work/out" ]; then
        ran=$((ran + 1)); printf 'ok   %s\n' "$1"
    else
        failed=$((failed + 1)); printf 'FAIL %s\n' "$1"; sed 's/^/     /' "$work/out"
    fi
}

counts() { # NAME COMMAND...: it prints the number of rows and the sum of accesses that damson counts
    check "$@"
    [ "$(tr -cs '0-9\n' ' ' <"$work/out" | xargs)" = "$want" ] || {
        failed=$((failed + 1)); printf 'FAIL %s: damson counts %s, it says:\n' "$1" "$want"; sed 's/^/     /' "$work/out"
    }
}

./damson import testdata/stairs/tracefs.txt.gz -o "$work/imported.damson" --quiet || exit 1
cp -r "$work/imported.damson" "$work/x.damson"
# What README.md records through referenced bits.
cp -r testdata/java-hot/hot.damson "$work/stairs.damson"
want=$(./damson dump "$work/x.damson" | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "nr_accesses") c = i; next }
    { n++; sum += $c } END { print n, sum }')

if command -v duckdb >/dev/null; then duckdb=duckdb; elif has duckdb; then duckdb=duckdb_module; else duckdb=duckdb_java; fi
counts "duckdb counts the same" $([ $duckdb = duckdb ] && echo duckdb -noheader -csv || echo $duckdb) \
    -c "select concat_ws(' ', count(*), sum(nr_accesses)) as \"-\" from 'x.damson/regions-*.parquet'"
for module in pandas polars; do
    has "$module" || { skipped+=("$module"); continue; }
    counts "$module counts the same" "$python" -c "
import $module
r = $module.read_parquet('x.damson/regions-000000.parquet')
print(len(r), r['nr_accesses'].sum())"
done

for page in README.md docs/FORMAT.md; do
    while IFS= read -r line; do
        case $line in
            duckdb*) check "$page: $line" eval "$duckdb ${line#duckdb }" ;;
            *"import pandas"*) has pandas && check "$page: $line" eval "\"\$python\" ${line#python3 }" ;;
            *"import polars"*) has polars && check "$page: $line" eval "\"\$python\" ${line#python3 }" ;;
        esac
    done < <(grep -E '^(duckdb -c|python3 -c) ' "$page")
done

# The Python of docs/DATAFRAMES.md, block by block, beside the trace and the script that it names.
cp -r "$work/imported.damson" "$work/run.damson"
./damson sql "$work/run.damson" --script >"$work/run.sql" || failed=$((failed + 1))
awk -v to="$work/block" '/^```python/ { n++; file = to n ".py"; next } /^```/ { file = "" } file { print > file }' docs/DATAFRAMES.md
for block in "$work"/block*.py; do
    missing=
    for module in $(sed -n 's/^import //p' "$block") $(grep -q '\.df()' "$block" && echo pandas); do
        has "$module" || missing=$module
    done
    [ -z "$missing" ] && check "docs/DATAFRAMES.md: $(head -1 "$block")" "$python" "$block"
done

printf '%d lines ran, %d failed\n' "$ran" "$failed"
if [ ${#skipped[@]} -gt 0 ]; then
    printf 'SKIPPED, because they are not installed here: %s\n' "${skipped[*]}"
    [ "${READERS_REQUIRED:-0}" = 0 ] || exit 1
fi
[ "$failed" = 0 ]
