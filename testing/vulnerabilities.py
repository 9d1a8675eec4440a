#!/usr/bin/env python3
"""Compares the jars of an SBOM with advisories in the OSV format, without a network.

usage: vulnerabilities.py SBOM ADVISORIES...   ADVISORIES: files or directories of JSON, or a zip of them, as OSV's export of an
ecosystem is (https://osv.dev, Maven/all.zip). Exit 1 and a line for each advisory that a jar is in, 3 if there is nothing to compare with.
"""
import functools
import json
import pathlib
import re
import sys
import zipfile
from itertools import zip_longest
from urllib.parse import unquote

QUALIFIERS = {"alpha": -5, "a": -5, "beta": -4, "b": -4, "milestone": -3, "m": -3, "rc": -2, "cr": -2, "snapshot": -1,
              "": 0, "final": 0, "ga": 0, "release": 0, "sp": 1}


def parts(version):
    """Numbers and words as Maven orders them: a word of no meaning comes behind a release, a number behind any word."""
    for part in re.findall(r"\d+|[a-z]+", version.lower()):
        if part.isdigit():
            yield (2, int(part), "") if int(part) else (1, 0, "")
        else:
            rank = QUALIFIERS.get(part)
            yield (1, rank, "") if rank is not None else (1, 2, part)


def compare(a, b):
    for x, y in zip_longest(parts(a), parts(b), fillvalue=(1, 0, "")):
        if x != y:
            return -1 if x < y else 1
    return 0


def is_affected(version, affected):
    if version in affected.get("versions", []):
        return True
    for span in affected.get("ranges", []):
        if span.get("type") not in ("ECOSYSTEM", "SEMVER"):
            continue
        inside = False
        key = functools.cmp_to_key(lambda a, b: compare(next(iter(a.values())), next(iter(b.values()))))
        for event in sorted(span["events"], key=key):
            if "introduced" in event and (event["introduced"] == "0" or compare(version, event["introduced"]) >= 0):
                inside = True
            elif "fixed" in event and compare(version, event["fixed"]) >= 0:
                inside = False
            elif "last_affected" in event and compare(version, event["last_affected"]) > 0:
                inside = False
        if inside:
            return True
    return False


def documents(paths):
    for path in map(pathlib.Path, paths):
        if path.is_dir():
            yield from documents(sorted(path.glob("*.json")))
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield json.loads(archive.read(name))
        else:
            found = json.loads(path.read_text())
            yield from found if isinstance(found, list) else [found]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    jars = {}
    for component in json.load(open(sys.argv[1]))["components"]:
        purl = re.match(r"pkg:maven/([^/]+)/([^@]+)@([^?]+)", component.get("purl", ""))
        if purl:
            group, artifact, version = map(unquote, purl.groups())
            jars[f"{group}:{artifact}"] = version
    compared = 0
    found = []
    for advisory in documents(sys.argv[2:]):
        if advisory.get("withdrawn"):
            continue
        for affected in advisory.get("affected", []):
            name = affected.get("package", {}).get("name")
            if name in jars:
                compared += 1
                if is_affected(jars[name], affected):
                    found.append(f"{advisory['id']}: {name} {jars[name]}: {advisory.get('summary', '')}")
    for line in sorted(set(found)):
        print(line)
    if not jars or not compared:
        print("vulnerabilities.py: nothing to compare: no jar of the SBOM is in any advisory", file=sys.stderr)
        return 3
    print(f"{len(jars)} jars, {compared} advisories about them, {len(set(found))} that they are in")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
