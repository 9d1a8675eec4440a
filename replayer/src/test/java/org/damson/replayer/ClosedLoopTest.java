package org.damson.replayer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * From a recording to the generator's own log of what it touched, without a kernel between them: of recordings at random, of mappings of all
 * kinds that come and go, replayed in every way, each piece of memory is touched in as many slices as it was seen in samples and never before its snapshot,
 * and what is left out is what the report says, to the page.
 */
final class ClosedLoopTest {
    private static final Path ACCESSGEN = Path.of("..", "native", "build", "accessgen");
    private static final long PAGE = 4096;
    private static final long MS = 1_000_000;
    private static final int SAMPLES = 5;
    private static final long SNAPSHOT_NS = 50 * MS;
    private static final int SNAPSHOTS = 4;

    /** Pieces of memory lie so far apart that none has addresses of another, whatever is scaled. */
    private static final int AREA_BITS = 28;

    private static final List<String> KINDS = List.of(
            "rw-p", "r-xp /lib/x.so", "rw-p /lib/y.so", "rw-s /srv/data", "rw-s /memfd:m", "rw-p /anon_hugepage");

    @TempDir
    Path dir;

    /** An area in a snapshot. */
    private record Key(long area, int snapshot) {}

    /** Pages that were seen accessed, each as often as it was. */
    private final Map<Key, Long> seen = new HashMap<>();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void whatIsTouchedIsWhatWasSeen(int seed) throws Exception {
        Random random = new Random(seed);
        Path trace = record(random);
        double scale = seed % 3 == 0 ? 0.5 : seed % 3 == 1 ? 1 : 2;
        double speed = seed % 2 == 0 ? 1 : 2;
        int loops = seed % 2 == 0 ? 2 : 1;
        ReplayOptions options = new ReplayOptions(
                speed, 1L << 30, scale, loops, random.nextDouble(), 0, 1, true, ReplayOptions.Hugetlb.SMALL);
        Path plan = dir.resolve("plan");
        try (TraceSource source = Traces.open(trace);
                Writer out = Files.newBufferedWriter(plan)) {
            ReplayPlanner.plan(source, TraceQuery.ALL, options, out);
        }
        PlayOptions how = new PlayOptions(
                random.nextBoolean(), 1 + random.nextInt(3), random.nextBoolean() ? (long) seed : null, null, null);
        Path log = dir.resolve("log");
        ReplayReport report = play(plan, log, how);

        Map<Long, Long> intended = new HashMap<>();
        long touched = 0;
        for (String line : Files.readAllLines(log)) {
            if (line.startsWith("from_ns")) {
                continue;
            }
            long[] row =
                    Arrays.stream(line.split(",")).mapToLong(Long::parseLong).toArray();
            if (row[3] == 0) {
                continue; // once more within its slice
            }
            long area = row[2] >>> AREA_BITS;
            long before = intended.getOrDefault(area, 0L);
            assertTrue(
                    row[0] >= beginNs(area, before, scale, loops) / speed, () -> "early: " + line + ", seed " + seed);
            intended.put(area, before + row[3]);
            assertTrue(row[4] == row[3] || row[4] == 0, line);
            touched += row[4];
        }
        Map<Long, Long> wanted = new HashMap<>();
        seen.forEach((key, pages) -> wanted.merge(key.area, (long) (pages * scale * loops), Long::sum));
        assertEquals(wanted, intended, "seed " + seed);
        assertEquals(
                report.intendedPages(),
                intended.values().stream().mapToLong(v -> v).sum());
        assertEquals(report.touchedPages(), touched);
        assertTrue(report.shedSlices() > 0 || touched == report.intendedPages(), report.toString());
    }

