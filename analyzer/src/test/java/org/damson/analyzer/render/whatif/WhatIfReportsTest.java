package org.damson.analyzer.render.whatif;

import static org.damson.analyzer.whatif.Made.MIB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.curves.Curves;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.whatif.Made;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What curves and repeated recordings say of traces that are worked out by hand: 4 MiB that are hot, idle and hot again. */
final class WhatIfReportsTest {
    @TempDir
    Path dir;

    /** In aggregations of 100 ms: 2 hot, so many idle, 1 hot. */
    private TraceSource idleFor(int aggrs) throws IOException {
        return new Made(dir, "idle-" + aggrs)
                .turns(2, 20)
                .turns(aggrs, 0)
                .turns(1, 20)
                .open();
    }

    private static List<Curves> curves(TraceSource t, long sliceNs) throws IOException {
        return Curves.of(t, TraceQuery.ALL, sliceNs);
    }

    /** Of 0.7 s the region is idle for 4 aggregations: from age a on cold for 4 - a of them, and it comes back once. */
    @Test
    @SuppressWarnings("unchecked")
    void curvesGiveEachThreshold() throws IOException {
        try (TraceSource t = idleFor(4)) {
            Map<String, Object> json = CurvesReports.json(curves(t, 0).get(0), List.of());
            assertEquals(0.7, (double) json.get("seconds"), 1e-9);
            assertEquals(100_000L, json.get("aggr_us"));
            assertEquals(4 * MIB, json.get("touched_within_bytes"));
            assertNull(json.get("touched_within_bytes_max"), "of mappings alone");
            assertNull(json.get("slices"));
            List<Map<String, Object>> points = (List<Map<String, Object>>) json.get("points");
            assertEquals(
                    List.of(0L, 100_000L, 200_000L, 300_000L),
                    points.stream().map(p -> p.get("min_age_us")).toList());
            for (int age = 0; age < 4; age++) {
                Map<String, Object> p = points.get(age);
                assertEquals(Math.round(4 * MIB * (4 - age) / 7.0), p.get("cold_bytes"), "age " + age);
                assertEquals(Math.round(4 * MIB / 0.7), p.get("back_bytes_per_s"), "age " + age);
                // 60 / 0.7 times a minute all of a working set of 4 MiB.
                assertEquals(6000 / 0.7, (double) p.get("promotion_percent_per_minute"), 1e-6, "age " + age);
                // Of three accesses to the region, in as many aggregations, one is to what was out.
                assertEquals(2 / 3.0, (double) p.get("hit_share"), 1e-6, "age " + age);
            }
            String text = CurvesReports.text(curves(t, 0).get(0));
            assertTrue(text.contains("touched within 120 s: 4 MiB\n"), text);
            assertTrue(
                    text.contains("least age whose promotion rate is within 0.2 %/min: none that leaves cold memory"),
                    text);
        }
    }

    /** Slices of 0.3 s: hot, hot, idle; three idle; the last, with the access. What comes back does so in the last. */
    @Test
    void slicesAreLinesOfTheirOwn() throws IOException {
        try (TraceSource t = idleFor(4)) {
            List<Curves> slices = curves(t, 300_000_000L);
            StringBuilder out = new StringBuilder();
            CurvesReports.csv(slices, out);
            List<String[]> lines = new ArrayList<>();
            out.toString().lines().skip(1).forEach(l -> lines.add(l.split(",")));
            List<String[]> atZero = lines.stream().filter(l -> l[1].equals("0")).toList();
            assertEquals(3, atZero.size());
            assertEquals(4 * MIB / 3, Long.parseLong(atZero.get(0)[3]), "idle for a third");
            assertEquals(4 * MIB, Long.parseLong(atZero.get(1)[3]), "idle all the time");
            assertEquals(0, Long.parseLong(atZero.get(2)[3]), "hot");
            assertEquals(0, Long.parseLong(atZero.get(1)[6]));
            assertEquals(40 * MIB, Long.parseLong(atZero.get(2)[6]), "4 MiB in 0.1 s");
            assertEquals(
                    List.of("0", "1", "2"),
                    lines.stream().map(l -> l[0]).distinct().toList());
        }
    }

    private static SpreadReports.Run run(String name, TraceSource t) throws IOException {
        return new SpreadReports.Run(
                name,
                OpenLoop.run(
                        t,
                        TraceQuery.ALL,
                        SchemeParser.parse("stat access=0..0 age=0..max"),
                        OpenLoopOptions.DEFAULTS,
                        OutcomeOptions.DEFAULTS,
                        null));
    }

    /** 4 and 8 idle turns of 4 MiB, in 0.7 and 1.1 s: 22.857 and 29.091 MiB tried a second, 1.27 times. */
    @Test
    @SuppressWarnings("unchecked")
    void recordingsOfDifferentLengthAreComparedBySecond() throws IOException {
        try (TraceSource a = idleFor(4);
                TraceSource b = idleFor(8)) {
            List<SpreadReports.Run> runs = List.of(run("one, two", a), run("three", b));
            Map<String, Object> json = SpreadReports.json(runs);
            Map<String, Object> scheme = (Map<String, Object>) ((List<Object>) json.get("schemes")).get(0);
            assertEquals(16 * MIB / 0.7, (double) scheme.get("sz_tried_per_s_likely_least"), 1);
            assertEquals(32 * MIB / 1.1, (double) scheme.get("sz_tried_per_s_likely_most"), 1);
            assertEquals(2 * 0.7 / 1.1, (double) scheme.get("factor"), 1e-9);
            assertTrue((double) scheme.get("sz_tried_per_s_least") <= 16 * MIB / 0.7);
            assertTrue((double) scheme.get("sz_tried_per_s_most") >= 32 * MIB / 1.1);
            String text = SpreadReports.text(runs);
            assertTrue(text.startsWith("2 recordings; " + SpreadReports.SCOPE + "\n"), text);
            assertTrue(text.contains("22.857 MiB/s"), text);
            assertTrue(text.contains("  between recordings: 22.857 MiB/s to 29.091 MiB/s, 1.27 times\n"), text);
            StringBuilder csv = new StringBuilder();
            SpreadReports.csv(runs, csv);
            List<String> lines = csv.toString().lines().toList();
            assertEquals(3, lines.size());
            assertTrue(lines.get(1).startsWith("\"one, two\",700000000,0," + 16 * MIB + ","), lines.get(1));
            assertTrue(lines.get(2).startsWith("three,1100000000,0," + 32 * MIB + ","), lines.get(2));
        }
    }

    /** Where nothing was tried in one recording no factor says how far they are apart. */
    @Test
    @SuppressWarnings("unchecked")
    void nothingIsNoMultiple() throws IOException {
        try (TraceSource a = new Made(dir, "hot").turns(5, 20).open();
                TraceSource b = idleFor(4)) {
            List<SpreadReports.Run> runs = List.of(run("hot", a), run("idle", b));
            Map<String, Object> json = SpreadReports.json(runs);
            Map<String, Object> scheme = (Map<String, Object>) ((List<Object>) json.get("schemes")).get(0);
            assertEquals(0.0, scheme.get("sz_tried_per_s_likely_least"));
            assertNull(scheme.get("factor"));
            assertTrue(SpreadReports.text(runs).contains("  between recordings: 0 B/s to 22.857 MiB/s\n"));
        }
    }
}
