"""Traces and recordings that lie: each function makes a hostile input of a good one."""
import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import struct
import zipfile
import zlib

import thrift
from thrift import BINARY, I32, I64, LIST, STRUCT

TWO_GB = (1 << 31) - 1


def seal(trace, rows=None, change=None, first=None):
    """Gives the manifest the digests and lengths of the files as they are, and itself its digest: nothing is damaged, all lies.

    `first` changes it before, `change` after."""
    path = trace / "manifest.json"
    text = path.read_text()
    m = json.loads(text)
    del m["digest"]
    if first:
        first(m)
    for entry in m["files"]:
        data = (trace / entry["name"]).read_bytes()
        entry["sha256"] = hashlib.sha256(data).hexdigest()
        entry["size_bytes"] = len(data)
        if rows and entry["table"] in rows:
            entry["rows"] = rows[entry["table"]]
    if change:
        change(m)
    write_manifest(trace, json.dumps(m, indent=0)[:-2])


def write_manifest(trace, before):
    (trace / "manifest.json").write_text(
        before + ',\n"digest": "' + hashlib.sha256(before.encode()).hexdigest() + '"\n}\n')


class Parquet:
    """A file of a trace, whose footer and pages may be changed."""

    def __init__(self, file):
        self.file = file
        data = file.read_bytes()
        length = struct.unpack("<I", data[-8:-4])[0]
        self.body = data[:-8 - length]
        self.footer = thrift.Reader(data, len(data) - 8 - length).struct()
        self.group = self.footer[4][1][1][0]

    def column(self, name):
        """The metadata of a column in the first row group."""
        for chunk in self.group[1][1][1]:
            meta = chunk[3][1]
            if meta[3][1][1][-1] == name.encode():
                return meta
        raise KeyError(name)

    def only_pages(self, name, *pages):
        """The column consists of these pages, put at the end of the file."""
        meta = self.column(name)
        meta[9] = (I64, len(self.body))
        meta.pop(11, None)
        if pages[0][:2] == b"\x15\x04":  # a dictionary
            meta[11] = (I64, len(self.body))
            meta[9] = (I64, len(self.body) + len(pages[0]))
        meta[7] = (I64, sum(map(len, pages)))
        self.body += b"".join(pages)
        for number in sorted(meta):
            meta[number] = meta.pop(number)

    def rows(self, n):
        self.footer[3] = self.group[3] = (I64, n)
        for chunk in self.group[1][1][1]:
            chunk[3][1][5] = (I64, n)

    def write(self):
        footer = thrift.write(STRUCT, self.footer)
        self.file.write_bytes(self.body + footer + struct.pack("<I", len(footer)) + b"PAR1")


def zeros(size):
    """A zstd frame of so many zeros, four bytes for each 128 KiB."""
    out = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", size)
    while size:
        n = min(size, 1 << 17)
        size -= n
        out += struct.pack("<I", n << 3 | 1 << 1 | (size == 0))[:3] + b"\0"
    return out


def page(content, plain_size, values, encoding=0, dictionary=False):
    head = {1: (I32, 2 if dictionary else 0), 2: (I32, plain_size), 3: (I32, len(content))}
    if dictionary:
        head[7] = (STRUCT, {1: (I32, values), 2: (I32, encoding)})
    else:
        head[5] = (STRUCT, {1: (I32, values), 2: (I32, encoding), 3: (I32, 3), 4: (I32, 3)})
    return thrift.write(STRUCT, head) + content


