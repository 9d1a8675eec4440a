"""Journals of a killed recorder that lie, with right checksums."""
import os
import struct

import lies


def journal_lies():
    """Name and function that changes the journal of a dead trace, with right checksums; none may be believed."""
    def entries(t, change):
        data = t / "regions-000000.arrows"
        index = t / "regions-000000.index"
        new = change(bytearray(data.read_bytes()))
        data.write_bytes(new)
        old = index.read_bytes()
        out, sums = old[:24], []  # the head
        for at in range(24, len(old), 24):
            where, length = struct.unpack(">qq", old[at:at + 16])
            sums.append(crc32c(new[where:where + length]))
            entry = struct.pack(">qqI", where, length, sums[-1])
            out += entry + struct.pack(">I", crc32c(entry))
        index.write_bytes(out)
        listed = t / "batches-000000.index"
        old = listed.read_bytes()
        out = b""
        for at in range(0, len(old), 24):
            entry = old[at:at + 20]
            table, number = struct.unpack(">Ii", entry[:8])
            if table == crc32c(b"regions") and number >= 0:
                entry = entry[:16] + struct.pack(">I", sums[number])
            out += entry + struct.pack(">I", crc32c(entry))
        listed.write_bytes(out)

    def word(position, value):
        def act(t):
            def change(data):
                struct.pack_into("<I", data, position, value)
                return data
            entries(t, change)
        return act

    def batch_of(length, crc):
        """One batch of so many zeros, which take no room on disk."""
        def act(t):
            for name in ("regions-000000.index", "batches-000000.index"):
                file = t / name
                old = file.read_bytes()
                if name.startswith("regions"):
                    own = [struct.pack(">qqI", 0, length, crc)]
                else:
                    own = [struct.pack(">IiiiI", crc32c(b"regions"), 0, 9, length, crc)] + [
                        old[at:at + 20] for at in range(24, len(old), 24) if old[at:at + 4] != struct.pack(">I", crc32c(b"regions"))]
                file.write_bytes(old[:24] + b"".join(e + struct.pack(">I", crc32c(e)) for e in own))
            data = t / "regions-000000.arrows"
            data.write_bytes(b"")
            os.truncate(data, length)
        return act

    def sparse(t):
        os.truncate(t / "regions-000000.arrows", 1 << 30)

    def special(make):
        def act(t):
            file = t / "regions-000000.arrows"
            file.unlink()
            make(file)
        return act

    return {
        "message-2G": word(4, lies.TWO_GB),
        "message-negative": word(4, 0x80000001),
        "table-offset": word(8, lies.TWO_GB),
        "vtable": word(12, 0x7ffffff0),
        "sparse-1G": sparse,
        "batch-900M": batch_of(900 << 20, 0),
        "batch-900M-of-zeros": batch_of(900 << 20, crc32c_of_zeros(900 << 20)),
        "fifo": special(os.mkfifo),
        "link": special(lambda f: f.symlink_to("/dev/zero")),
        "directory": special(os.mkdir),
    }


def crc32c(data):
    """CRC-32C, as the index of a journal has it."""
    crc = 0xffffffff
    for b in data:
        crc = CRC_TABLE[(crc ^ b) & 255] ^ crc >> 8
    return crc ^ 0xffffffff


def crc32c_of_zeros(n):
    """CRC-32C of so many zeros: what a zero does to the sum is linear, so that it is doubled."""
    def apply(step, state):
        out = 0
        for bit in range(32):
            if state >> bit & 1:
                out ^= step[bit]
        return out

    step = [CRC_TABLE[1 << bit & 255] ^ 1 << bit >> 8 for bit in range(32)]
    state = 0xffffffff
    while n:
        state = apply(step, state) if n & 1 else state
        step = [apply(step, s) for s in step]
        n >>= 1
    return state ^ 0xffffffff


def crc_table():
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82f63b78 if n & 1 else 0)
        yield n


CRC_TABLE = list(crc_table())
