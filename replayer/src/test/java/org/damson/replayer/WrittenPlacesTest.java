package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Mapping;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a replay writes lies where the recording found it written, and is as much. */
final class WrittenPlacesTest {
    private static final Path ACCESSGEN = Path.of("..", "native", "build", "accessgen");
    private static final long BASE = 0x5555_0000_0000L;
    private static final int PAGES = 256;
    private static final long PAGE = 4096;
    private static final long MS = 1_000_000;

    @TempDir
    Path dir;

    /** Pages of ranges: first, how many, how many of them written in an average sample, in order. */
    private Path recorded(String name, long referencedPages, int... ranges) throws IOException {
        Path path = dir.resolve("w.damson");
        Manifest m = new Manifest();
        ManifestKey.PIDS_RECORDED.put(m, List.of(7L));
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            Batch mappings = new Batch(Table.MAPPINGS);
            new Mapping(7, BASE, BASE + PAGES * PAGE, "rw-p", name).addTo(mappings, 0, false);
            sink.append(mappings);
            Batch writes = new Batch(Table.WRITES);
            for (int n = 0; n < 2; n++) {
                Snapshot s = new Snapshot();
                s.startNs = n * 100 * MS;
                s.endNs = s.startNs + 100 * MS;
                s.sampleUs = 25_000;
                s.aggrUs = 100_000;
                s.columns = Snapshot.HAS_REFERENCED | Snapshot.HAS_WRITTEN;
                int i = s.add(BASE, BASE + PAGES * PAGE, 4, 0);
                s.reserve(i + 1);
                s.referencedMean[i] = referencedPages * PAGE;
                long written = 0;
                for (int r = 0; r < ranges.length; r += 3) {
                    long start = BASE + ranges[r] * PAGE;
                    long bytes = ranges[r + 2] * PAGE;
                    writes.add(s.startNs, s.endNs, s.target, start, start + ranges[r + 1] * PAGE, 4, 4, bytes, bytes);
                    written += bytes;
                }
                s.writtenMean[i] = written;
                sink.append(s);
            }
            sink.append(writes);
        }
        return path;
    }

    private static List<String> plan(Path path) throws IOException {
        StringWriter out = new StringWriter();
        try (TraceSource trace = Traces.open(path)) {
            ReplayPlanner.plan(trace, TraceQuery.ALL, new ReplayOptions(1, 1L << 30), out);
        }
        return out.toString().lines().toList();
    }

    private static List<String> touches(List<String> plan) {
        int first = plan.indexOf("snapshot 0ns 100ms 4");
        return plan.subList(first + 1, plan.indexOf("snapshot 100ms 100ms 4"));
    }

    @Test
    void oneHalfIsWrittenAndTheOtherRead() throws IOException {
        assertEquals(
                List.of("touch 0x555500000000 512K 4", "touch 0x555500080000 512K 4 written 0"),
                touches(plan(recorded("", 256, 0, 128, 128))));
    }

    /** 100 pages, of which 10 of one range and all of another are written: the 80 that were read have room beside them. */
    @Test
    void whatWasOnlyReadLiesWhereNothingWasWritten() throws IOException {
        assertEquals(
                List.of(
                        "touch 0x555500000000 64K 4 pages 5 written 0",
                        "touch 0x555500010000 128K 4 pages 10",
                        "touch 0x555500030000 512K 4 pages 48 written 0",
                        "touch 0x5555000b0000 40K 4",
                        "touch 0x5555000ba000 280K 4 pages 27 written 0"),
                touches(plan(recorded("", 100, 16, 32, 10, 176, 10, 10))));
    }

    /** 250 of 256 pages: more are read than lie beside what was written. */
    @Test
    void whatHasNoRoomBesideIsReadOfTheRanges() throws IOException {
        assertEquals(
                List.of("touch 0x555500000000 800K 4 pages 194 written 100", "touch 0x5555000c8000 224K 4 written 0"),
                touches(plan(recorded("", 250, 0, 200, 100))));
    }

    @Test
    void withoutRangesTheShareAloneIsTaken() throws IOException {
        Path path = recorded("", 100, 0, 256, 25);
        assertEquals(List.of("touch 0x555500000000 1M 4 pages 100 written 25"), touches(plan(path)));
    }

    /**
     * Played by a real process over a private mapping of a file, of which the kernel makes pages of the process's own of those that are
     * written: these are the recorded ones, and the others that are resident were read.
     */
    @Test
    void aPlayerWritesWhereTheOriginalWrote() throws Exception {
        Path file = dir.resolve("plan");
        Files.write(file, plan(recorded("/a/file", 120, 3, 5, 5, 64, 32, 32, 200, 3, 3)));
        try (Replayer replayer = Replayer.start(ACCESSGEN, file, false)) {
            replayer.go();
            replayer.await();
            BitSet written = new BitSet();
            BitSet read = new BitSet();
            try (RandomAccessFile pagemap =
                    new RandomAccessFile("/proc/" + replayer.pids().get(0) + "/pagemap", "r")) {
                for (int i = 0; i < PAGES; i++) {
                    pagemap.seek((BASE / PAGE + i) * 8);
                    byte[] bytes = new byte[8];
                    pagemap.readFully(bytes);
                    long entry = ByteBuffer.wrap(bytes)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong();
                    boolean isOfFile = (entry >>> 61 & 1) != 0;
                    (isOfFile ? read : written).set(i, entry < 0);
                }
            }
            BitSet wanted = new BitSet();
            wanted.set(3, 8);
            wanted.set(64, 96);
            wanted.set(200, 203);
            assertEquals(wanted, written);
            // Of three ranges in between each has its share, rounded up.
            assertTrue(read.cardinality() >= 80 && read.cardinality() <= 84, read.toString());
        }
    }
}
