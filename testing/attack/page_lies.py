"""Parquet files whose pages, page headers and footers lie in their encodings and lengths."""
import re
import struct

import lies
import thrift
from thrift import BINARY, I32, I64, LIST, STRUCT

TREE = lies.pathlib.Path(__file__).resolve().parent.parent.parent
PLAIN, PACKED_BITS, RLE, DELTA, DELTA_LENGTHS, DELTA_TEXTS, INDICES, SPLIT = 0, 4, 3, 5, 6, 7, 8, 9
GIB = 1 << 30


def zstd(*parts):
    """A zstd frame of parts: bytes as they are, or (byte, how often)."""
    size = sum(len(p) if isinstance(p, bytes) else p[1] for p in parts)
    blocks = []
    for part in parts:
        kind, content, n = (0, part, len(part)) if isinstance(part, bytes) else (1, part[0], part[1])
        for at in range(0, n, 1 << 17):
            some = min(n - at, 1 << 17)
            blocks.append((some, kind, content[at:at + some] if kind == 0 else content))
    blocks = blocks or [(0, 0, b"")]
    return b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", size) + b"".join(
        struct.pack("<I", n << 3 | kind << 1 | (i == len(blocks) - 1))[:3] + content for i, (n, kind, content) in enumerate(blocks))


def page(values, *parts, encoding=PLAIN, dictionary=False, more=None, kind=None, head=None):
    """A page of so many values; `more` are fields of the data page's header, `head` of the page's."""
    size = sum(len(p) if isinstance(p, bytes) else p[1] for p in parts)
    content = zstd(*parts)
    fields = {1: (I32, (2 if dictionary else 0) if kind is None else kind), 2: (I32, size), 3: (I32, len(content))}
    if dictionary:
        fields[7] = (STRUCT, {1: (I32, values), 2: (I32, PLAIN)})
    else:
        fields[5] = (STRUCT, {1: (I32, values), 2: (I32, encoding), 3: (I32, RLE), 4: (I32, RLE), **(more or {})})
    fields.update(head or {})
    return thrift.write(STRUCT, fields) + content


def deltas(count, first, step, block=None, minis=1, width=0, rest=b""):
    """DELTA_BINARY_PACKED: as many numbers as claimed, each `step` more than the one before."""
    block = block if block is not None else max(count - 1, 1)
    return thrift.varint(block) + thrift.varint(minis) + thrift.varint(count) + thrift.zigzag(first) + thrift.zigzag(step) + bytes([width]) * min(minis, 64) + rest


def text(content):
    return struct.pack("<I", len(content)) + content


