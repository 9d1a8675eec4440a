package org.damson.analyzer.advise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.damson.analyzer.advise.Advice.Confidence;
import org.damson.analyzer.advise.Advice.Kind;
import org.damson.analyzer.closedloop.Kdamond;
import org.damson.analyzer.closedloop.PlannedAccesses;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.tune.Tune;
import org.damson.analyzer.whatif.Made;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Advice over several recordings of one program, and the simulations that advice on ranges rests on. */
final class RepeatedAdviceTest {
    private static final MonitoringAttrs ATTRS =
            new MonitoringAttrs(10_000, 200_000, 1_000_000, 20, 1000, MonitoringAttrs.IntervalsOrigin.GIVEN);
    private static final String LEFT =
            "big, 128M\nhot, 4M\n\nload\n4000\nbig, 0, 4096, 1\n\nserve\n66000\nhot, 0, 4096, 1\n";
    private static final String USED =
            "big, 128M\nhot, 4M\n\nload\n4000\nbig, 0, 4096, 1\n\nserve\n66000\nbig, 0, 4096, 1\n";

    @TempDir
    Path dir;

    private int traces;

    private Path record(String plan, int seed) throws Exception {
        Kdamond k = new Kdamond(
                new Kdamond.Options(ATTRS, KernelVersion.V6_18, 0, 1, null, List.of(), OutcomeOptions.DEFAULTS, seed),
                () -> PlannedAccesses.of(plan, 50e6, 1));
        Manifest m = new Manifest();
        m.attrs = ATTRS;
        Path path = dir.resolve("run" + ++traces + ".damson");
        Snapshot s = new Snapshot();
        try (TraceSink sink = Traces.create(path, m, WriterOptions.BATCH)) {
            while (k.next(s)) {
                sink.append(s);
            }
        }
        return path;
    }

    private List<Advice> advise(Path... recordings) throws Exception {
        List<Tune.Subject> subjects = new ArrayList<>();
        try {
            for (Path p : recordings) {
                subjects.add(new Tune.Subject(Traces.open(p), TraceQuery.ALL, OpenLoopOptions.DEFAULTS));
            }
            return Advisor.advise(subjects, OutcomeOptions.DEFAULTS);
        } finally {
            for (Tune.Subject s : subjects) {
                s.trace().close();
            }
        }
    }

    private static Set<Kind> kinds(List<Advice> all) {
        return all.stream().map(Advice::kind).collect(Collectors.toSet());
    }

    private static String text(List<Advice> all) {
        return all.stream().map(Advice::text).collect(Collectors.joining("\n"));
    }

    @Test
    void whatGainsInEveryRunIsAdvisedWithTheLeastOfThem() throws Exception {
        List<Advice> all = advise(record(LEFT, 1), record(LEFT, 2), record(LEFT, 3));
        assertTrue(kinds(all).containsAll(Set.of(Kind.RECLAIM, Kind.PAGEOUT, Kind.WORTH)), text(all));
        assertFalse(kinds(all).contains(Kind.UNCERTAIN), text(all));
        for (Advice a : all) {
            Advice.Gain g = a.gain();
            if (g != null) {
                assertEquals(3, g.runs().size(), a.text());
                assertEquals(
                        g.runs().stream()
                                .mapToDouble(r -> r.done() - r.nothing())
                                .min()
                                .orElseThrow(),
                        g.done() - g.nothing());
                assertTrue(g.why().contains("the gain of 3 recordings is"), g.why());
                assertTrue(a.numbers().get("recording").toString().endsWith(".damson"), a.numbers() + "");
            }
        }
    }

    @Test
    void whatOneRunContradictsIsUncertainAndNotAdvised() throws Exception {
        List<Advice> all = advise(record(LEFT, 1), record(LEFT, 2), record(USED, 3));
        assertFalse(kinds(all).contains(Kind.RECLAIM), text(all));
        assertFalse(kinds(all).contains(Kind.PAGEOUT), text(all));
        List<Advice> uncertain =
                all.stream().filter(a -> a.kind() == Kind.UNCERTAIN).toList();
        assertEquals(
                Set.of("reclaim", "pageout", "hugepage"),
                uncertain.stream().map(a -> a.numbers().get("about")).collect(Collectors.toSet()),
                text(all));
        for (Advice a : uncertain) {
            assertEquals(
                    a.numbers().get("about").equals("hugepage") ? 1 : 2,
                    a.numbers().get("gains_in"),
                    a.text());
        }
        assertTrue(kinds(all).contains(Kind.NOTHING), text(all));
    }

