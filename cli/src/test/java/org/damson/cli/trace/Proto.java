package org.damson.cli.trace;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Decodes Protocol Buffers by the encoding's public description, to check what damson writes. */
final class Proto {
    private record Field(int number, int wire, long value, byte[] bytes) {}

    private final List<Field> fields = new ArrayList<>();

    Proto(byte[] message) {
        ByteBuffer b = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        while (b.hasRemaining()) {
            long tag = varint(b);
            int wire = (int) (tag & 7);
            switch (wire) {
                case 0 -> fields.add(new Field((int) (tag >>> 3), wire, varint(b), null));
                case 1 -> fields.add(new Field((int) (tag >>> 3), wire, b.getLong(), null));
                case 2 -> {
                    byte[] bytes = new byte[(int) varint(b)];
                    b.get(bytes);
                    fields.add(new Field((int) (tag >>> 3), wire, 0, bytes));
                }
                default -> throw new AssertionError("wire type " + wire);
            }
        }
    }

    private static long varint(ByteBuffer b) {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            byte next = b.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new AssertionError("a varint of more than 10 bytes");
    }

    boolean has(int number) {
        return fields.stream().anyMatch(f -> f.number == number);
    }

    /** The numbers of a field, packed or not. */
    List<Long> numbers(int number) {
        List<Long> values = new ArrayList<>();
        for (Field f : fields) {
            if (f.number == number && f.wire == 2) {
                ByteBuffer b = ByteBuffer.wrap(f.bytes);
                while (b.hasRemaining()) {
                    values.add(varint(b));
                }
            } else if (f.number == number) {
                values.add(f.value);
            }
        }
        return values;
    }

    /** The number of a field; 0, its default, where it is left out. */
    long number(int number) {
        List<Long> all = numbers(number);
        return all.isEmpty() ? 0 : all.get(all.size() - 1);
    }

    double float64(int number) {
        return Double.longBitsToDouble(number(number));
    }

    List<byte[]> bytes(int number) {
        return fields.stream().filter(f -> f.number == number).map(f -> f.bytes).toList();
    }

    String text(int number) {
        List<byte[]> all = bytes(number);
        return all.isEmpty() ? "" : new String(all.get(all.size() - 1), StandardCharsets.UTF_8);
    }

    List<Proto> messages(int number) {
        return bytes(number).stream().map(Proto::new).toList();
    }

    Proto message(int number) {
        List<Proto> all = messages(number);
        return all.get(all.size() - 1);
    }
}
