package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.damson.model.Batch;
import org.damson.model.InvalidInputException;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Mapping;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.replayer.memory.MappingKind;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What memory is made of in a plan, how much of it is touched, and how much of that is written. */
final class MemoryKindTest {
    private static final Path ACCESSGEN = Path.of("..", "native", "build", "accessgen");
    private static final long BASE = 0x5555_0000_0000L;
    private static final long PAGE = 4096;

    @TempDir
    Path dir;

    private TraceSink sink(Path path) throws IOException {
        Manifest m = new Manifest();
        ManifestKey.PIDS_RECORDED.put(m, List.of(7L));
        return Traces.create(path, m, WriterOptions.BATCH);
    }

    private static Snapshot snapshot(int n, int columns) {
        Snapshot s = new Snapshot();
        s.startNs = n * 100_000_000L;
        s.endNs = s.startNs + 100_000_000L;
        s.sampleUs = 25_000;
        s.aggrUs = 100_000;
        s.columns = columns;
        return s;
    }

    private static void region(Snapshot s, long start, long end, int accesses, long referenced, long written) {
        int i = s.add(start, end, accesses, 0);
        s.reserve(i + 1);
        s.referencedMean[i] = referenced;
        s.writtenMean[i] = written;
    }

    private static String plan(Path path, ReplayOptions options) throws IOException {
        StringWriter out = new StringWriter();
        try (TraceSource trace = Traces.open(path)) {
            ReplayPlanner.plan(trace, TraceQuery.ALL, options, out);
        }
        return out.toString();
    }

    private static ReplayOptions reads(double share) {
        return new ReplayOptions(1, 1L << 30, 1, 1, share, 0, 1, true, ReplayOptions.Hugetlb.POOL);
    }

    private Path ofEveryKind() throws IOException {
        Path path = dir.resolve("kinds.damson");
        String[][] kinds = {
            {"r-xp", "/usr/bin/x"},
            {"rw-p", "/usr/bin/x"},
            {"rw-p", ""},
            {"rw-s", "/dev/zero (deleted)"},
            {"rw-s", "/var/lib/data"},
            {"rw-s", "/memfd:pool (deleted)"},
            {"r--p", "[vvar]"},
            {"", "/no/permissions"}
        };
        try (TraceSink sink = sink(path)) {
            Batch rows = new Batch(Table.MAPPINGS);
            Snapshot s = snapshot(0, 0);
            for (int i = 0; i < kinds.length; i++) {
                long start = BASE + i * 16 * PAGE;
                new Mapping(7, start, start + 10 * PAGE, kinds[i][0], kinds[i][1]).addTo(rows, 0, false);
                s.add(start, start + 10 * PAGE, 2, 0);
            }
            sink.append(rows);
            sink.append(s);
        }
        return path;
    }

    @Test
    void aMappingStaysWhatItWasAndIsOnlyWrittenIfItCouldBe() throws IOException {
        assertEquals(
                """
                map 0ns 0x555500000000 40K file
                fill 0ns 0x555500000000 40K written 0
                map 0ns 0x555500010000 40K file
                fill 0ns 0x555500010000 40K
                map 0ns 0x555500020000 40K
                fill 0ns 0x555500020000 40K
                map 0ns 0x555500030000 40K shared
                fill 0ns 0x555500030000 40K
                map 0ns 0x555500040000 40K file shared
                fill 0ns 0x555500040000 40K
                map 0ns 0x555500050000 40K shared
                fill 0ns 0x555500050000 40K
                map 0ns 0x555500060000 40K
                fill 0ns 0x555500060000 40K
                map 0ns 0x555500070000 40K file
                fill 0ns 0x555500070000 40K
                snapshot 0ns 100ms 4
                touch 0x555500000000 40K 2 written 0
                touch 0x555500010000 40K 2
                touch 0x555500020000 40K 2
                touch 0x555500030000 40K 2
                touch 0x555500040000 40K 2
                touch 0x555500050000 40K 2
                touch 0x555500060000 40K 2 written 0
                touch 0x555500070000 40K 2
                """,
                plan(ofEveryKind(), reads(0)).replaceFirst("(?s).*?process 0\n", ""));
    }