    @Test
    void gainsFarApartAreOfLowConfidence() throws Exception {
        // Four times as much is left in the second run: less than that is sure.
        String more = LEFT.replace("128M", "320M");
        List<Advice> all = advise(record(LEFT, 1), record(more, 2));
        Advice reclaim =
                all.stream().filter(a -> a.kind() == Kind.RECLAIM).findFirst().orElseThrow();
        assertEquals(Confidence.LOW, reclaim.gain().confidence(), reclaim.gain().why());
        assertTrue(reclaim.gain().why().contains("far apart"), reclaim.gain().why());
        assertTrue(reclaim.gain().done() < 140 << 20, "the least: " + reclaim.gain());
        assertFalse(kinds(all).contains(Kind.PAGEOUT), "128 and 320 MiB are not the same range: " + text(all));
    }

    @Test
    void oneRecordingTwiceAdvisesAsItDoesAlone() throws Exception {
        Path p = record(LEFT, 1);
        List<Advice> twice = advise(p, p).stream().filter(a -> a.gain() != null).toList();
        List<Advice> once = advise(p).stream().filter(a -> a.gain() != null).toList();
        assertEquals(
                once.stream().map(a -> a.gain().done()).toList(),
                twice.stream().map(a -> a.gain().done()).toList());
    }

    @Test
    void halfOfTwiceAsManyPagesAsTheTlbHoldsAreFound() throws Exception {
        // 3,072 pages of 4 KiB are visited alike, 1,536 fit in: each is found by one half of its visits.
        long at = 1 << 30;
        try (Made made = new Made(dir, "tlb");
                TraceSource t =
                        made.regions(50, new long[] {at, at + (12 << 20)}, 20).open()) {
            Translations.Part all = new Translations.Part(0, at, at + (12 << 20));
            Translations.Part half = new Translations.Part(0, at, at + (6 << 20));
            Translations.Found f = Translations.of(t, TraceQuery.ALL, 5_000_000_000L, List.of(all));
            assertEquals(0.5, f.small(), 1e-3);
            assertEquals(1, f.huge(), 1e-9);
            // Three huge pages are always found and take three places of 1,536: 1,533 are left for 1,536 small ones.
            f = Translations.of(t, TraceQuery.ALL, 5_000_000_000L, List.of(half));
            assertEquals(1, f.alone()[0], 2e-3);
            assertTrue(f.alone()[0] < 1, f + "");
        }
    }

    @Test
    void pagesAndHugePagesAreThoseOfTheMachineThatRecorded() throws Exception {
        // 6,144 pages of 16 KiB, four times what fits in, or three huge pages of 32 MiB; half of one is none.
        long at = 1 << 30;
        long end = at + (96 << 20);
        try (Made made = new Made(dir, "tlb-16k");
                TraceSource t = made.regions(50, new long[] {at, end}, 20).open()) {
            ManifestKey.PAGE_SIZE.put(t.manifest(), 16384L);
            Translations.Part all = new Translations.Part(0, at, end);
            Translations.Part half = new Translations.Part(0, at, at + (16 << 20));
            Translations.Found f = Translations.of(t, TraceQuery.ALL, 5_000_000_000L, List.of(all, half));
            assertEquals(0.25, f.small(), 1e-3);
            assertEquals(1, f.alone()[0], 1e-9);
            assertEquals(f.small(), f.alone()[1], 1e-12);
        }
    }

    @Test
    void memoryThatFitsTheTlbGainsNothingByHugePages() throws Exception {
        try (Made made = new Made(dir, "fits");
                TraceSource t = made.turns(700, 20).open()) { // 4 MiB, always
            List<Advice> all = Advisor.advise(t, TraceQuery.ALL, OpenLoopOptions.DEFAULTS, OutcomeOptions.DEFAULTS);
            assertFalse(kinds(all).contains(Kind.HUGEPAGE), text(all));
        }
    }

    @Test
    void aRangeThatIsPagedOutAndComesBackIsRefaulted() throws Exception {
        // Touched for a second, idle for five, touched for a second, idle for five; paged out after two seconds.
        long at = 1 << 30;
        RangePageOut.Ask ask = new RangePageOut.Ask(0, at, at + (4 << 20), 2_000_000_000L);
        try (Made made = new Made(dir, "back");
                TraceSource t = made.turns(10, 20)
                        .turns(50, 0)
                        .turns(10, 20)
                        .turns(50, 0)
                        .open()) {
            RangePageOut.Result r = RangePageOut.of(
                            new Tune.Subject(t, TraceQuery.ALL, OpenLoopOptions.DEFAULTS),
                            OutcomeOptions.DEFAULTS,
                            List.of(ask))
                    .get(0);
            assertEquals(4 << 20, r.atEnd().likely());
            assertEquals(4 << 20, r.outcome().refaultedBytes().likely());
            // Out for two times three seconds of twelve, less the turn in which it goes.
            assertEquals(0.5 * (4 << 20), r.outcome().savedBytes().likely(), 0.02 * (4 << 20));
        }
    }
}