    /** When the snapshot begins, at the speed of the recording, that a touch of an area belongs to before which so many pages of it were to be touched. */
    private double beginNs(long area, long pagesBefore, double scale, int loops) {
        double left = pagesBefore / scale;
        for (int n = 0; n < SNAPSHOTS * loops; n++) {
            left -= seen.getOrDefault(new Key(area, n % SNAPSHOTS), 0L);
            if (left < 0) {
                return (double) n * SNAPSHOT_NS;
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    private static ReplayReport play(Path plan, Path log, PlayOptions how) throws Exception {
        List<String> command = new ArrayList<>(List.of(ACCESSGEN.toString(), "plan", "--log", log.toString()));
        command.addAll(how.arguments());
        command.add(plan.toString());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        assertTrue(code == 0 || code == 5, "exit " + code);
        return Replayer.parse(out.strip());
    }

    /** One to three processes with some pieces of memory each, some of which are there from or until some snapshot only. */
    private Path record(Random random) throws IOException {
        Path path = dir.resolve("t.damson");
        int targets = 1 + random.nextInt(3);
        Manifest manifest = new Manifest();
        manifest.source = "damon";
        List<Long> pids = new ArrayList<>();
        for (long t = 0; t < targets; t++) {
            pids.add(100 + t);
        }
        ManifestKey.PIDS_RECORDED.put(manifest, pids);
        boolean hasMappings = random.nextInt(4) > 0;
        Batch mappings = new Batch(Table.MAPPINGS);
        try (TraceSink sink = Traces.create(path, manifest, WriterOptions.BATCH)) {
            List<List<Snapshot>> all = new ArrayList<>();
            for (int t = 0; t < targets; t++) {
                all.add(target(random, t, mappings));
            }
            for (int n = 0; n < SNAPSHOTS; n++) {
                for (List<Snapshot> of : all) {
                    sink.append(of.get(n));
                }
            }
            if (hasMappings) {
                sink.append(mappings);
            }
        }
        return path;
    }

    private List<Snapshot> target(Random random, int t, Batch mappings) {
        List<Snapshot> all = new ArrayList<>();
        for (int n = 0; n < SNAPSHOTS; n++) {
            Snapshot s = new Snapshot();
            s.target = t;
            s.startNs = n * SNAPSHOT_NS;
            s.endNs = s.startNs + SNAPSHOT_NS;
            s.sampleUs = SNAPSHOT_NS / 1000 / SAMPLES;
            s.aggrUs = SNAPSHOT_NS / 1000;
            all.add(s);
        }
        int areas = 2 + random.nextInt(4);
        for (int a = 0; a < areas; a++) {
            // Even, so that half of each is whole.
            long pages = 2 * (1 + random.nextInt(300));
            long start = (0x200L + t * 0x20 + a << AREA_BITS) + 0x1000L * 512 * random.nextInt(8);
            int from = random.nextInt(3) == 0 ? 1 + random.nextInt(SNAPSHOTS - 1) : 0;
            int to = random.nextInt(3) == 0 ? from + 1 + random.nextInt(SNAPSHOTS - from) : SNAPSHOTS;
            String[] kind = KINDS.get(random.nextInt(KINDS.size())).split(" ");
            Mapping m = new Mapping(100 + t, start, start + pages * PAGE, kind[0], kind.length > 1 ? kind[1] : "");
            m.addTo(mappings, from * SNAPSHOT_NS, false);
            if (to < SNAPSHOTS) {
                m.addTo(mappings, to * SNAPSHOT_NS, true);
            }
            for (int n = from; n < to; n++) {
                regions(random, all.get(n), n, start, pages);
            }
        }
        return all;
    }

    /** The piece as one to three regions, each accessed in some of the samples. */
    private void regions(Random random, Snapshot s, int n, long start, long pages) {
        long done = 0;
        while (done < pages) {
            long some = random.nextInt(3) > 0 ? pages - done : 2 * (1 + random.nextInt((int) (pages - done) / 2));
            int accesses = random.nextInt(SAMPLES + 1);
            s.add(start + done * PAGE, start + (done + some) * PAGE, accesses, 0);
            if (accesses > 0) {
                seen.merge(new Key(start >>> AREA_BITS, n), some * accesses, Long::sum);
            }
            done += some;
        }
    }
}
