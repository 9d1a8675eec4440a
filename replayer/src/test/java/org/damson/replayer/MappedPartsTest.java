package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
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

/** Of mappings that come or go within a snapshot: there when the looks at them say so, and touched while they are there. */
final class MappedPartsTest {
    private static final long BASE = 0x5555_0000_0000L;
    private static final long PAGE = 4096;
    private static final long MS = 1_000_000;

    @TempDir
    Path dir;

    private final Batch mappings = new Batch(Table.MAPPINGS);
    private final Batch readings = new Batch(Table.MEMORY);

    private static Mapping mapping(long firstPage, long pages) {
        return new Mapping(7, BASE + firstPage * PAGE, BASE + (firstPage + pages) * PAGE, "rw-p", "");
    }

    private Mapping come(long atMs, long firstPage, long pages) {
        Mapping m = mapping(firstPage, pages);
        m.addTo(mappings, atMs * MS, false);
        return m;
    }

    private void gone(long atMs, Mapping m) {
        m.addTo(mappings, atMs * MS, true);
    }

    private void look(long atMs) {
        readings.add(atMs * MS, 7, "rss", 1 << 20);
    }

    /** Snapshots of a second, of ten samples; of each the regions: first page, pages, accesses. */
    private List<String> plan(long[]... snapshots) throws IOException {
        Path path = dir.resolve("t.damson");
        Manifest manifest = new Manifest();
        ManifestKey.PIDS_RECORDED.put(manifest, List.of(7L));
        try (TraceSink sink = Traces.create(path, manifest, WriterOptions.BATCH)) {
            for (int n = 0; n < snapshots.length; n++) {
                Snapshot s = new Snapshot();
                s.startNs = n * 1000 * MS;
                s.endNs = s.startNs + 1000 * MS;
                s.sampleUs = 100_000;
                s.aggrUs = 1_000_000;
                for (int i = 0; i < snapshots[n].length; i += 3) {
                    long[] r = snapshots[n];
                    s.add(BASE + r[i] * PAGE, BASE + (r[i] + r[i + 1]) * PAGE, (int) r[i + 2], 0);
                }
                sink.append(s);
            }
            sink.append(mappings);
            sink.append(readings);
        }
        ReplayOptions accessed = new ReplayOptions(1, 1L << 30, 1, 1, 0, 0, 1, false, ReplayOptions.Hugetlb.POOL);
        StringWriter out = new StringWriter();
        try (TraceSource trace = Traces.open(path)) {
            ReplayPlanner.plan(trace, TraceQuery.ALL, accessed, out);
        }
        return out.toString()
                .lines()
                .filter(l -> l.matches("(map|unmap|snapshot|touch) .*"))
                .map(l -> l.replace("0x55550000", "@").replace("0x5555000", "@"))
                .toList();
    }

    /** A look at 1.3 s did not find what one at 1.6 s found, and that it was gone one at 2.4 s says, which followed one at 2.2 s. */
    @Test
    void whatTwoLooksSayOfASnapshotIsPlayed() throws IOException {
        come(0, 0, 4);
        Mapping shortly = come(1600, 64, 8);
        gone(2400, shortly);
        for (long ms : new long[] {0, 1300, 2200, 3000}) {
            look(ms);
        }
        assertEquals(
                List.of(
                        "map 0ns @0000 16K",
                        "snapshot 0ns 1s 10",
                        "touch @0000 16K 5",
                        "snapshot 1s 300ms 3",
                        "touch @0000 16K 1",
                        "map 1300ms @40000 32K",
                        "snapshot 1300ms 700ms 7",
                        "touch @0000 16K 4",
                        "touch @40000 32K 4",
                        "snapshot 2s 400ms 4",
                        "touch @0000 16K 2",
                        "touch @40000 32K 3",
                        "unmap 2400ms @40000 32K",
                        "snapshot 2400ms 600ms 6",
                        "touch @0000 16K 3"),
                plan(new long[] {0, 4, 5}, new long[] {0, 4, 5, 64, 8, 4}, new long[] {0, 4, 5, 64, 8, 3}));
    }

    /** In eight of ten samples it was accessed: it was there for longer than the looks say. */
    @Test
    void whatWasSeenMoreOftenWasThereForLonger() throws IOException {
        come(0, 0, 4);
        come(1600, 64, 8);
        for (long ms : new long[] {0, 1500, 3000}) {
            look(ms);
        }
        assertEquals(
                List.of(
                        "map 0ns @0000 16K",
                        "snapshot 0ns 1s 10",
                        "touch @0000 16K 5",
                        "map 1s @40000 32K",
                        "snapshot 1s 1s 10",
                        "touch @0000 16K 5",
                        "touch @40000 32K 8"),
                plan(new long[] {0, 4, 5}, new long[] {0, 4, 5, 64, 8, 8}));
    }

    /** It grows at 1.4 s and is smaller again at 1.7 s, in place: what it keeps is touched all along, as often as it was seen. */
    @Test
    void whatAMappingKeepsIsTouchedAllAlong() throws IOException {
        Mapping small = come(0, 0, 4);
        Mapping large = come(1400, 0, 12);
        gone(1400, small);
        come(1700, 0, 2);
        gone(1700, large);
        for (long ms : new long[] {0, 1400, 1700}) {
            look(ms);
        }
        List<String> plan = plan(new long[] {0, 4, 10}, new long[] {0, 2, 10, 2, 2, 6, 4, 8, 2}, new long[] {0, 2, 10});
        assertEquals(10, touched(plan, "@0000 8K"));
        assertEquals(6, touched(plan, "@2000 8K"));
        assertEquals(2, touched(plan, "@4000 32K"));
    }

    /** Slices from 1 to 2 s in which a range is touched. */
    private static int touched(List<String> plan, String range) {
        int sum = 0;
        boolean isThen = false;
        for (String line : plan) {
            isThen = line.startsWith("snapshot ") ? line.matches("snapshot 1(s|\\d00ms) .*") : isThen;
            sum += isThen && line.startsWith("touch " + range) ? Integer.parseInt(line.split(" ")[3]) : 0;
        }
        return sum;
    }
}