    /** Words of a plan's line by names and permissions as maps, perf and redacted traces have them. */
    @ParameterizedTest
    @CsvSource(
            value = {
                "/usr/lib/x.so|r--p|' file'",
                "/tmp/gone (deleted)|rw-s|' file shared'",
                "file-3f|rw-p|' file'",
                "redacted|rw-s|' file shared'",
                "''|rw-p|''",
                "''|rw-s|' shared'",
                "[heap]|rw-p|''",
                "[stack:7]|rw-p|''",
                "[anon:pool]|rw-p|''",
                "[anon_shmem:pool]|rw-s|' shared'",
                "//anon|rwxp|''",
                "/dev/zero (deleted)|rw-s|' shared'",
                "/dev/shm/x|rw-s|' shared'",
                "/SYSV00000000 (deleted)|rw-s|' shared'",
                "anon_inode:[io_uring]|rw-s|' shared'",
                "/anon_hugepage (deleted)|rw-p|' huge'",
                "/dev/hugepages/x|rw-s|' huge shared'",
                "/usr/bin/x|''|' file'"
            },
            delimiter = '|')
    void whatAMappingWasIsToldByItsName(String name, String permissions, String words) {
        assertEquals(
                words,
                MappingKind.of(new Mapping(7, BASE, BASE + PAGE, permissions, name))
                        .words(" huge"));
    }

    @Test
    void aShareOfReadsIsForWhatMayBeWritten() throws IOException {
        String plan = plan(ofEveryKind(), reads(0.7));
        assertTrue(plan.contains("fill 0ns 0x555500010000 40K written 3\n"), plan);
        assertTrue(plan.contains("fill 0ns 0x555500020000 40K\n"), plan);
        assertTrue(plan.contains("touch 0x555500000000 40K 2 written 0\n"), plan);
        assertTrue(plan.contains("touch 0x555500010000 40K 2 written 3\n"), plan);
        assertTrue(plan.contains("touch 0x555500040000 40K 2 written 3\n"), plan);
        checked(plan);
        assertThrows(InvalidInputException.class, () -> reads(1.01));
        assertThrows(InvalidInputException.class, () -> reads(Double.NaN));
    }

    /** In 2 of 4 samples 3 of 10 pages were on average referenced, and one written: in those two it was twice as much. */
    @Test
    void whatWasRecordedAsWrittenIsWrittenAndTheRestIsRead() throws IOException {
        Path path = dir.resolve("written.damson");
        try (TraceSink sink = sink(path)) {
            Batch rows = new Batch(Table.MAPPINGS);
            new Mapping(7, BASE, BASE + 10 * PAGE, "rw-p", "").addTo(rows, 0, false);
            new Mapping(7, BASE + 16 * PAGE, BASE + 26 * PAGE, "rw-p", "/a/file").addTo(rows, 0, false);
            sink.append(rows);
            Snapshot s = snapshot(0, Snapshot.HAS_REFERENCED | Snapshot.HAS_WRITTEN);
            region(s, BASE, BASE + 10 * PAGE, 2, 3 * PAGE, PAGE);
            region(s, BASE + 16 * PAGE, BASE + 26 * PAGE, 4, 10 * PAGE, 0);
            sink.append(s);
            s = snapshot(1, Snapshot.HAS_REFERENCED | Snapshot.HAS_WRITTEN);
            region(s, BASE, BASE + 10 * PAGE, 4, 2 * PAGE, Snapshot.NOT_KNOWN);
            region(s, BASE + 16 * PAGE, BASE + 26 * PAGE, 1, PAGE, PAGE);
            sink.append(s);
        }
        String plan = plan(path, reads(0.5));
        assertEquals(
                """
                map 0ns 0x555500000000 40K
                fill 0ns 0x555500000000 40K pages 6
                map 0ns 0x555500010000 40K file
                fill 0ns 0x555500010000 40K written 4
                snapshot 0ns 100ms 4
                touch 0x555500000000 40K 2 pages 6 written 2
                touch 0x555500010000 40K 4 written 0
                snapshot 100ms 100ms 4
                touch 0x555500000000 40K 4 pages 2 written 1
                touch 0x555500010000 40K 1 pages 4
                """,
                plan.replaceFirst("(?s).*?process 0\n", ""));
        checked(plan);
    }

