package org.damson.damon;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes ring pages as the kernel documents them. */
final class PageBuilder {
    static final String HEADER_PAGE =
            """
            \tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;
            \tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;
            \tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;
            \tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;
            """;
    static final int SIZE = 4096;
    private static final int DATA = 16;

    final ByteBuffer bytes;
    private final boolean big;
    private int at = DATA;

    PageBuilder(ByteOrder order, long timestampNs) {
        bytes = ByteBuffer.allocate(SIZE).order(order);
        big = order == ByteOrder.BIG_ENDIAN;
        bytes.putLong(0, timestampNs);
    }

    private void word(int type, long delta) {
        bytes.putInt(at, big ? type << 27 | (int) delta : (int) delta << 5 | type);
        at += 4;
    }

    /** A record, in the short form if it fits. */
    PageBuilder record(long deltaNs, byte[] body) {
        boolean isShort = body.length <= 112 && body.length > 0 && body.length % 4 == 0;
        word(isShort ? body.length / 4 : 0, deltaNs);
        if (!isShort) {
            bytes.putInt(at, body.length + 4);
            at += 4;
        }
        bytes.put(at, body);
        at += (body.length + 3) & ~3;
        return this;
    }

    PageBuilder timeExtend(long deltaNs) {
        word(30, deltaNs & ((1 << 27) - 1));
        bytes.putInt(at, (int) (deltaNs >>> 27));
        at += 4;
        return this;
    }

    PageBuilder absoluteTime(long timeNs) {
        word(31, timeNs & ((1 << 27) - 1));
        bytes.putInt(at, (int) (timeNs >>> 27));
        at += 4;
        return this;
    }

    /** A record the kernel threw away after it had reserved it. */
    PageBuilder discarded(long deltaNs, int bodyBytes) {
        word(29, deltaNs);
        bytes.putInt(at, bodyBytes + 4);
        at += 4 + bodyBytes;
        return this;
    }

    PageBuilder emptyRest() {
        word(29, 0);
        return this;
    }

    PageBuilder commit() {
        return commit(0, -1);
    }

    PageBuilder commit(long flags, long missed) {
        bytes.putLong(8, (at - DATA) | flags);
        if (missed >= 0) {
            bytes.putLong(at, missed);
        }
        return this;
    }
}
