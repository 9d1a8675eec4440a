package org.damson.exchange.perf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.damson.exchange.build.StackUnwinder.Copy;
import org.junit.jupiter.api.Test;

/** Copies of user stacks, wherever in a sample they are; by {@code perf_event_open(2)}. */
final class StackCopiesTest {
    private static final int TYPE =
            PerfEvents.RAW | PerfEvents.BRANCH_STACK | PerfEvents.REGS_USER | PerfEvents.STACK_USER;
    private static final long MASK = 0b1_1000_0001;

    private static PerfEvents.Attr attr(int type, long branchType) throws IOException {
        ByteBuffer a = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
        a.putInt(0, 1)
                .putLong(24, type)
                .putLong(72, branchType)
                .putLong(80, MASK)
                .putInt(88, 16);
        return new PerfEvents().add(a);
    }

    /** Raw data, two branches, registers, a stack of 16 bytes of which 11 are used. */
    private static ByteBuffer sample(ByteOrder order, long kind, long branchType) {
        ByteBuffer b = ByteBuffer.allocate(256).order(order);
        b.putLong(0x1111).putInt(12).putLong(1).putInt(2).putLong(2);
        if ((branchType & 1L << 17) != 0) {
            b.putLong(-1);
        }
        for (int i = 0; i < 6; i++) {
            b.putLong(0x99);
        }
        if ((branchType & 1L << 19) != 0) {
            b.putLong(7).putLong(8);
        }
        b.putLong(kind);
        for (int r = 0; kind != 0 && r < 3; r++) {
            b.putLong(0x100 + r);
        }
        b.putLong(16).put("abcdefghijkLMNOP".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        return b.putLong(11).flip();
    }

    private final StackCopies copies = new StackCopies(() -> "x86_64");

    private Copy read(PerfEvents.Attr attr, ByteBuffer b) {
        return copies.of(attr, b, 8, b.limit());
    }

    @Test
    void registersAndStackStandBehindAllElse() throws IOException {
        for (long branchType : new long[] {0, 1L << 17, 1L << 19, 1L << 17 | 1L << 19}) {
            Copy copy = read(attr(TYPE, branchType), sample(ByteOrder.LITTLE_ENDIAN, 2, branchType));
            assertEquals(MASK, copy.mask());
            assertArrayEquals(new long[] {0x100, 0x101, 0x102}, copy.registers());
            assertEquals("abcdefghijk", new String(copy.stack(), java.nio.charset.StandardCharsets.US_ASCII));
        }
        assertEquals(0, copies.unread.total());
    }

    @Test
    void whatIsCutOffIsCounted() throws IOException {
        ByteBuffer whole = sample(ByteOrder.LITTLE_ENDIAN, 2, 0);
        for (int end = 8; end < whole.limit(); end++) {
            assertNull(copies.of(attr(TYPE, 0), whole, 8, end), end + " bytes");
        }
        assertEquals(whole.limit() - 8, copies.unread.total());
        // Lengths that lie: of raw data, of branches, of the stack.
        for (int at : new int[] {8, 24, whole.limit() - 32}) {
            for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1 << 20}) {
                ByteBuffer b = sample(ByteOrder.LITTLE_ENDIAN, 2, 0);
                assertNull(read(attr(TYPE, 0), at == 8 ? b.putInt(at, (int) length) : b.putLong(at, length)));
            }
        }
    }

    @Test
    void otherMachinesAreNotTakenForThisOne() throws IOException {
        assertNull(read(attr(TYPE, 0), sample(ByteOrder.LITTLE_ENDIAN, 1, 0)));
        assertNull(read(attr(TYPE, 0), sample(ByteOrder.BIG_ENDIAN, 2, 0)));
        assertNull(new StackCopies(() -> "aarch64").of(attr(TYPE, 0), sample(ByteOrder.LITTLE_ENDIAN, 2, 0), 8, 256));
        assertEquals("of a program that is not of 64-bit x86 2", copies.unread.toString());
        assertNotNull(new StackCopies(() -> null).of(attr(TYPE, 0), sample(ByteOrder.LITTLE_ENDIAN, 2, 0), 8, 256));
    }

    /** A thread of the kernel has neither. */
    @Test
    void withoutRegistersThereIsNothingToCount() throws IOException {
        assertNull(read(attr(TYPE, 0), sample(ByteOrder.LITTLE_ENDIAN, 0, 0)));
        ByteBuffer none = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
        assertNull(copies.of(attr(PerfEvents.REGS_USER | PerfEvents.STACK_USER, 0), none, 0, 16));
        assertEquals(0, copies.unread.total());
        assertNull(copies.of(attr(PerfEvents.STACK_USER, 0), none, 0, 16));
        assertEquals("without registers 1", copies.unread.toString());
    }
}
