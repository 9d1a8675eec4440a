"""Zips, recordings and files behind options that lie."""
import gzip
import io
import struct
import zipfile
import zlib

import lies

MIB = 1 << 20


def cases(work, good, data):
    """Name to words, exit code, what is said and the same words on a good input."""
    home = work / "inputs"
    home.mkdir()
    found = {}

    def file(name, content):
        path = home / name.replace("/", "-")
        path.write_bytes(content)
        return path

    wss = ["report", "wss", str(good)]
    simulate = ["simulate", str(good), "--scheme", "stat access=0..0"]
    for name, content in texts().items():
        path = file(name, content)
        found[f"scheme/{name}"] = (["simulate", good, "--scheme", f"@{path}"], 2, ".", simulate)
        found[f"setup/{name}"] = (["record", "--source", "damon", "--setup", path, "-o", "@OUT/r.damson"], (2, 3, 4), ".", wss)
    symbolize = ["symbolize", str(work / "stacks.damson"), "-o", "@OUT/s.damson", "-q", "--kallsyms"]
    kernel = str(file("good.kallsyms", rising(250000)))  # as many as a kernel has
    for name, content in kernel_lists().items():
        found[f"kallsyms/{name}"] = ([*symbolize, file(name, content)], (0, 2, 3), "", [*symbolize, kernel])
    imports = ["import", "@IN", "-o", "@OUT/i.damson"]
    perf = gzip.open(data / "stairs-perf/damon.perf.data.gz").read()
    plain = str(file("good.perf", perf))
    for name, content in perf_lies(perf).items():
        found[f"perf/{name}"] = (["import", file(name, content), "-o", "@OUT/i.damson"], (0, 3, 5), "", [plain if w == "@IN" else w for w in imports])
    capsule = work / "good.capsule.zip"
    check = ["replay", str(capsule), "--check", "--recorded", str(good)]
    for name, (content, says) in capsule_zips(capsule).items():
        found[f"capsule-zip/{name}"] = (["replay", file(f"{name}.capsule.zip", content), "--check", "--recorded", good], 3, says, check)
    return found