def parquet_lies(trace):
    """Name, table and function that changes its first file; what a reader says."""
    def regions(change):
        def act(t):
            p = Parquet(t / "regions-000000.parquet")
            change(p)
            p.write()
        return act

    def raw(change):
        def act(t):
            file = t / "regions-000000.parquet"
            file.write_bytes(change(file.read_bytes()))
        return act

    def names(change):
        def act(t):
            p = Parquet(next(t.glob("losses-*.parquet")))
            change(p)
            p.write()
        return act

    def offset(n):
        return regions(lambda p: p.column("start").update({9: (I64, n)}))

    def groups(p):
        p.footer[4] = (LIST, (STRUCT, [p.group] * 1000))

    def schema(p):
        for element in p.footer[2][1][1]:
            if element[4][1] == b"start":
                element[1] = (I32, 1)

    long_text = struct.pack("<I", TWO_GB) + b"xxxx"
    return {
        "footer-length": (raw(lambda d: d[:-8] + struct.pack("<I", TWO_GB) + b"PAR1"), "footer claims"),
        "footer-negative": (raw(lambda d: d[:-8] + b"\xff\xff\xff\xff" + b"PAR1"), "footer claims"),
        "footer-garbage": (raw(lambda d: d[:-600] + bytes(range(256)) * 2 + d[-88:]), "Parquet|footer"),
        "footer-list": (raw(lambda d: d[:-30] + b"\x19\xfc\xff\xff\xff\xff\x07" + d[-23:]), "Parquet|footer"),
        "encrypted": (raw(lambda d: d[:-4] + b"PARE"), "Parquet|footer"),
        "rows-2e62": (regions(lambda p: p.rows(1 << 62)), "rows"),
        "rows-negative": (regions(lambda p: p.rows(-5)), "rows"),
        "groups-1000-times-one": (regions(groups), "rows"),
        "page-2G": (regions(lambda p: p.only_pages("start", page(zeros(4096), TWO_GB, 10))), "page claims"),
        "page-negative": (regions(lambda p: p.only_pages("start", page(zeros(4096), -1, 10))), "page claims"),
        "page-more-values": (regions(lambda p: p.only_pages("start", page(zeros(4096), 4096, TWO_GB))), "claims"),
        "page-no-values": (regions(lambda p: p.only_pages("start", page(zeros(4096), 4096, 0))), "claims"),
        "page-bomb": (regions(lambda p: p.only_pages("start", page(zeros(1 << 26), 1 << 26, 1 << 23))), "page claims"),
        "page-at-the-limit": (regions(lambda p: p.only_pages("start", page(zeros(1 << 22), 1 << 22, 1 << 19))), "overlaps"),
        "page-inflates-more": (regions(lambda p: p.only_pages("start", page(zeros(1 << 29), 4096, 512))), "damaged Parquet"),
        "dictionary-bomb": (regions(lambda p: p.only_pages(
            "start", page(zeros(1 << 26), 1 << 26, 1 << 26, dictionary=True), page(zeros(64), 64, 9, 8))), "dictionary"),
        "dictionary-of-texts-bomb": (names(lambda p: p.only_pages(
            "cause", page(zeros(1 << 26), 1 << 26, 1 << 24, dictionary=True), page(zeros(64), 64, 1, 8))), "dictionary|page"),
        "text-page-bomb": (names(lambda p: p.only_pages("cause", page(zeros(1 << 26), 1 << 26, 1 << 24))), "page claims"),
        "text-page-at-the-limit": (names(lambda p: p.only_pages("cause", page(zeros(1 << 24), 1 << 24, 1 << 22))), ""),
        "texts-longer-than-the-page": (names(lambda p: p.only_pages(
            "cause", page(raw_zstd(long_text), 8, 1))), "damaged|Parquet"),
        "run-of-2e31": (regions(lambda p: p.only_pages(
            "start", page(zeros(64), 64, 8, dictionary=True),
            page(raw_zstd(b"\x08" + thrift.varint(TWO_GB << 1) + b"\0"), 7, TWO_GB, 8))), "damaged|page|rows|start|backwards|empty"),
        "offset-outside": (offset(1 << 40), "pages end|Parquet|offset"),
        "offset-negative": (offset(-1), "Parquet|offset|pages"),
        "offset-in-the-footer": (offset(1), "Parquet|page"),
        "type-of-a-column": (regions(schema), "column 4 is not start"),
    }


def raw_zstd(content):
    """A zstd frame of one uncompressed block."""
    return b"\x28\xb5\x2f\xfd\x20" + bytes([len(content)]) + struct.pack("<I", len(content) << 3 | 1)[:3] + content


