#!/usr/bin/env python3
"""Counts the tests that the last build did not run, by what they need of a machine: testing/not-run.py [REASON...]

Exit status 1 if there is one for another reason than those given, or than the known ones where none is.
"""
import collections
import glob
import os
import sys
import xml.etree.ElementTree

# What a machine may lack. Everything else is made by the build, or its test fails.
KNOWN = {"needs root", "needs root and tracefs", "needs 64-bit x86"}

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
allowed = set(sys.argv[1:]) or KNOWN
ran = 0
not_run = collections.defaultdict(list)
for report in sorted(glob.glob("*/target/surefire-reports/TEST-*.xml")):
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        skipped = case.find("skipped")
        if skipped is None:
            ran += 1
            continue
        reason = (skipped.get("message") or "").split(" ==> ")[-1].strip() or "no reason given"
        not_run[reason].append(f"{case.get('classname')}.{case.get('name')}")
if ran == 0:
    sys.exit("no test reports: run mvn verify first")
print(f"{ran} tests ran, {sum(map(len, not_run.values()))} did not")
for reason, tests in sorted(not_run.items()):
    print(f"{reason}: {len(tests)}")
    for test in tests:
        print(f"    {test}")
refused = set(not_run) - allowed
if refused:
    sys.exit("not a reason to leave a test out: " + "; ".join(sorted(refused)))