def texts():
    """JSON and YAML for options that take some."""
    deep = 10 ** 6 // 2 - 8
    return {
        "json-depth": b"[" * deep + b"]" * deep, "json-objects-depth": b'{"a":' * 100000 + b"1" + b"}" * 100000, "json-unclosed": b"[" * MIB,
        "json-wide": b"[" + b"1," * (MIB // 2 - 8) + b"1]", "json-number": b"[" + b"9" * (MIB - 2) + b"]", "json-text": b'["' + b"x" * (MIB - 4) + b'"]',
        "yaml-depth": b"- " * (MIB // 2 - 8), "yaml-flow-depth": b"a: " + b"[" * (MIB // 2) + b"]" * (MIB // 2 - 8), "yaml-wide": b"- a\n" * (MIB // 4 - 8),
        "yaml-laughs": b"a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + b"".join(
            b"a%d: &a%d [%s]\n" % (i, i, b",".join([b"*a%d" % (i - 1)] * 9)) for i in range(1, 30)),
        "yaml-itself": b"a: &a [*a]\n", "yaml-class": b"!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL ['file:///']]]]\n",
        "yaml-documents": b"--- a\n" * (MIB // 6 - 8), "yaml-controls": b"a: \"\x1b]0;x\x07\"\n\0", "words": b"stat access=" + b"0" * (MIB - 20), "larger": b" " * (MIB + 1),
    }


def rising(count):
    return b"".join(b"%x T f%d\n" % (0xffffffff81000000 + 16 * i, i) for i in range(count))


def kernel_lists():
    line = b"ffffffff81000000 T f\n"
    return {
        "alike": line * 500000, "rising": rising(500000),
        "line": b"ffffffff81000000 T " + b"x" * (40 * MIB), "zeros": bytes(40 * MIB), "falling": b"".join(b"%x T f\n" % (0xffffffff81000000 - 16 * i) for i in range(100000)),
        "names": b"".join(b"%x T %s\n" % (0xffffffff81000000 + 16 * i, b"y" * 4000) for i in range(20000)), "controls": line + b"ffffffff81000010 T \x1b]0;x\x07\xff\n",
    }


def perf_lies(perf):
    """perf.data whose header, ids and sections behind the data lie."""
    data_at, data_size = struct.unpack_from("<QQ", perf, 40)
    body = perf[:data_at + data_size]

    def sections(section, only=None):
        """All 256 features, or one, each the same section."""
        out = bytearray(body)
        bits = [i for i in range(256) if only is None or i == only]
        for word in range(4):
            struct.pack_into("<Q", out, 72 + 8 * word, sum(1 << i - 64 * word for i in bits if word * 64 <= i < word * 64 + 64))
        at = len(body) + 16 * len(bits)
        offset, size = section if isinstance(section, tuple) else (at, len(section))
        return bytes(out) + struct.pack("<QQ", offset, size) * len(bits) + (b"" if isinstance(section, tuple) else section)

    attr_size, = struct.unpack_from("<Q", perf, 16)
    attrs_at, = struct.unpack_from("<Q", perf, 24)
    attr = bytearray(perf[attrs_at:attrs_at + attr_size])

    def attributes(n, ids_at, ids_bytes):
        struct.pack_into("<QQ", attr, attr_size - 16, ids_at, ids_bytes)
        out = bytearray(perf) + bytes(attr) * n
        struct.pack_into("<QQ", out, 24, len(perf), n * attr_size)
        return bytes(out)

    pipe = perf[:8] + struct.pack("<Q", 16)
    build_ids = struct.pack("<IHH", 67, 0, 8)
    feature = struct.pack("<IHHQQ", 80, 0, 24, 2, 0xffffffffffffffff)
    return {
        "features-of-ones": sections(b"\xff" * MIB), "features-of-zeros": sections(bytes(MIB)), "features-far": sections((1 << 62, 1 << 62)),
        "features-negative": sections((1 << 63, 1 << 63)), "features-are-the-file": sections((0, len(body))), "features-are-themselves": sections((len(body), 16)),
        "features-of-counts": sections(struct.pack("<I", 0x7fffffff) * (MIB // 4)), "build-ids-of-8-bytes": sections(build_ids * 500000, only=2),
        "ids-of-all": attributes(60000, 0, len(perf) // 8 * 8), "ids-2e62": attributes(1, 0, 1 << 62), "ids-negative": attributes(1, 0, 1 << 63),
        "attributes-60000": attributes(60000, 0, 0), "pipe-build-ids": pipe + build_ids * 2000000, "pipe-features": pipe + feature * 500000,
        "pipe-nothing": pipe + struct.pack("<IHH", 68, 0, 8) * 2000000, "pipe-compressed-of-itself": pipe + struct.pack("<IHH", 81, 0, 16) + b"\x28\xb5\x2f\xfd\0\0\0\0",
        "pipe-of-threads": pipe + attribute() + b"".join(struct.pack("<IHHII8sQ", 3, 0, 32, i, i, b"t\0\0\0\0\0\0\0", i) for i in range(80000)),
        "pipe-of-mappings": pipe + attribute() + b"".join(struct.pack("<IHHIIQQQ8s", 1, 0, 48, 1, 1, i << 12, 4096, 0, b"m\0\0\0\0\0\0\0") for i in range(200000)),
        "pipe-of-processes": pipe + attribute() + b"".join(struct.pack("<IHHIIIIQ", 7, 0, 32, i, 1, i, 1, i) for i in range(200000)),
    }


def attribute():
    """perf's record of a software event with IP, TID and TIME, of which other records tell the time too."""
    attr = struct.pack("<IIQQQQQ", 1, 112, 0, 1, 7, 0, 1 << 18) + bytes(64)
    return struct.pack("<IHH", 64, 0, 8 + 112 + 8) + attr + struct.pack("<Q", 1)


def capsule_zips(good):
    """Zips of a plan and statistics whose own fields lie."""
    with zipfile.ZipFile(good) as z:
        plan, statistics = z.read("plan"), z.read("statistics")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("plan", plan)
        z.writestr("statistics", statistics)
    data = out.getvalue()
    end = data.rindex(b"PK\5\6")
    central, = struct.unpack_from("<I", data, end + 16)
    second = data.index(b"PK\1\2", central + 4)

    def patch(*pairs):
        changed = bytearray(data)
        for form, at, value in pairs:
            struct.pack_into("<" + form, changed, at, value)
        return bytes(changed)

    def directory(n):
        """A list of files of n bytes, most of it the comment of the last one, or of entries alike."""
        entry = data[central:second]
        count = n // len(entry)
        content = data[:central] + entry * count
        return content + struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, count & 0xffff, count & 0xffff, len(entry) * count, central, 0)

    zip64 = struct.pack("<IQHHIIQQQQ", 0x06064b50, 44, 45, 45, 0, 0, 1 << 62, 1 << 62, 1 << 62, 0) + struct.pack("<IIQI", 0x07064b50, 0, end, 1)
    return {
        "directory-of-100M": (directory(100 * MIB), "more than a plan"),
        "plan-size-less": (patch(("I", central + 24, 5), ("I", 22, 5)), "damaged|plan|line"),
        "plan-size-4G": (patch(("I", central + 24, 0xfffffffe), ("I", 22, 0xfffffffe)), "."),
        "plan-packed-4G": (patch(("I", central + 20, 0xfffffffe)), "damaged zip"),
        "plan-offset-far": (patch(("I", central + 42, 0x7fffffff)), "damaged zip"),
        "plan-is-the-directory": (patch(("I", central + 42, central)), "damaged zip|plan"),
        "plan-twice": (patch(("I", second + 42, 0)), "."),
        "method-99": (patch(("H", central + 10, 99)), "damaged zip"),
        "stored-but-deflated": (patch(("H", central + 10, 0)), "damaged zip|plan"),
        "encrypted": (patch(("H", central + 8, 1)), "damaged zip"),
                "zip64": (data[:end] + zip64 + data[end:end + 10] + b"\xff" * 10 + data[end + 20:], "damaged zip|more than a plan"),
        "directory-is-itself": (patch(("I", end + 16, end)), "damaged zip"),
        "no-deflate": (patch(("I", 40, zlib.crc32(b""))), "damaged zip|plan|statistics|line"),
    }