    /** Every plan of a recording is one that the generator takes, however mappings grow, shrink and change hands. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 18, 24})
    void theGeneratorTakesWhatIsPlanned(long seed) throws IOException {
        Random random = new Random(seed);
        Path path = dir.resolve("random.damson");
        boolean hasMappings = seed % 2 == 0;
        String[] names = {"", "/lib/x", "/dev/zero (deleted)", "[heap]"};
        String[] permissions = {"rw-p", "r--p", "rw-s", "r-xp", ""};
        try (TraceSink sink = sink(path)) {
            Batch rows = new Batch(Table.MAPPINGS);
            for (int i = 0; i < 30 && hasMappings; i++) {
                long start = BASE + random.nextInt(200) * PAGE;
                Mapping m = new Mapping(
                        7,
                        start,
                        start + (1 + random.nextInt(60)) * PAGE,
                        permissions[random.nextInt(permissions.length)],
                        names[random.nextInt(names.length)]);
                long fromNs = random.nextInt(20) * 100_000_000L;
                m.addTo(rows, fromNs, false);
                if (random.nextBoolean()) {
                    m.addTo(rows, fromNs + random.nextInt(20) * 100_000_000L, true);
                }
            }
            if (hasMappings) {
                sink.append(rows);
            }
            Batch readings = new Batch(Table.MEMORY);
            for (int i = 0; i < 30 && seed > 2; i += 1 + random.nextInt(5)) {
                readings.add(i * 100_000_000L, 7, "rss", random.nextInt(200) * PAGE);
            }
            sink.append(readings);
            Batch writes = new Batch(Table.WRITES);
            for (int n = 0; n < 30; n++) {
                Snapshot s = snapshot(n, seed % 3 == 0 ? 0 : Snapshot.HAS_REFERENCED | Snapshot.HAS_WRITTEN);
                long from = BASE;
                for (int i = 0; i < random.nextInt(12) && seed % 3 == 2; i++) {
                    from += random.nextInt(12) * PAGE;
                    long size = (1 + random.nextInt(12)) * PAGE;
                    long any = (1 + random.nextInt((int) (size / PAGE))) * PAGE;
                    writes.add(s.startNs, s.endNs, s.target, from, from + size, 4, 1 + random.nextInt(4), any / 2, any);
                    from += size;
                }
                long at = BASE + random.nextInt(5) * PAGE;
                for (int i = 0; i < 8; i++) {
                    long size = (1 + random.nextInt(40)) * PAGE;
                    long referenced = random.nextInt(40) * PAGE;
                    region(s, at, at + size, random.nextInt(5), referenced, random.nextInt(40) * PAGE - 1);
                    at += size + random.nextInt(3) * PAGE;
                }
                sink.append(s);
            }
            sink.append(writes);
        }
        for (double scale : new double[] {1, 0.3, 2.5}) {
            checked(plan(
                    path,
                    new ReplayOptions(
                            1, 1L << 30, scale, 2, random.nextDouble(), 0, 1, seed != 4, ReplayOptions.Hugetlb.SMALL)));
        }
    }

    private void checked(String plan) throws IOException {
        Path file = Files.writeString(dir.resolve("plan"), plan);
        Process check = new ProcessBuilder(ACCESSGEN.toString(), "check", file.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(said.startsWith("1 processes, at most "), said + plan);
    }
}
