#!/usr/bin/env python3
"""Compares field numbers and types that tests check exports by with a public schema.

    testing/schema-fields.py cli/src/test/resources/org/damson/cli/trace/pprof.fields profile.proto
    testing/schema-fields.py cli/src/test/resources/org/damson/cli/trace/perfetto.fields perfetto_trace.proto

The first schema is in Debian's golang-github-google-pprof-dev, the other in Perfetto's sources. Exit status 1 where they differ."""
import re
import sys


def published(path):
    """Fields by message, and values by enum; what is nested by its name alone and by its outer one's too."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", open(path, encoding="utf-8").read(), flags=re.S)
    found, outer = {}, []
    token = re.compile(
        r"(message|enum|oneof|extend|service)\s+([\w.]+)\s*\{|(\})|\{"
        r"|(?:(repeated|optional|required)\s+)?([\w.]+)\s+(\w+)\s*=\s*(\d+)\s*(?:\[[^\]]*\])?;"
        r"|(\w+)\s*=\s*(-?\d+)\s*(?:\[[^\]]*\])?;"
    )
    for m in token.finditer(text):
        kind, name, close, label, type_, field, number, _, value = m.groups()
        if kind or m.group(0) == "{":
            outer.append((kind, name))
            if kind in ("message", "enum"):
                names = [n for k, n in outer if k in ("message", "enum")]
                for known in {names[-1], ".".join(names[-2:])}:
                    found.setdefault((kind, known), []).append({})
        elif close:
            if outer:
                outer.pop()
        elif outer:
            inner = next((o for o in reversed(outer) if o[0] in ("message", "enum")), None)
            if inner is None or outer[-1][0] == "extend":
                continue
            names = [n for k, n in outer if k in ("message", "enum")]
            for known in {names[-1], ".".join(names[-2:])}:
                here = found[(inner[0], known)][-1]
                if inner[0] == "enum" and value is not None:
                    here[int(value)] = None
                elif inner[0] == "message" and number is not None:
                    here[int(number)] = (field, type_, label == "repeated")
    return found


def differences(listing, schema):
    known, fields = None, 0
    for line in open(listing, encoding="utf-8"):
        word = line.split()
        if not word or word[0] in ("#", "syntax"):
            continue
        if word[0] == "message":
            known = word[1]
        elif word[0] == "enum":
            values = [v for v in schema.get(("enum", word[1]), [])]
            if not any(all(int(w) in v for w in word[2:]) for v in values):
                yield f"enum {word[1]}: {values}"
        else:
            fields += 1
            number, name, type_ = int(word[0]), word[1], word[2].rstrip("*")
            wanted = (name, word[2].endswith("*"))
            there = [m[number] for m in schema.get(("message", known), []) if number in m]
            same = [t for t in there if (t[0], t[2]) == wanted and t[1].split(".")[-1] == type_.split(".")[-1]]
            if not same:
                yield f"{known}.{number}: {line.strip()}, but the schema has {there or 'none'}"
    print(f"{fields} fields compared")


found = list(differences(sys.argv[1], published(sys.argv[2])))
print("\n".join(found) if found else "no difference")
sys.exit(1 if found else 0)
