package org.damson.analyzer.openloop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.damson.analyzer.damos.DamosHost;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.exchange.Importers;
import org.damson.exchange.build.ImportOptions;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DAMON's smallest region is a page, and machines of arm64 have pages of 16 and 64 KiB too. */
final class PageSizeTest {
    private static final Path STAIRS = Path.of("..", "testdata", "stairs", "tracefs.txt.gz");
    private static final Pattern PLACE = Pattern.compile("(\\d+)-(\\d+): ");

    private record Tried(int scheme, long start, long end, int nr, int age) {}

    /** Quotas of a size that cuts within regions, of time, and an address filter that begins in the midst of a page. */
    private static List<Scheme> schemes(int scale) {
        long mib = 1048576L * scale;
        long filtered = (140069501747200L + 1) * scale;
        List<Scheme> schemes = new ArrayList<>();
        for (String text : List.of(
                "stat size=0..max access=0..20 age=0..max quotas/bytes=" + (3 * mib + 100L * scale)
                        + " quotas/reset_interval_ms=1000",
                "stat size=" + mib + "..max access=1..20 age=0..max quotas/bytes=" + 1048576L / 3 / 4096 * 4096 * scale
                        + " quotas/reset_interval_ms=300",
                "stat size=0..max access=0..20 age=0..max quotas/ms=5 quotas/reset_interval_ms=1000",
                "stat size=0..max access=0..20 age=0..max filters/0/type=addr filters/0/matching=Y filters/0/allow=N"
                        + " filters/0/addr_start=" + filtered + " filters/0/addr_end=" + (filtered + 2 * mib))) {
            schemes.addAll(SchemeParser.parse(text));
        }
        return schemes;
    }

    /** The recording of {@code stairs}, every address as many times as far from 0, on a machine whose pages are so much larger. */
    private static TraceSource scaled(Path dir, int scale) throws IOException {
        Path text = dir.resolve("scaled-" + scale + ".txt");
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(STAIRS)), StandardCharsets.UTF_8))) {
            Files.writeString(
                    text,
                    in.lines()
                            .map(line -> PLACE.matcher(line)
                                    .replaceAll(m -> Long.parseLong(m.group(1)) * scale + "-"
                                            + Long.parseLong(m.group(2)) * scale + ": "))
                            .collect(Collectors.joining("\n", "", "\n")));
        }
        Path path = dir.resolve("scaled-" + scale + ".damson");
        Importers.importFile(
                text,
                new ImportOptions(new MonitoringAttrs(
                        5_000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.GIVEN)),
                m -> {
                    ManifestKey.PAGE_SIZE.put(m, 4096L * scale);
                    return Traces.create(path, m, WriterOptions.BATCH);
                });
        return Traces.open(path);
    }

    private static OpenLoopResult simulate(TraceSource trace, int scale, List<Tried> tried) throws IOException {
        DamosHost listener = new DamosHost() {
            @Override
            public void tried(int scheme, long target, long start, long end, int nr, int age) {
                tried.add(new Tried(scheme, start / scale, end / scale, nr, age));
            }
        };
        return OpenLoop.run(trace, TraceQuery.ALL, schemes(scale), OpenLoopOptions.of(trace.manifest()), listener);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 16})
    void ofLargerPagesTheSameIsTriedOfMemoryThatMuchLarger(int scale, @TempDir Path dir) throws IOException {
        try (TraceSource small = scaled(dir, 1);
                TraceSource large = scaled(dir, scale)) {
            List<Tried> expected = new ArrayList<>();
            List<Tried> tried = new ArrayList<>();
            OpenLoopResult usual = simulate(small, 1, expected);
            OpenLoopResult r = simulate(large, scale, tried);
            assertTrue(expected.size() > 1000, expected.size() + " regions tried");
            assertEquals(expected, tried);
            for (int k = 0; k < usual.schemes().size(); k++) {
                OpenLoopResult.PerScheme u = usual.schemes().get(k);
                OpenLoopResult.PerScheme s = r.schemes().get(k);
                assertEquals(u.szTriedMin() * scale, s.szTriedMin(), "least of scheme " + k);
                assertEquals(u.szTriedMax() * scale, s.szTriedMax(), "most of scheme " + k);
                assertEquals(u.nrTriedMin(), s.nrTriedMin(), "fewest of scheme " + k);
                assertEquals(u.nrTriedMax(), s.nrTriedMax(), "most regions of scheme " + k);
            }
        }
    }

    @Test
    void aTraceThatDoesNotSayOrTellsNonsenseHasPagesOf4Kib() {
        Manifest m = new Manifest();
        assertEquals(4096, m.pageBytes());
        for (long page : new long[] {4096, 16384, 65536}) {
            ManifestKey.PAGE_SIZE.put(m, page);
            assertEquals(page, OpenLoopOptions.of(m).minRegionBytes());
        }
        for (long page : new long[] {0, -4096, 1, 4095, 12288, 1L << 40, Long.MIN_VALUE}) {
            m.host.put("page_size_bytes", page);
            assertEquals(4096, m.pageBytes(), "said to be " + page);
        }
        m.host.put("page_size_bytes", 4096.5);
        assertEquals(4096, m.pageBytes());
        m.host.put("page_size_bytes", "16384");
        assertEquals(4096, m.pageBytes());
    }
}