def manifest_lies():
    """Name, function that changes the manifest of a sealed trace, and what a reader says."""
    def text(make):
        def act(t):
            before = (t / "manifest.json").read_text().rsplit(',\n"digest"', 1)[0]
            write_manifest(t, before + ',\n"x": ' + make())
        return act

    def entry(change):
        def act(t):
            seal(t, change=lambda m: [change(m, e) for e in m["files"] if e["table"] == "regions"])
        return act

    def special(make):
        def act(t):
            (t / "manifest.json").unlink()
            make(t / "manifest.json")
        return act

    return {
        "depth-100000": (text(lambda: "[" * 100000 + "]" * 100000), "nesting depth"),
        "larger-than-16M": (text(lambda: '"' + "x" * (17 << 20) + '"'), "larger than"),
        "text-of-8M": (text(lambda: '"' + "x" * (8 << 20) + '"'), "length"),
        "number-of-1M-digits": (text(lambda: "9" * 1000000), "length"),
        "files-100000-times-one": (entry(lambda m, e: m["files"].extend([e] * 100000) if len(m["files"]) < 99 else None),
                                   "twice|larger"),
        "rows-negative": (entry(lambda m, e: e.update(rows=-1)), "rows"),
        "rows-2e62": (entry(lambda m, e: e.update(rows=1 << 62)), "rows"),
        "name-with-a-slash": (entry(lambda m, e: e.update(name="../regions-000000.parquet")), "illegal file name"),
        "table-unknown": (entry(lambda m, e: e.update(table="passwords")), "manifest"),
        "format-9": (lambda t: seal(t, change=lambda m: m.update(format_version=9)), "version 9"),
        "fifo": (special(os.mkfifo), "no regular file"),
        "link": (special(lambda f: f.symlink_to("/etc/passwd")), "no regular file"),
        "directory": (special(os.mkdir), "no regular file"),
    }


def file_lies():
    """Name and function that puts something else in the place of a table's file."""
    def special(make):
        def act(t):
            file = t / "regions-000000.parquet"
            keep = file.with_name("kept")
            file.rename(keep)
            make(file)
        return act

    return {
        "fifo": special(os.mkfifo),
        "link-to-the-right-one": special(lambda f: f.symlink_to(f.with_name("kept"))),
        "directory": special(os.mkdir),
        "gone": special(lambda f: None),
    }


def zip_lies(good):
    """Name, bytes of a bundle, and what a reader says."""
    data = good.read_bytes()
    end = data.rindex(b"PK\5\6")
    central = struct.unpack_from("<I", data, end + 16)[0]

    def patch(*pairs):
        out = bytearray(data)
        for form, at, value in pairs:
            struct.pack_into("<" + form, out, at, value)
        return bytes(out)

    second = data.index(b"PK\1\2", central + 4)
    first_offset = struct.unpack_from("<I", data, central + 42)[0]
    count = struct.unpack_from("<H", data, end + 10)[0]
    return {
        "deflated": (patch(("H", central + 10, 8)), "compressed"),
        "entry-4G": (patch(("I", central + 20, 0xffffffff), ("I", central + 24, 0xffffffff)), "zip64"),
        "entries-overlap": (patch(("I", second + 42, first_offset)), "another name"),
        "entry-is-the-directory": (patch(("I", central + 42, central)), "no local header|damaged"),
        "entries-65535": (patch(("H", end + 10, 65535), ("H", end + 8, 65535)), "zip64"),
        "directory-4G": (patch(("I", end + 12, 0xffffffff)), "zip64"),
        "directory-3G": (patch(("I", end + 12, 0xc0000000)), "outside"),
        "counts-less": (patch(("H", end + 10, count - 1), ("H", end + 8, count - 1)), "more entries than it counts"),
        "counts-less-on-this-disk": (patch(("H", end + 8, count - 1)), "in several"),
        "encrypted": (patch(("H", central + 8, 1)), "encrypted"),
        "encrypted-by-its-header": (patch(("H", first_offset + 6, 1)), "by its own header"),
        "deflated-by-its-header": (patch(("H", first_offset + 8, 8)), "by its own header"),
        "names-differ": (patch(("B", first_offset + 30, ord("M"))), "another name"),
        "twice": (data[:end] + data[central:second] + data[end:end + 8] + struct.pack("<HHI", count + 1, count + 1, end - central + second - central)
                  + data[end + 16:], "twice"),
        "prefix": (b"#!/bin/sh\n" + data, "damaged zip directory|no whole DAMON event"),
        "directory-is-itself": (patch(("I", end + 16, end)), "damaged zip|outside"),
        "only-the-end": (data[end:], "not a trace|outside|no entry"),
        "empty-name": (patch(("H", central + 28, 0)), "illegal entry name"),
    }


