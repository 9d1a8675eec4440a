#!/usr/bin/env python3
"""Prints how much of a fuzz target's parser was reached: fuzz_coverage.py TARGET COVERAGE_REPORT"""
import re
import sys

PARSERS = {
    "recording": ["Importers", "TextImporter", "TextEvent", "LineReader", "BoundedInflater", "EventAssembler", "DamonEvent"],
    "binary": ["PerfDataImporter", "TraceDatImporter", "DamoBinaryImporter", "DamonRecords", "TracingHeader", "BinaryInput"],
    "ring": ["RingPage", "EventFormat"],
    "schemes": ["SchemeParser", "SchemeText", "SchemeBuilder"],
    "damo": ["DamoImporter", "DamoValues"],
    "sidefiles": ["SideFiles"],
    "manifest": ["Manifests"],
    "journal": ["Journal"],
    "parquet": ["ParquetTableReader", "ColumnPages", "RunLengths"],
    "bundle": ["Storage", "StoredTrace", "StoredSnapshots", "ParquetTableReader", "ColumnPages", "RunLengths"],
}


def main(target, report):
    """Sums the covered and all lines and branches of the parser's source files."""
    section = ""
    sums = {"Line coverage": [0, 0], "Branch coverage": [0, 0]}
    for line in open(report, encoding="utf-8"):
        if line.rstrip().endswith(':'):
            section = line.strip().rstrip(":")
        match = re.match(r"\s*(\S+)\.java:\s+(\d+)/(\d+)", line)
        if match and section in sums and match[1] in PARSERS[target]:
            sums[section][0] += int(match[2])
            sums[section][1] += int(match[3])
    words = []
    for section, (covered, total) in sums.items():
        if total:
            words.append(f"{'lines' if section.startswith('Line') else 'branches'} {covered}/{total}")
    print(", ".join(words) + " of " + " ".join(PARSERS[target]))


main(*sys.argv[1:])
