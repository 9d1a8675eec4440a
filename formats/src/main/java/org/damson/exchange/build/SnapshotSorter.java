package org.damson.exchange.build;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.damson.model.MissingCapabilityException;
import org.damson.model.Snapshot;
import org.damson.model.TraceSink;

/**
 * Puts snapshots into the order of their end times, however many there are: they wait in an unnamed temporary file, of
 * about ten bytes a region, and only an end time, an id and an offset of each stay in memory.
 */
public final class SnapshotSorter implements Closeable {
    private record Stream(int kdamond, int context, int scheme, long target) {}

    private static final int HEAD_BYTES = 72;
    private static final int MAX_REGION_BYTES = 6 * 10;

    private final FileChannel file = temporaryFile();
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 18);
    private long written;
    private long[] endNs = new long[1024];
    private long[] place = new long[1024];
    private long[] offset = new long[1025];
    private int count;
    private int columns;
    private long[] ids = new long[0];

    SnapshotSorter() throws IOException {}

    /** A file for this process alone. */
    public static FileChannel temporaryFile() throws IOException {
        Path path;
        try {
            path = Files.createTempFile("damson-import", ".tmp");
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
        try {
            return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            // The open channel keeps the content; nobody else needs a name for it, and nothing is left if this dies.
            Files.delete(path);
        }
    }

    int count() {
        return count;
    }

    /** Adds one and returns its number, counted from 0 in the order of adding. */
    int add(Snapshot s) throws IOException {
        if (s.has(Snapshot.HAS_REFERENCED)) {
            throw new IllegalArgumentException("no importer has referenced bytes");
        }
        makeRoom(HEAD_BYTES);
        buffer.putInt(s.kdamond).putInt(s.context).putInt(s.scheme).putLong(s.target);
        buffer.putLong(s.startNs).putLong(s.endNs).putLong(s.sampleUs).putLong(s.aggrUs);
        buffer.putInt(s.columns).putInt(s.regions);
        number(s.lost);
        long previous = 0;
        for (int i = 0; i < s.regions; i++) {
            makeRoom(MAX_REGION_BYTES);
            number(s.start[i] - previous);
            number(s.end[i] - s.start[i]);
            number(s.nrAccesses[i]);
            number(s.has(Snapshot.HAS_AGE) ? s.age[i] + 1L : 0);
            if (s.has(Snapshot.HAS_FILTER_PASSED)) {
                number(s.filterPassed[i]);
            }
            if (s.has(Snapshot.HAS_PROBE_HITS)) {
                number(s.probeHits[i] + 1);
            }
            previous = s.end[i];
        }
        if (count == endNs.length) {
            endNs = Arrays.copyOf(endNs, count * 2);
            place = Arrays.copyOf(place, count * 2);
            offset = Arrays.copyOf(offset, count * 2 + 1);
        }
        endNs[count] = s.endNs;
        place[count] = s.id;
        offset[count + 1] = written + buffer.position();
        columns |= s.columns;
        return count++;
    }

    private void makeRoom(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        try {
            while (buffer.hasRemaining()) {
                written += file.write(buffer);
            }
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
        buffer.clear();
    }

    /** Seven bits a byte, low ones first, the eighth says that more follow. */
    private void number(long value) {
        long v = value;
        while ((v & ~0x7fL) != 0) {
            buffer.put((byte) (v | 0x80));
            v >>>= 7;
        }
        buffer.put((byte) v);
    }

    private static long number(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = from.get();
            value |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    /**
     * Writes all of them in order of time; those of one time in that of their ids, then in the order in which they came. All get the columns that
     * any of them has, so that the trace need not begin a new file wherever they differ.
     *
     * @return how many begin before the middle of the one before them of the same target
     */
    long writeTo(TraceSink sink) throws IOException {
        Map<Stream, long[]> last = new HashMap<>();
        long overlapping = 0;
        flush();
        ids = new long[count];
        Snapshot s = new Snapshot();
        ByteBuffer bytes = ByteBuffer.allocate(0);
        boolean sorted = true;
        for (int i = 1; i < count && sorted; i++) {
            sorted = endNs[i - 1] < endNs[i] || endNs[i - 1] == endNs[i] && place[i - 1] <= place[i];
        }
        int[] order = sorted
                ? null
                : IntStream.range(0, count)
                        .boxed()
                        .sorted(Comparator.<Integer>comparingLong(i -> endNs[i]).thenComparingLong(i -> place[i]))
                        .mapToInt(Integer::intValue)
                        .toArray();
        for (int i = 0; i < count; i++) {
            int which = sorted ? i : order[i];
            int length = Math.toIntExact(offset[which + 1] - offset[which]);
            if (bytes.capacity() < length) {
                bytes = ByteBuffer.allocate(length * 2);
            }
            bytes.clear().limit(length);
            while (bytes.hasRemaining()) {
                if (file.read(bytes, offset[which] + bytes.position()) < 0) {
                    throw new EOFException("the temporary file was cut off");
                }
            }
            read(bytes.flip(), s);
            sink.append(s);
            ids[which] = s.id;
            long[] before =
                    last.put(new Stream(s.kdamond, s.context, s.scheme, s.target), new long[] {s.startNs, s.endNs});
            overlapping += before != null && s.startNs < before[1] - (before[1] - before[0]) / 2 ? 1 : 0;
        }
        return overlapping;
    }

    private void read(ByteBuffer from, Snapshot s) {
        s.clear();
        s.kdamond = from.getInt();
        s.context = from.getInt();
        s.scheme = from.getInt();
        s.target = from.getLong();
        s.startNs = from.getLong();
        s.endNs = from.getLong();
        s.sampleUs = from.getLong();
        s.aggrUs = from.getLong();
        int own = from.getInt();
        int regions = from.getInt();
        s.lost = number(from);
        s.reserve(regions);
        long previous = 0;
        for (int i = 0; i < regions; i++) {
            long start = previous + number(from);
            long end = start + number(from);
            int accesses = (int) number(from);
            s.add(start, end, accesses, (int) number(from) - 1);
            s.filterPassed[i] = (own & Snapshot.HAS_FILTER_PASSED) != 0 ? number(from) : 0;
            s.probeHits[i] = (own & Snapshot.HAS_PROBE_HITS) != 0 ? number(from) - 1 : Snapshot.NO_HITS;
            previous = end;
        }
        s.columns = columns;
    }

    /** The id in the trace of the snapshot that was added as this number; known once all are written. */
    long id(int number) {
        return ids[number];
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
