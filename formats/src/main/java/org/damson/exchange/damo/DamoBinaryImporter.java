package org.damson.exchange.damo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.damson.damon.EventColumns;
import org.damson.exchange.build.BinaryInput;
import org.damson.exchange.build.EventImport;
import org.damson.exchange.build.EventQueue;
import org.damson.exchange.build.ImportReport;
import org.damson.exchange.build.TraceBuilder;
import org.damson.model.Snapshot;

/**
 * Reads the binary records that damo wrote until its version 2: per snapshot its end as seconds and nanoseconds and a number of
 * targets, per target its id, a number of regions, and of each start, end and accesses. Version 1 has ids of four bytes;
 * version 0 has no heading. There is no age.
 */
public final class DamoBinaryImporter {
    private static final byte[] HEADING = "damon_recfmt_ver".getBytes(StandardCharsets.US_ASCII);
    private static final int NEWEST = 2;
    private static final int REGION_BYTES = 20;

    private final BinaryInput in;
    private final TraceBuilder trace;
    private final EventQueue queue;
    private final EventColumns rows = new EventColumns();

    public DamoBinaryImporter(BinaryInput in, TraceBuilder trace) {
        this.in = in;
        this.trace = trace;
        queue = new EventQueue(new EventImport(trace));
    }

    /** Whether a file begins like one of these records; the oldest have no magic number. */
    public static boolean isRecord(byte[] head) {
        return hasHeading(head) || headless(head) != null;
    }

    private static boolean hasHeading(byte[] head) {
        return head.length > HEADING.length && Arrays.equals(head, 0, HEADING.length, HEADING, 0, HEADING.length);
    }

    /** The byte order in which this begins a record of version 0, null if in none. */
    private static ByteOrder headless(byte[] head) {
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            ByteBuffer b = ByteBuffer.wrap(head).order(order);
            if (head.length < 8 + 8 + 4 + 8 + 4 + REGION_BYTES) {
                return null;
            }
            long seconds = b.getLong();
            long nanoseconds = b.getLong();
            int targets = b.getInt();
            b.getLong(); // any id
            int regions = b.getInt();
            boolean plausible = seconds >= 0
                    && seconds < 1L << 34
                    && nanoseconds >= 0
                    && nanoseconds < 1_000_000_000
                    && targets > 0
                    && targets < 1 << 16
                    && regions > 0
                    && regions <= Snapshot.MAX_REGIONS;
            for (long before = 0; plausible && b.remaining() >= REGION_BYTES && regions-- > 0; ) {
                long start = b.getLong();
                long end = b.getLong();
                plausible = Long.compareUnsigned(start, before) >= 0 && Long.compareUnsigned(start, end) < 0;
                before = end;
                b.getInt();
            }
            if (plausible) {
                return order;
            }
        }
        return null;
    }

    public ImportReport read(byte[] head) throws IOException {
        int version = 0;
        if (hasHeading(head)) {
            in.skip(HEADING.length);
            version = (int) in.u32();
            if (Integer.reverseBytes(version) >= 0 && Integer.reverseBytes(version) <= NEWEST && version != 0) {
                version = Integer.reverseBytes(version);
                in.order(ByteOrder.BIG_ENDIAN);
            }
            if (version < 0 || version > NEWEST) {
                throw in.bad("version " + Integer.toUnsignedString(version) + " of damo's record, which is not known");
            }
        } else {
            in.order(headless(head));
        }
        while (in.position() < in.size() && snapshot(version)) {
            // one after the other
        }
        return queue.finish(trace, "damo's binary record");
    }

    /** Whether so many bytes are left; if not, the record is cut off here. */
    private boolean has(long bytes) {
        boolean isThere = in.size() - in.position() >= bytes;
        if (!isThere) {
            queue.cutOff("byte " + in.size());
        }
        return isThere;
    }

    /** Reads a snapshot; false if not all of it is there. */
    private boolean snapshot(int version) throws IOException {
        if (!has(8 + 8 + 4)) {
            return false;
        }
        long seconds = in.u64();
        long nanoseconds = in.u64();
        if (seconds < 0
                || seconds > Long.MAX_VALUE / 1_000_000_000 - 1
                || nanoseconds < 0
                || nanoseconds >= 1_000_000_000) {
            throw in.bad("a snapshot at " + seconds + " s " + nanoseconds + " ns");
        }
        long timeNs = seconds * 1_000_000_000 + nanoseconds;
        long targets = in.u32();
        for (long t = 0; t < targets; t++) {
            if (!has(version == 1 ? 8 : 12)) {
                return false;
            }
            long target = version == 1 ? in.u32() : in.u64();
            long regions = in.u32();
            for (long r = 0; r < regions; r++) {
                if (!has(REGION_BYTES)) {
                    return false;
                }
                int row = rows.add(EventColumns.REGION, timeNs, -1);
                rows.target[row] = target;
                rows.regions[row] = regions;
                rows.start[row] = in.u64();
                rows.end[row] = in.u64();
                rows.accesses[row] = in.u32();
                rows.age[row] = -1;
                queue.add(rows);
            }
        }
        queue.flushBefore(timeNs);
        return true;
    }
}
