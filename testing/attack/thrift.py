"""Thrift's compact encoding, as far as Parquet's footers and page headers use it, so that they can be made to lie."""
import struct

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def zigzag(n):
    return varint((n << 1 ^ n >> 63) & (1 << 64) - 1)


class Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        n = shift = 0
        while True:
            b = self.byte()
            n |= (b & 127) << shift
            shift += 7
            if b < 128:
                return n

    def number(self):
        n = self.varint()
        return n >> 1 ^ -(n & 1)

    def value(self, kind):
        if kind in (TRUE, FALSE):
            return kind == TRUE
        if kind == BYTE:
            return self.byte()
        if kind in (I16, I32, I64):
            return self.number()
        if kind == DOUBLE:
            self.at += 8
            return struct.unpack("<d", self.data[self.at - 8:self.at])[0]
        if kind == BINARY:
            n = self.varint()
            self.at += n
            return self.data[self.at - n:self.at]
        if kind in (LIST, SET):
            head = self.byte()
            n = head >> 4 if head >> 4 < 15 else self.varint()
            of = head & 15
            return of, [self.value(of) for _ in range(n)]
        if kind == STRUCT:
            return self.struct()
        raise ValueError(f"kind {kind}")

    def struct(self):
        """Field number to (kind, value), in their order."""
        fields, last = {}, 0
        while True:
            head = self.byte()
            if head == 0:
                return fields
            last = last + (head >> 4) if head >> 4 else self.number()
            fields[last] = (head & 15, self.value(head & 15))


def write(kind, value):
    """A binary may be (claimed length, bytes), a list (kind, values, claimed length)."""
    if kind in (TRUE, FALSE):
        return b""
    if kind == BYTE:
        return bytes([value])
    if kind in (I16, I32, I64):
        return zigzag(value)
    if kind == DOUBLE:
        return struct.pack("<d", value)
    if kind == BINARY:
        length, content = value if isinstance(value, tuple) else (len(value), value)
        return varint(length) + content
    if kind in (LIST, SET):
        of, values, *claimed = value
        length = claimed[0] if claimed else len(values)
        head = bytes([min(length, 15) << 4 | of]) + (varint(length) if length > 14 else b"")
        return head + b"".join(write(of, v) for v in values)
    out, last = b"", 0
    for number, (field, content) in value.items():
        if field in (TRUE, FALSE):
            field = TRUE if content else FALSE
        delta = number - last
        out += (bytes([delta << 4 | field]) if 0 < delta < 16 else bytes([field]) + zigzag(number)) + write(field, content)
        last = number
    return out + b"\0"
