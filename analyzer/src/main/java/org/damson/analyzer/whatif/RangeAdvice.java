package org.damson.analyzer.whatif;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.analyzer.whatif.Advice.Kind;
import org.damson.analyzer.whatif.HeatMapOfCells.Group;
import org.damson.analyzer.whatif.HeatMapOfCells.Use;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/** Advice on ranges: huge pages for what is hot, paging out of what is done with. Only of what a mapping backs. */
final class RangeAdvice {
    private static final long HUGE = 2L << 20;
    /** A range has to be this large before it is named. */
    private static final long NAMED = 2 * HUGE;

    /** What translations of small pages reach on common processors, 1,536 of 4 KiB and some. */
    private static final long TLB_REACH = 8L << 20;

    private static final int MOST_RANGES = 4;

    private final TraceSource trace;
    private final TraceQuery query;
    private final Evidence evidence;
    private final Backing backing;
    private final List<Advice> advice = new ArrayList<>();

    private RangeAdvice(TraceSource trace, TraceQuery query, Evidence evidence) throws IOException {
        this.trace = trace;
        this.query = query;
        this.evidence = evidence;
        backing = Backing.of(trace, query);
    }

    /** One piece of a group, in one mapping. */
    private record Piece(Group group, Backing.Part part) {
        double knownBytes() {
            return group.known() * part.bytes();
        }

        double accesses() {
            return group.accesses() * part.bytes() / group.bytes();
        }
    }

    static List<Advice> of(TraceSource trace, TraceQuery query, List<Group> groups, double touched, Evidence evidence)
            throws IOException {
        RangeAdvice a = new RangeAdvice(trace, query, evidence);
        a.hugePages(groups);
        a.pageOut(groups, touched);
        return a.advice;
    }

    private List<Piece> pieces(List<Group> groups, Use use) {
        List<Piece> all = new ArrayList<>();
        for (Group g : groups) {
            if (g.use() == use && g.bytes() >= NAMED) {
                for (Backing.Part p : backing.parts(g.target(), g.start(), g.end())) {
                    if (p.bytes() >= NAMED) {
                        all.add(new Piece(g, p));
                    }
                }
            }
        }
        all.sort(Comparator.comparingDouble(Piece::knownBytes).reversed());
        return all;
    }

    /** Anonymous memory only: of a file's pages madvise makes no huge ones on common file systems. */
    private void hugePages(List<Group> groups) throws IOException {
        List<Piece> hot = pieces(groups, Use.HOT).stream()
                .filter(p -> p.part().name().isEmpty() || p.part().isAnonymous())
                .limit(MOST_RANGES)
                .toList();
        double accesses = hot.stream().mapToDouble(Piece::accesses).sum();
        double bytes = hot.stream().mapToDouble(p -> p.part().bytes()).sum();
        if (bytes < TLB_REACH || accesses < Advisor.WORTH) {
            return;
        }
        List<CodePlaces.Code> places = places(hot);
        for (int i = 0; i < hot.size(); i++) {
            Piece p = hot.get(i);
            double bloat = p.part().bytes() - p.knownBytes();
            Map<String, Object> numbers = numbers(p);
            numbers.put("bloat_bytes", (long) bloat);
            numbers.put("access_share", p.accesses());
            say(
                    Kind.HUGEPAGE,
                    numbers,
                    evidence.gain(
                            "share_of_accesses_in_huge_pages",
                            p.accesses(),
                            0,
                            p.accesses(),
                            0,
                            "at most " + Units.bytes((long) bloat)
                                    + " become resident that were not seen touched; what the"
                                    + " program gains in time is not simulated"),
                    String.format(
                            Locale.ROOT,
                            "MADV_HUGEPAGE for %s: touched in %.0f %% of all samples, with %.0f %% of all accesses.",
                            where(p),
                            p.group().rate() * 100,
                            p.accesses() * 100),
                    places.get(i));
        }
    }

    private void pageOut(List<Group> groups, double touched) throws IOException {
        List<Piece> done = pieces(groups, Use.DONE).stream().limit(MOST_RANGES).toList();
        double bytes = done.stream().mapToDouble(Piece::knownBytes).sum();
        double others = groups.stream()
                .filter(g -> g.use() == Use.HOT)
                .mapToDouble(g -> g.known() * g.bytes())
                .sum();
        long resident = evidence.residentAtEnd();
        // What is no longer resident cannot go out.
        double share = resident < 0 || bytes <= 0 ? 1 : Math.min(1, Math.max(0, resident - others) / bytes);
        if (touched <= 0 || bytes * share < Advisor.WORTH * touched) {
            return;
        }
        List<CodePlaces.Code> places = places(done);
        for (int i = 0; i < done.size(); i++) {
            Piece p = done.get(i);
            double gained = p.knownBytes() * share;
            if (gained < NAMED) {
                continue;
            }
            Map<String, Object> numbers = numbers(p);
            numbers.put("out_bytes", (long) gained);
            say(
                    Kind.PAGEOUT,
                    numbers,
                    evidence.gain(
                            "out_bytes_at_the_end",
                            (long) gained,
                            0,
                            gained,
                            0,
                            "none of it was touched again in this recording; paging out takes the kernel time once"),
                    String.format(
                            Locale.ROOT,
                            "MADV_PAGEOUT for %s: %s of it were touched, in %.1f %% of all samples, and it is idle for the"
                                    + " last %.1f s%s.",
                            where(p),
                            Units.bytes((long) gained),
                            p.group().rate() * 100,
                            p.group().idleNs() / 1e9,
                            resident < 0 ? "; how much of it is resident is not recorded" : ""),
                    places.get(i));
        }
    }

    private static String where(Piece p) {
        return String.format(
                Locale.ROOT,
                "%s at %s..%s (%s)",
                Units.bytes(p.part().bytes()),
                Units.address(p.part().start()),
                Units.address(p.part().end()),
                p.part().name().isEmpty()
                        ? "its mapping is not recorded"
                        : p.part().name());
    }

    private static Map<String, Object> numbers(Piece p) {
        return Advisor.numbers(
                "target",
                p.group().target(),
                "start",
                Units.address(p.part().start()),
                "end",
                Units.address(p.part().end()),
                "bytes",
                p.part().bytes(),
                "touched_bytes",
                (long) p.knownBytes(),
                "rate",
                p.group().rate(),
                "seen",
                p.group().seen(),
                "idle_ns",
                p.group().idleNs(),
                "mapping",
                p.part().name());
    }

    private List<CodePlaces.Code> places(List<Piece> pieces) throws IOException {
        List<Group> ranges = pieces.stream()
                .map(p -> p.group().within(p.part().start(), p.part().end()))
                .toList();
        return ranges.isEmpty() ? List.of() : CodePlaces.of(trace, query, ranges);
    }

    private void say(Kind kind, Map<String, Object> numbers, Advice.Gain gain, String text, CodePlaces.Code code) {
        String more = "";
        if (code != null) {
            numbers.putAll(Advisor.numbers(
                    "samples",
                    code.samples(),
                    "first_place",
                    code.first(),
                    "most_place",
                    code.most(),
                    "most_place_samples",
                    code.mostSamples()));
            more = String.format(
                    Locale.ROOT,
                    " Of %,d samples there the first is at %s, and %,d are at %s.",
                    code.samples(),
                    code.first(),
                    code.mostSamples(),
                    code.most());
        }
        advice.add(new Advice(kind, text + more, numbers, gain));
    }
}