def run(index, n, width=8):
    """RLE: one index so often."""
    return bytes([width]) + thrift.varint(n << 1) + index.to_bytes((width + 7) // 8, "little")


def nested(depth):
    """Structs in structs, in a field that nobody knows."""
    return b"\x1c" * depth + b"\0" * depth


def page_lies():
    """Name to function that changes a trace, and what a reader says."""
    def start(*pages):
        def act(t):
            p = lies.Parquet(t / "regions-000000.parquet")
            p.only_pages("start", *pages)
            p.write()
        return act

    def cause(*pages):
        def act(t):
            p = lies.Parquet(next(t.glob("losses-*.parquet")))
            p.only_pages("cause", *pages)
            p.write()
        return act

    def footer(change):
        def act(t):
            p = lies.Parquet(t / "regions-000000.parquet")
            change(p)
            p.write()
        return act

    def raw_header(content):
        def act(t):
            p = lies.Parquet(t / "regions-000000.parquet")
            meta = p.column("start")
            meta[9] = (I64, len(p.body))
            meta[7] = (I64, len(content))
            p.body += content
            p.write()
        return act

    def appended(extra):
        """A footer with more behind its last field."""
        def act(t):
            p = lies.Parquet(t / "regions-000000.parquet")
            whole = thrift.write(STRUCT, p.footer)[:-1] + extra + b"\0"
            p.file.write_bytes(p.body + whole + struct.pack("<I", len(whole)) + b"PAR1")
        return act

    def codec(n):
        return footer(lambda p: p.column("start").update({4: (I32, n)}))

    def packed(*args, **kw):
        return start(page(1 << 20, deltas(*args, **kw), encoding=DELTA))

    one = page(1, text(b"x"), dictionary=True)
    statistics = {5: (STRUCT, {1: (BINARY, (90 << 20, b"x"))})}
    found = {
        "delta-block-0": (packed(9, 1, 1, block=0), "blocks of 0"),
        "delta-block-2e62": (packed(9, 1, 1, block=1 << 62), "blocks of"),
        "delta-minis-0": (packed(9, 1, 1, minis=0), "blocks of"),
        "delta-minis-2e31": (packed(9, 1, 1, block=1 << 30, minis=1 << 30), "end early"),
        "delta-odd": (packed(9, 1, 1, block=10, minis=3), "blocks of"),
        "delta-count-2e62": (packed(1 << 62, 1, 0, block=1 << 30), "not start|empty|backwards|order|rows"),
        "delta-count-less": (packed(3, 1, 1), "end early"),
        "delta-width-255": (packed(9, 1, 1, width=255), "255 bits|end early"),
        "delta-width-64-cut": (packed(1 << 20, 1, 1, width=64), "end early"),
        "delta-number-too-long": (start(page(9, b"\xff" * 40, encoding=DELTA)), "64 bits|blocks"),
        "delta-nothing": (start(page(9, b"", encoding=DELTA)), "end early|page claims"),
        **{f"numbers-in-encoding-{e}": (start(page(1000, (b"\0", 8000), encoding=e)), "encoding") for e in (RLE, PACKED_BITS, DELTA_LENGTHS, DELTA_TEXTS, SPLIT, 99)},
        **{f"texts-in-encoding-{e}": (cause(page(1, (b"\0", 800), encoding=e)), "encoding") for e in (RLE, DELTA, DELTA_LENGTHS, DELTA_TEXTS, SPLIT, 99)},
        "texts-that-grow": (cause(page(60000, deltas(60000, 0, 1), deltas(60000, 1, 0), (b"x", 60000), encoding=DELTA_TEXTS)), "in encoding"),
        "packed-run-of-2e27": (cause(one, page(1, b"\1" + thrift.varint(1 << 28 | 1), encoding=INDICES)), "packed indices end early"),
        "run-of-none": (cause(one, page(1, run(0, 0), encoding=INDICES)), "empty run"),
        "index-outside": (cause(one, page(1, run(7, 1), encoding=INDICES)), "damaged Parquet"),
        "index-of-33-bits": (cause(one, page(1, b"\x21\x02\0\0\0\0\0", encoding=INDICES)), "33 bits"),
        "index-without-a-dictionary": (cause(page(1, run(0, 1), encoding=INDICES)), "no dictionary"),
        "dictionary-twice": (cause(one, one, page(1, run(0, 1), encoding=INDICES)), "unexpected page"),
        "dictionary-of-none": (cause(page(0, b"", dictionary=True), page(1, run(0, 1), encoding=INDICES)), "damaged Parquet"),
        "dictionary-negative": (cause(page(-1, text(b"x"), dictionary=True), page(1, run(0, 1), encoding=INDICES)), "dictionary claims"),
        "dictionary-text-of-2G": (cause(page(1, struct.pack("<I", lies.TWO_GB) + b"x", dictionary=True), page(1, run(0, 1), encoding=INDICES)), "texts end early"),
        "dictionary-of-numbers-bomb": (start(page(1 << 23, (b"\0", 1 << 26), dictionary=True), page(9, run(0, 9), encoding=INDICES)), "page claims"),
        "statistics-of-90M": (start(page(9, (b"\0", 72), more=statistics)), "a length of"),
        "statistics-of-10K": (start(page(9, (b"\0", 72), more={5: (STRUCT, {1: (BINARY, b"x" * 10000)})})), "a length of"),
        "header-depth-100000": (raw_header(nested(100000)), "nested deeper"),
        "header-list-2e30": (raw_header(b"\x19\xf3" + thrift.varint(GIB)), "a length of"),
        "header-never-ends": (raw_header(b"\x15\0" * 5000), "ends early"),
        "page-of-an-index": (start(page(9, (b"\0", 72), kind=1)), "unexpected page"),
        "page-version-2": (start(page(9, (b"\0", 72), kind=3)), "unexpected page"),
        "page-of-no-kind": (start(page(9, (b"\0", 72), kind=99)), "damaged Parquet|footer"),
        "page-without-its-header": (raw_header(thrift.write(STRUCT, {1: (I32, 0), 2: (I32, 8), 3: (I32, 8)}) + bytes(8)), "unexpected page"),
        "frame-cut": (start(page(9, (b"\0", 72))[:-3]), "end early|damaged"),
        "footer-key-of-1G": (appended(b"\x19\x1c\x18" + thrift.varint(GIB)), "a length of|nested|unknown type"),
        "footer-name-of-90M": (footer(lambda p: p.footer.update({6: (BINARY, (90 << 20, b"x"))})), "a length of"),
        "footer-groups-90M": (footer(lambda p: p.footer.update({4: (LIST, (STRUCT, [p.group], 90 << 20))})), "a length of|ends early|nested|unknown"),
        "footer-depth-100000": (appended(b"\x1c" + nested(100000)), "nested deeper"),
        "footer-of-17M": (footer(lambda p: p.footer.update({6: (BINARY, b"x" * (17 << 20))})), "footer claims"),
        "column-index-far": (footer(lambda p: [c.update({4: (I64, 1 << 60), 5: (I32, lies.TWO_GB), 6: (I64, -1), 7: (I32, -1)}) for c in p.group[1][1][1]]), ""),
        "bloom-filter-far": (footer(lambda p: p.column("start").update({14: (I64, 1 << 60), 15: (I32, lies.TWO_GB)})), ""),
        "statistics-that-lie": (footer(lambda p: p.column("start").update({12: (STRUCT, {5: (BINARY, b"\xff" * 8), 6: (BINARY, b"\0" * 8)})})), ""),
        **{f"codec-{n}": (codec(n), "expected ZSTD|footer") for n in (1, 2, 3, 4, 5, 7, 99)},
    }
    return found


def tables():
    """Name of a table to its columns, (name, kind), as damson's source has them."""
    source = (TREE / "formats/src/main/java/org/damson/model/Table.java").read_text()
    parts = re.split(r"^    ([A-Z_]+)\(", source.partition("private final")[0], flags=re.M)[1:]
    return {name.lower(): re.findall(r'\b(i64|i32|text)\("(\w+)"\)', columns) for name, columns in zip(parts[::2], parts[1::2])}


def table(name, rows, groups, **columns):
    """A Parquet file of a table: in each group so many rows. A column is a number, (first, step), bytes: one text, or a list of pages."""
    schema = [{4: (BINARY, name.encode()), 5: (I32, len(tables()[name]))}]
    body, chunks = b"PAR1", []
    for kind, column in tables()[name]:
        schema.append({1: (I32, {"i32": 1, "i64": 2, "text": 6}[kind]), 3: (I32, 0), 4: (BINARY, column.encode())})
        value = columns.get(column, b"x" if kind == "text" else 0)
        if isinstance(value, bytes):
            pages = [page(1, text(value), dictionary=True), page(rows, run(0, rows), encoding=INDICES)]
        elif isinstance(value, list):
            pages = value
        else:
            pages = [page(rows, deltas(rows, *(value if isinstance(value, tuple) else (value, 0))), encoding=DELTA)]
        at, first = len(body), len(pages[0])
        size = sum(map(len, pages))
        meta = {1: schema[-1][1], 2: (LIST, (I32, [0, INDICES])), 3: (LIST, (BINARY, [column.encode()])), 4: (I32, 6),
                5: (I64, rows), 6: (I64, size), 7: (I64, size), 9: (I64, at)}
        if isinstance(value, bytes):
            meta[9], meta[11] = (I64, at + first), (I64, at)
        chunks.append({2: (I64, 0), 3: (STRUCT, meta)})
        body += b"".join(pages)
    group = {1: (LIST, (STRUCT, chunks)), 2: (I64, 1), 3: (I64, rows)}
    footer = thrift.write(STRUCT, {1: (I32, 1), 2: (LIST, (STRUCT, schema)), 3: (I64, rows * groups), 4: (LIST, (STRUCT, [group] * groups))})
    return body + footer + struct.pack("<I", len(footer)) + b"PAR1"


def put_table(trace, name, rows, groups=1, **columns):
    """Puts such a table into a trace, in the place of what it has of it; the manifest is right."""
    for old in trace.glob(f"{name}-*.parquet"):
        old.unlink()
    file = f"{name}-000000.parquet"
    (trace / file).write_bytes(table(name, rows, groups, **columns))

    def change(m):
        m["files"] = [e for e in m["files"] if e["table"] != name]
        m["files"].append({"name": file, "table": name, "rows": rows * groups, "size_bytes": 0, "sha256": ""})
    lies.seal(trace, first=change)


def row_lies():
    """Name to function that puts a table of millions of rows in some bytes into a trace."""
    n = 1 << 22

    def rows(name, groups=1, rows=n, **columns):
        return lambda t: put_table(t, name, rows, groups, **columns)

    words = [page(1, text(b"x" * 8), dictionary=True), page(n, run(0, n), encoding=INDICES)]
    return {
        "targets": rows("snapshots", snapshot_id=(0, 1), target=(1, 1), end_ns=1000000, aggr_us=100000, sample_us=5000),
        "mappings": rows("mappings", pid=1, start=(4096, 4096), end=(8192, 4096), time_ns=1),
        "mappings-of-processes": rows("mappings", pid=(1, 1), start=4096, end=8192, time_ns=1),
        "mappings-in-time": rows("mappings", pid=1, start=4096, end=8192, time_ns=(1, 1)),
        "frames": rows("frames", frame_id=(1, 1), offset=(1, 1)),
        "stacks": rows("stacks", groups=4, stack_id=(1, 1), frame_id=1),
        "deep-stack": rows("stacks", groups=4, stack_id=1, depth=(0, 1), frame_id=1),
        "threads": rows("threads", time_ns=1, pid=(1, 1), tid=(1, 1)),
        "thread-names": rows("threads", time_ns=(1, 1), pid=1, tid=1),
        "samples": rows("samples", time_ns=(1, 1), pid=(1, 1), tid=(1, 1), address=(1, 1), stack_id=(1, 1), weight=1),
        "losses": rows("losses", from_ns=(1, 1), to_ns=(2, 1), count=1),
        "counters": rows("memory", time_ns=(1, 1), pid=(1, 1), value=(1, 1)),
        "counters-of-one": rows("memory", groups=4, time_ns=(1, 1), pid=1, value=(1, 1)),
        "scheme-stats": rows("scheme_stats", time_ns=(1, 1), scheme=(0, 1), value=(1, 1)),
        "schemes": rows("schemes", time_ns=(1, 1), scheme=(0, 1), start=(1, 4096), end=(4097, 4096), target=(1, 1)),
        "tuning": rows("tuning", time_ns=(1, 1), sample_us=(1, 1), aggr_us=(1, 1)),
        "sampling": rows("sampling", from_ns=(1, 2), to_ns=(2, 2)),
        "writes": rows("writes", start_ns=0, end_ns=1000, start=(4096, 4096), end=(8192, 4096), samples=1, target=(1, 1)),
        "damo": rows("damo", record=(0, 1), snapshot_id=(0, 1), json=b"{}"),
        "curves": rows("curves", bin=(0, 1), rest=1, histogram=b"idle"),
        "target-sums": rows("target_sums", target=(0, 1), bin=(0, 1), total=b"bytes"),
        "heat-areas": rows("heat_areas", target=(0, 1), start=(4096, 4096), end=(8192, 4096)),
        "heat-cells": rows("heat_cells", target=(0, 1), start=(4096, 4096), end=(8192, 4096), start_ns=(0, 1), end_ns=(1, 1)),
        "idle-series": rows("idle_series", target=(0, 1), snapshot_id=(0, 1)),
        "words": rows("frames", frame_id=(1, 1), function=words),
    }


# What reads the tables, and what is asked of each: where what is kept is bounded. docs/DAMAGE.md has what the others take.
READS = {
    "info": ["info", "@IN"],
    "verify": ["verify", "@IN"],
    "wss": ["report", "wss", "@IN"],
    "objects": ["report", "objects", "@IN"],
    "html": ["report", "html", "@IN", "-o", "@OUT/r.html"],
    "heatmap": ["report", "heatmap", "@IN"],
    "idle": ["report", "idle", "@IN"],
    "footprint": ["report", "footprint", "@IN"],
    "access": ["report", "access", "@IN"],
    "damo": ["export", "@IN", "--to", "damo", "-o", "@OUT/x.damo"],
    "perfetto": ["export", "@IN", "--to", "perfetto", "-o", "@OUT/x.perfetto"],
    "simulate": ["simulate", "@IN", "--scheme", "stat access=0..0"],
    "capsule": ["capsule", "@IN", "-o", "@OUT/c.zip"],
}
SUMS = "info verify wss html idle heatmap"
READ_BY = {
    "targets": "info html idle damo simulate",
    "mappings": "info", "mappings-of-processes": "info", "mappings-in-time": "info",
    "frames": "info objects html", "stacks": "info objects html", "deep-stack": "info objects", "words": "info", "samples": "info objects html perfetto",
    "threads": "info objects html", "thread-names": "info objects html",
    "losses": "html access", "counters": "info html footprint perfetto capsule", "counters-of-one": "info html footprint perfetto capsule",
    "scheme-stats": "info html simulate", "schemes": "info", "tuning": "info html access", "sampling": "info html wss", "writes": "info html heatmap",
    "damo": "info", "curves": "info wss html idle heatmap", "target-sums": SUMS, "heat-areas": SUMS, "heat-cells": SUMS, "idle-series": SUMS,
}
READ_BY = {name: reads.split() for name, reads in READ_BY.items()}
