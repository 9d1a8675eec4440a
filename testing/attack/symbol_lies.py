"""ELF files and lists of symbols that lie."""
import os
import struct


def elf(build_id):
    """A small ELF file of 64 bits: its parts by name, as {offset: bytes}, for others to change."""
    names = b"\0.text\0.symtab\0.strtab\0.shstrtab\0.note.gnu.build-id\0.debug_info\0"
    strings = b"\0" + b"".join(b"f%d\0" % i for i in range(64))
    note = struct.pack("<III", 4, len(build_id), 3) + b"GNU\0" + build_id
    symbols = bytes(24) + b"".join(struct.pack("<IBBHQQ", strings.index(b"f%d\0" % i), 0x12, 0, 1, i << 14, 1 << 14) for i in range(64))
    at, parts = 0x1000, []
    for content in (bytes(64), symbols, strings, names, note, bytes(64)):
        parts.append((at, content))
        at += len(content) + 15 & ~15
    kinds = ((1, 6, 0), (2, 0, 3), (3, 0, 0), (3, 0, 0), (7, 2, 0), (1, 0, 0))
    sections = bytes(64)
    for (offset, content), (kind, flags, link), name in zip(parts, kinds, (b".text", b".symtab", b".strtab", b".shstrtab", b".note.gnu.build-id", b".debug_info")):
        sections += struct.pack("<IIQQQQIIQQ", names.index(name + b"\0"), kind, flags, offset if kind == 7 else 0, offset, len(content), link, 0, 1, 24 if kind == 2 else 0)
    head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, at, 0, 64, 56, 2, 64, 7, 4)
    loads = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, 1 << 20, 1 << 20, 4096)
    (note_at, _) = parts[4]
    loads += struct.pack("<IIQQQQQQ", 4, 4, note_at, note_at, note_at, len(note), len(note), 4)
    out = bytearray(at + len(sections))
    out[:64], out[64:64 + 112], out[at:] = head, loads, sections
    for offset, content in parts:
        out[offset:offset + len(content)] = content
    return out, at


def elf_lies():
    """How to make a file that is, or looks like, the one with this build id: {name: make(path, build_id)}."""
    def changed(change):
        def make(path, build_id):
            content, sections = elf(build_id)
            changed = change(content, sections)
            path.write_bytes(content if changed is None else changed)
        return make

    def field(section, at, kind, value):
        return changed(lambda c, s: struct.pack_into(kind, c, s + 64 * section + at, value))

    def head(at, kind, value):
        return changed(lambda c, s: struct.pack_into(kind, c, at, value))

    def sparse(path, build_id):
        content, sections = elf(build_id)
        path.write_bytes(content)
        os.truncate(path, 1 << 40)

    def compressed(c, s):
        (offset,) = struct.unpack_from("<Q", c, s + 64 * 6 + 24)
        struct.pack_into("<IIQQ", c, offset, 1, 0, 1 << 40, 1)
        struct.pack_into("<Q", c, s + 64 * 6 + 8, 0x800)

    def cycle(c, s):
        for section, to in ((2, 3), (3, 2), (4, 4)):
            struct.pack_into("<I", c, s + 64 * section + 40, to)

    def long_name(c, s):
        (offset, size) = struct.unpack_from("<QQ", c, s + 64 * 3 + 24)
        more = b"_Z" + b"N1a" * 200000
        struct.pack_into("<QQ", c, s + 64 * 3 + 24, len(c), len(more))
        for i in range(64):
            (symbols,) = struct.unpack_from("<Q", c, s + 64 * 2 + 24)
            struct.pack_into("<I", c, symbols + 24 * (i + 1), i)
        return bytes(c) + more

    cuts = {f"cut-{n}": changed(lambda c, s, n=n: bytes(c[:n])) for n in (0, 4, 16, 63, 64, 100, 0x1000, 0x1400)}
    return {
        "good": changed(lambda c, s: None), **cuts, "sparse-1T": sparse,
        "phdrs-65535": head(56, "<H", 65535), "phdrs-far": head(32, "<Q", 1 << 62), "sections-far": head(40, "<Q", (1 << 64) - 64),
        "sections-65535": head(60, "<H", 65535), "section-size-0": head(58, "<H", 0), "names-of-none": head(62, "<H", 0xfff0),
        "symbols-2e60": field(2, 32, "<Q", 1 << 60), "symbol-size-0": field(2, 56, "<Q", 0), "symbol-size-odd": field(2, 56, "<Q", 7),
        "strings-far": field(3, 24, "<Q", 1 << 63), "strings-2e60": field(3, 32, "<Q", 1 << 60), "links-in-a-circle": changed(cycle),
        "compressed-1T": changed(compressed), "name-of-600-kB": changed(long_name), "note-of-4-GB": changed(
            lambda c, s: struct.pack_into("<I", c, struct.unpack_from("<Q", c, s + 64 * 5 + 24)[0], (1 << 32) - 1)),
        "no-elf": lambda path, build_id: path.write_bytes(b"#!/bin/sh\n"), "directory": lambda path, build_id: path.mkdir(exist_ok=True),
        "pipe": lambda path, build_id: path.exists() or os.mkfifo(path), "device": lambda path, build_id: path.is_symlink() or path.symlink_to("/dev/zero"),
    }


def perf_map_lies():
    """{name: make(path)}"""
    def text(content):
        return lambda path: path.write_bytes(content)

    def sparse(path):
        path.write_bytes(b"7f0000001000 80 f")
        os.truncate(path, 1 << 40)

    return {
        "empty": text(b""), "no-lines": text(b"\0" * 100000), "numbers": text(b"ffffffffffffffff ffffffffffffffff f\n-1 -1 g\n0x 0x h\n" * 1000),
        "huge-line": text(b"7f0000001000 80 " + b"x" * (40 << 20)), "many-lines": text(b"7f0000001000 80 f\n" * (4 << 20)), "sparse-1T": sparse,
        "controls": text(b"7f0000001000 80 \x1b]0;title\x07<script>alert(1)</script>\xe2\x80\xae\xff\r\n"),
        "pipe": lambda path: os.mkfifo(path), "link": lambda path: path.symlink_to("/etc/passwd"),
    }