def capsule_lies(good):
    """Name, bytes of a capsule, and what replay --check says."""
    with zipfile.ZipFile(good) as z:
        plan, statistics = z.read("plan"), z.read("statistics")

    def packed(*entries):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
            for name, content in entries:
                z.writestr(name, content)
        return out.getvalue()

    def stated(change):
        return packed(("plan", plan), ("statistics", change(statistics)))

    def planned(text):
        return packed(("plan", text), ("statistics", statistics))

    data = good.read_bytes()

    def smuggled():
        """Another plan before the one that the directory names, as a reader from front to end would find."""
        evil, honest = packed(("plan", b"damson-plan 1\n"), ("statistics", statistics)), bytearray(packed(("plan", plan), ("statistics", statistics)))
        entries = evil[:evil.index(b"PK\1\2")] + b"\0" * 30
        end = honest.rindex(b"PK\5\6")
        central = struct.unpack_from("<I", honest, end + 16)[0]
        second = honest.index(b"PK\1\2", central + 4)
        for at in (central + 42, second + 42, end + 16):
            struct.pack_into("<I", honest, at, struct.unpack_from("<I", honest, at)[0] + len(entries))
        return entries + bytes(honest)

    head = b"damson-plan 1\nprocess a\n"
    spread = head + b"".join(b"map %dns 0x%x 4K\nunmap %dns 0x%x 4K\n" % (i, 1 << 32 | i << 13, i, 1 << 32 | i << 13) for i in range(400000))
    return {
        "cut": (data[:len(data) // 2], "cut short"),
        "flipped": (data[:100] + bytes([data[100] ^ 1]) + data[101:], "differs from the digest"),
        "digest": (data[:-1] + b"x", "differs from the digest"),
        "statistics-missing": (packed(("plan", plan)), "missing 'statistics'"),
        "smuggled": (smuggled(), ""),
        "more": (packed(("plan", plan), ("statistics", statistics), ("x", b"")), "contains more than a plan"),
        "statistics-1G": (packed(("plan", plan), ("statistics", statistics + b"0" * (1 << 28))), "statistics: more than"),
        "statistics-words": (stated(lambda s: s + b"heat" + b" 1" * 1900000 + b"\n"), "heat: 129 lines"),
        "statistics-names": (stated(lambda s: s + b"".join(b"n%d 1\n" % i for i in range(300000))), "more than 100000 lines"),
        "heat-missing": (stated(lambda s: s.replace(b"\nheat ", b"\n#", 1)), "127 lines"),
        "noise-alone": (stated(lambda s: s + b"recordings 2\nnoise 0.1 pattern distance\n"), "nothing of"),
        "no-number": (stated(lambda s: re.sub(rb"\nsnapshots \d+", b"\nsnapshots 0x7f", s)), "a whole number"),
        "no-end": (stated(lambda s: re.sub(rb"\nduration_ns \d+", b"\nduration_ns 99999999999999999999999", s)), "a whole number"),
        "place": (stated(lambda s: re.sub(rb"\nplace 0 0x[0-9a-f]+", b"\nplace 0 0xfffffff000", s, count=1)), "does not map"),
        "plan-1G": (planned(plan + b"#" + b" " * (1 << 30) + b"\n"), "plan: more than"),
        "plan-hours": (planned(plan + b"snapshot 360000s 1s 1\n"), "by the statistics"),
        "plan-memory": (planned(head + b"map 0s 0x100000000000 8T\nfill 0s 0x100000000000 8T\nsnapshot 0s 1s 1\n"), "does not map"),
        "plan-ranges": (planned(spread + b"snapshot 1s 1ms 1\n"), "ranges of addresses"),
        "plan-none": (planned(b"format /\n"), "damson-plan 1"),
    }


def write_big(opened, piece, times):
    with opened as f:
        for _ in range(times):
            f.write(piece)


def recordings(to, perf, dat, damo):
    """Name to file and what import says of it."""
    cases = {}

    def add(name, data, says):
        path = to / name
        path.write_bytes(data)
        cases[name] = (path, says)

    def packed(name, start, piece, times, says, level=1):
        path = to / name
        with gzip.open(path, "wb", compresslevel=level) as f:
            f.write(start)
            for _ in range(times):
                f.write(piece)
        cases[name] = (path, says)

    def inflated(name, start, piece, times, says):
        path = to / name
        z = zlib.compressobj(1)
        with open(path, "wb") as f:
            f.write(z.compress(start))
            for _ in range(times):
                f.write(z.compress(piece))
            f.write(z.flush())
        cases[name] = (path, says)

    mib = 1 << 20
    packed("gzip-zeros", b"", bytes(mib), 400, "binary data|zero byte|fold")
    packed("gzip-one-line", b"", b"a" * mib, 400, "longer than|fold|no event")
    packed("gzip-perf-bomb", perf[:104], bytes(mib), 400, "fold", 9)
    packed("gzip-in-gzip", b"\x1f\x8b\x08\0" + bytes(6), bytes(mib), 2, "no known format|binary data|damaged")
    inflated("zlib-brackets", b"", b"[" * mib, 400, "expected a record")
    inflated("zlib-spaces", b"[", b" " * mib, 400, "fold|not JSON")
    add("damo-depth", b"[" * 3000000, "nesting|depth")
    add("damo-text-64M", b'[{"kdamond_idx": "' + b"x" * (64 * mib) + b'"}]', "length|long")
    add("damo-number", b'[{"kdamond_idx": 0, "context_idx": 0, "target_id": ' + b"9" * (4 * mib) + b"}]", "length|long")
    add("damo-cut", damo[:-5000], "is cut off")
    u64 = (1 << 63) - 1
    for name, at, value in (("attrs-offset", 24, u64), ("attrs-size", 32, u64), ("attr-size", 16, 1), ("data-offset", 40, u64),
                            ("data-size", 48, u64), ("header-size", 8, u64), ("attrs-negative", 32, 1 << 63)):
        out = bytearray(perf)
        struct.pack_into("<Q", out, at, value)
        add("perf-" + name, bytes(out), "")
    start = struct.unpack_from("<Q", perf, 40)[0]
    for name, size in (("record-0", 0), ("record-7", 7), ("record-65535", 65535)):
        out = bytearray(perf)
        struct.pack_into("<H", out, start + 6, size)
        add("perf-" + name, bytes(out), "")
    out = bytearray(perf)  # the data is the attributes, and the attributes are the data
    out[24:40], out[40:56] = out[40:56], out[24:40]
    add("perf-sections-exchanged", bytes(out), "")
    for step in range(16, 160, 24):
        out = bytearray(dat)
        out[step:step + 8] = b"\xff\xff\xff\xff\xff\xff\xff\x7f"
        add(f"dat-{step}", bytes(out), "")
    text = b"kdamond.0-1 [000] d..1 10.%06d: damon_aggregated: target_id=%d nr_regions=4294967295 4096-8192: 3 1\n"
    add("text-nr-regions", b"".join(text % (i, 0) for i in range(1000)), "")
    add("text-backwards", b"kdamond.0-1 [000] d..1 10.1: damon_aggregated: target_id=0 nr_regions=1 8192-4096: 3 1\n" * 9, "")
    add("text-huge-numbers", b"kdamond.0-1 [000] d..1 1%s.1: damon_aggregated: target_id=0 nr_regions=1 0-1: 3 1\n" % (b"9" * 400), "")
    return cases


def copy(good, to):
    shutil.copytree(good, to, symlinks=True)
    return pathlib.Path(to)
