package org.damson.trace.redact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.junit.jupiter.api.Test;

/** What {@code --redact=strict} rounds, leaves out and says. */
final class StrictRedactionTest extends RedactedTraces {
    @Test
    void strictlyRedactedSizesAreRoundedUpAndWhatIsRareIsLeftOut() throws IOException {
        Path from = writeTelling();
        Path zip = redact(from, "strict.damson", KEY, true);
        String text = everything(zip);
        assertFalse(
                text.matches("(?s).*(module|function|build_id|name|counter|event|cause|command)-[0-9a-f]{16}.*"), text);
        try (TraceSource before = Traces.open(from);
                TraceSource trace = Traces.open(zip);
                TraceSource.SnapshotCursor a = before.snapshots(TraceQuery.ALL);
                TraceSource.SnapshotCursor b = trace.snapshots(TraceQuery.ALL)) {
            assertEquals(64, ManifestKey.CPUS.get(trace.manifest()));
            assertEquals("6.12", ManifestKey.KERNEL.get(trace.manifest()));
            assertEquals(
                    List.of(
                            "sizes, rounded up by at most a quarter, of 3 mappings, of files only those that others share",
                            "rounded sizes of processes and free memory",
                            "which functions, under pseudonyms, call one another, but for those of one stack",
                            "the series of the kernel (6.12)",
                            "the number of CPUs, rounded up to a power of two",
                            "how much memory was used when: a known workload has a known course"),
                    ManifestKey.STILL_TELLING.list(trace.manifest()));
            // The library of a size that no other has is gone, the heap and the named memory are there.
            assertEquals(2, trace.rowCount(Table.MAPPINGS));
            assertEquals(1, trace.rowCount(Table.MEMORY));
            Snapshot x = new Snapshot();
            Snapshot y = new Snapshot();
            while (a.next(x)) {
                assertTrue(b.next(y));
                assertEquals(x.regions, y.regions);
                for (int i = 0; i < x.regions; i++) {
                    long old = x.end[i] - x.start[i];
                    long made = y.end[i] - y.start[i];
                    assertTrue(made >= old && made <= old * 5 / 4 + 2 * 4096, old + " became " + made);
                    assertEquals(x.nrAccesses[i], y.nrAccesses[i]);
                    assertEquals(x.age[i], y.age[i]);
                }
            }
            assertFalse(b.next(y));
        }
    }

    @Test
    void aBundleSaysWhatCouldStillIdentify() throws IOException {
        try (TraceSource trace = Traces.open(redact(writeTelling(), "plain.damson", KEY))) {
            assertEquals(
                    List.of(
                            "exact sizes of 3 mappings: by those of files, 1 of them, builds of programs and libraries can be told",
                            "exact sizes of processes and free memory",
                            "counters since the boot of the machine or the start of a process: for how long, and how busily, it had been up",
                            "which functions, under pseudonyms, call one another",
                            "numbers of the CPUs that samples were taken on",
                            "the release of the kernel (6.12.3)",
                            "the number of CPUs",
                            "how much memory was used when: a known workload has a known course"),
                    ManifestKey.STILL_TELLING.list(trace.manifest()));
        }
    }

    @Test
    void strictCountersBeginAtZeroAndSizesAreRoundedUp() {
        RedactedMemory memory = new RedactedMemory();
        assertEquals(0, memory.value(7, "pgmajfault", 123_456));
        assertEquals(44, memory.value(7, "pgmajfault", 123_500));
        assertEquals(0, memory.value(8, "pgmajfault", 99));
        assertEquals(0x2_0000_0000L, memory.value(0, "mem_total", 0x1_e543_2000L));
        assertEquals(0x1_4000L, memory.value(7, "rss", 0x1_2345L));
        assertEquals(-5, memory.value(0, "damon_stat_idle_ms_p50", -5));
    }

    @Test
    void coarseSizesHaveThreeDigitsAndTheirPartsKeepOrderAndDistance() {
        assertEquals(
                List.of(0L, 1L, 7L, 8L, 10L, 16L, 20L, 1024L, 1280L),
                java.util.stream.LongStream.of(0, 1, 7, 8, 9, 15, 17, 1000, 1025)
                        .map(CoarseSizes::up)
                        .boxed()
                        .toList());
        Random random = new Random(3);
        for (int round = 0; round < 500; round++) {
            long first = 4096L * random.nextInt(1000) + (round % 3 == 0 ? random.nextInt(4096) : 0);
            long[] cuts = random.longs(random.nextInt(6), 1, 5000)
                    .sorted()
                    .distinct()
                    .map(p -> (first & -4096L) + 4096 * p)
                    .toArray();
            long size = 4096L * (5000 + random.nextInt(5000));
            CoarseSizes sizes = new CoarseSizes(first, size, cuts);
            assertEquals(0, sizes.offset(0));
            for (int i = 1; i < cuts.length; i++) {
                long pages = (cuts[i] - cuts[i - 1]) / 4096;
                assertEquals(
                        4096 * CoarseSizes.up(pages),
                        sizes.offset(cuts[i] - first) - sizes.offset(cuts[i - 1] - first));
            }
            for (int i = 0; i < 200; i++) {
                long from = (long) (random.nextDouble() * size);
                long to = from + (long) (random.nextDouble() * (size - from));
                long grown = sizes.offset(to) - sizes.offset(from);
                assertTrue(
                        grown >= to - from && grown <= (to - from) * 5 / 4 + 2 * 4096, from + ".." + to + ": " + grown);
                assertEquals((first + from) & 4095, (first + sizes.offset(from)) & 4095);
            }
        }
    }
}
