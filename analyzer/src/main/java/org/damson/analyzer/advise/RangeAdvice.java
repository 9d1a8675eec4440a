package org.damson.analyzer.advise;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.analyzer.advise.Advice.Kind;
import org.damson.analyzer.advise.HeatMapOfCells.Group;
import org.damson.analyzer.advise.HeatMapOfCells.Use;
import org.damson.analyzer.memory.Outcome;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.render.whatif.CurvesReports;
import org.damson.analyzer.scan.TargetPids;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/**
 * Advice on ranges: huge pages for what is hot, paging out of what is done with. Only of what a mapping backs, and only what
 * gains by simulation over the recording.
 */
final class RangeAdvice {
    private static final long HUGE = 2L << 20;
    /** A range has to be this large before it is named. */
    private static final long NAMED = 2 * HUGE;

    private static final int MAX_RANGES = 4;

    /** Huge pages in one range have to find at least so great a share of the page visits more. */
    private static final double MIN_FOUND = Advisor.WORTH / MAX_RANGES;

    private final AdvisedRun run;
    private final TraceSource trace;
    private final TraceQuery query;
    private final Backing backing;
    private final List<Long> targets;
    private final List<Finding> findings = new ArrayList<>();

    private RangeAdvice(AdvisedRun run) throws IOException {
        this.run = run;
        trace = run.subject.trace();
        query = run.subject.query();
        targets = run.groups.stream().map(Group::target).distinct().toList();
        backing = Backing.of(trace, query, targets.size());
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

    /** What gains; nothing of physical addresses, for which madvise has no words. */
    static List<Finding> of(AdvisedRun run, OutcomeOptions outcome) throws IOException {
        boolean isPhysical = run.subject.options().physical()
                || TargetPids.of(run.subject.trace().manifest()).isPhysical();
        if (isPhysical) {
            return List.of();
        }
        RangeAdvice a = new RangeAdvice(run);
        for (long target : a.targets) {
            a.hugePages(target);
        }
        a.pageOut(outcome);
        return a.findings;
    }

    private List<Piece> pieces(Use use) {
        List<Piece> all = new ArrayList<>();
        for (Group g : run.groups) {
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
    private void hugePages(long target) throws IOException {
        List<Piece> hot = pieces(Use.HOT).stream()
                .filter(p -> p.group().target() == target)
                .filter(p -> p.part().name().isEmpty() || p.part().isAnonymous())
                .limit(MAX_RANGES)
                .toList();
        if (hot.isEmpty()) {
            return;
        }
        Translations.Found found = Translations.of(
                trace,
                query,
                run.cells.durationNs(),
                hot.stream()
                        .map(p -> new Translations.Part(
                                target, p.part().start(), p.part().end()))
                        .toList());
        if (found.huge() - found.small() < Advisor.WORTH) {
            return;
        }
        List<CodePlaces.Code> places = places(hot);
        for (int i = 0; i < hot.size(); i++) {
            if (found.alone()[i] - found.small() >= MIN_FOUND) {
                hugePages(hot.get(i), found.small(), found.alone()[i], places.get(i));
            }
        }
    }

    private void hugePages(Piece p, double small, double huge, CodePlaces.Code code) {
        double bloat = p.part().bytes() - p.knownBytes();
        Map<String, Object> numbers = numbers(p);
        numbers.put("bloat_bytes", Math.round(bloat));
        numbers.put("access_share", p.accesses());
        numbers.put("tlb_entries", Translations.ENTRIES);
        say(
                Kind.HUGEPAGE,
                "huge pages for ",
                p,
                numbers,
                run.evidence.gain(
                        "share_of_page_visits_found_in_the_tlb",
                        huge,
                        small,
                        huge,
                        0,
                        "at most " + Units.bytes(Math.round(bloat))
                                + " become resident without having been seen touched",
                        "assumes visits in random order and a TLB of " + Translations.ENTRIES
                                + " entries: the order of a program's accesses is not recorded"),
                String.format(
                        Locale.ROOT,
                        "MADV_HUGEPAGE for %s: touched in %.0f %% of all samples, with %.0f %% of all accesses.",
                        where(p),
                        p.group().rate() * 100,
                        p.accesses() * 100),
                code);
    }

    private void pageOut(OutcomeOptions outcome) throws IOException {
        List<Piece> done = pieces(Use.DONE).stream().limit(MAX_RANGES).toList();
        double bytes = done.stream().mapToDouble(Piece::knownBytes).sum();
        if (run.touched <= 0 || bytes < Advisor.WORTH * run.touched) {
            return;
        }
        double others = run.groups.stream()
                .filter(g -> g.use() == Use.HOT)
                .mapToDouble(g -> g.known() * g.bytes())
                .sum();
        long resident = run.evidence.residentAtEnd();
        // What is no longer resident cannot go out.
        double share = resident < 0
                ? 1
                : Math.min(1, Math.max(0, resident - Math.max(others, run.evidence.lockedAtEnd())) / bytes);
        // Half of what it has been idle for at the end: whether it came back after such a rest before is part of the
        // answer.
        long idleNs = run.doneNs / 2;
        List<RangePageOut.Result> results = RangePageOut.of(
                run.subject,
                outcome,
                done.stream()
                        .map(p -> new RangePageOut.Ask(
                                p.group().target(), p.part().start(), p.part().end(), idleNs))
                        .toList());
        List<Integer> gaining = new ArrayList<>();
        double all = 0;
        for (int i = 0; i < done.size(); i++) {
            double gained = gained(done.get(i), results.get(i), share);
            double back = results.get(i).outcome().promotionPercentPerMinute().likely();
            if (gained >= NAMED && back <= CurvesReports.PROMOTION_LIMIT) {
                gaining.add(i);
                all += gained;
            }
        }
        if (all < Advisor.WORTH * run.touched) {
            return;
        }
        List<CodePlaces.Code> places = places(done);
        for (int i : gaining) {
            pageOut(done.get(i), results.get(i), share, idleNs, places.get(i));
        }
    }

    private static double gained(Piece p, RangePageOut.Result r, double share) {
        return Math.min(r.atEnd().likely(), p.knownBytes() * share);
    }

    private void pageOut(Piece p, RangePageOut.Result r, double share, long idleNs, CodePlaces.Code code) {
        double gained = gained(p, r, share);
        Outcome o = r.outcome();
        Map<String, Object> numbers = numbers(p);
        numbers.put("out_bytes", Math.round(gained));
        numbers.put("out_bytes_mean", Math.round(Math.min(o.savedBytes().likely(), p.knownBytes() * share)));
        numbers.put("after_idle_ns", idleNs);
        numbers.put("refaulted_bytes", Math.round(o.refaultedBytes().likely()));
        numbers.put("refaulted_bytes_max", Math.round(o.refaultedBytes().most()));
        numbers.put("written_back_bytes", Math.round(o.writtenBackBytes().likely()));
        say(
                Kind.PAGEOUT,
                "paging out ",
                p,
                numbers,
                run.evidence.gain(
                        "out_bytes_at_the_end",
                        Math.round(gained),
                        0,
                        Math.min(gained, r.atEnd().least()),
                        0,
                        String.format(
                                Locale.ROOT,
                                "%s of it are refaulted in the recording, at most %s; %s have to be written; the kernel works %s",
                                Units.bytes(Math.round(o.refaultedBytes().likely())),
                                Units.bytes(Math.round(o.refaultedBytes().most())),
                                Units.bytes(Math.round(o.writtenBackBytes().likely())),
                                Units.duration(Math.round(o.reclaimNs()))),
                        run.evidence.lackingSwap(
                                Math.min(gained, o.writtenBackBytes().likely()))),
                String.format(
                        Locale.ROOT,
                        "MADV_PAGEOUT for %s once it is idle for %s: %s of it were touched, in %.1f %% of all samples, and it"
                                + " is idle for the last %.1f s%s.",
                        where(p),
                        Units.duration(idleNs),
                        Units.bytes(Math.round(gained)),
                        p.group().rate() * 100,
                        p.group().idleNs() / 1e9,
                        run.evidence.residentAtEnd() < 0 ? "; how much of it is resident is not recorded" : ""),
                code);
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
                Math.round(p.knownBytes()),
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

    private void say(
            Kind kind,
            String what,
            Piece p,
            Map<String, Object> numbers,
            Advice.Gain gain,
            String text,
            CodePlaces.Code code) {
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
        String name = p.part().name();
        findings.add(new Finding(
                what + Units.bytes(p.part().bytes()) + " of " + (name.isEmpty() ? "a mapping not recorded" : name),
                new Finding.Place(
                        targets.indexOf(p.group().target()), name, p.part().bytes()),
                new Advice(kind, text + more, numbers, gain)));
    }
}
