package org.damson.analyzer.render.whatif;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.closedloop.Kdamond;
import org.damson.analyzer.damos.SchemeStats;
import org.damson.analyzer.memory.Outcome;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeText;
import org.damson.model.Units;

/** Open-loop results as text, CSV and as a map for JSON. Statistics have the kernel's names; bytes are integers. */
public final class OpenLoopReports {
    private OpenLoopReports() {}

    public static String text(OpenLoopResult r) {
        StringBuilder b = new StringBuilder();
        b.append("DAMOS of Linux ").append(r.version()).append(" over ").append(Units.duration(r.toNs() - r.fromNs()));
        b.append(", ").append(Units.count(r.turns(), "turn")).append(", ");
        b.append(Units.count(r.regionUpdates(), "region")).append('\n');
        b.append("rules of Linux ")
                .append(r.version())
                .append(": ")
                .append(r.version().rules())
                .append('\n');
        b.append("this ").append(OpenLoopResult.SCOPE).append('\n');
        for (int i = 0; i < r.schemes().size(); i++) {
            OpenLoopResult.PerScheme s = r.schemes().get(i);
            b.append("\nscheme ")
                    .append(i)
                    .append(": ")
                    .append(SchemeText.shortForm(s.scheme()))
                    .append('\n');
            for (Map.Entry<String, Long> e : stats(s.stats()).entrySet()) {
                b.append(String.format("  %-20s %s", e.getKey(), Units.count(e.getValue())));
                if (e.getKey().startsWith("sz_")) {
                    b.append(" (").append(Units.bytes(e.getValue())).append(')');
                }
                b.append('\n');
            }
            if (r.isExact(s)) {
                b.append("  what was tried is exact\n");
            } else if (s.isExact()) {
                b.append("  what was tried has no other bounds, but they are not proven: see the notes\n");
            } else {
                b.append("  sz_tried is between ")
                        .append(Units.count(s.szTriedMin()))
                        .append(" and ");
                b.append(Units.count(s.szTriedMax())).append("; undecided: ");
                b.append(Units.bytes(s.undecidedBytes())).append('\n');
                b.append("  nr_tried is between ")
                        .append(Units.count(s.nrTriedMin()))
                        .append(" and ")
                        .append(Units.count(s.nrTriedMax()))
                        .append('\n');
            }
            if (!s.scheme().action().keepsAge()) {
                b.append("  sz_applied is between ")
                        .append(Units.count(s.szAppliedMin()))
                        .append(" and ")
                        .append(Units.count(s.szAppliedMax()))
                        .append('\n');
            }
        }
        notes(r.notes(), b);
        if (r.outcome() != null) {
            OutcomeReports.text(r.outcome(), r.schemes(), b);
        }
        return b.toString();
    }

    private static void notes(List<String> notes, StringBuilder b) {
        if (!notes.isEmpty()) {
            b.append("\nnotes\n");
            notes.forEach(n -> b.append("  ").append(n).append('\n'));
        }
    }

    private static Map<String, Long> stats(SchemeStats s) {
        Map<String, Long> m = new LinkedHashMap<>();
        m.put("nr_tried", s.nrTried);
        m.put("sz_tried", s.szTried);
        m.put("nr_applied", s.nrApplied);
        m.put("sz_applied", s.szApplied);
        m.put("sz_ops_filter_passed", s.szOpsFilterPassed);
        m.put("qt_exceeds", s.qtExceeds);
        m.put("nr_snapshots", s.nrSnapshots);
        return m;
    }

    /** One line per scheme. */
    public static void csv(OpenLoopResult r, Appendable out) throws IOException {
        out.append("scheme,action,nr_tried,sz_tried,nr_applied,sz_applied,sz_ops_filter_passed,qt_exceeds,nr_snapshots,"
                + "nr_tried_min,nr_tried_max,sz_tried_min,sz_tried_max,sz_applied_min,sz_applied_max\n");
        for (int i = 0; i < r.schemes().size(); i++) {
            OpenLoopResult.PerScheme s = r.schemes().get(i);
            out.append(Integer.toString(i))
                    .append(',')
                    .append(s.scheme().action().word());
            for (long v : stats(s.stats()).values()) {
                out.append(',').append(Long.toString(v));
            }
            for (long v : new long[] {
                s.nrTriedMin(), s.nrTriedMax(), s.szTriedMin(), s.szTriedMax(), s.szAppliedMin(), s.szAppliedMax()
            }) {
                out.append(',').append(Long.toString(v));
            }
            out.append('\n');
        }
    }

    /** Maps, lists, numbers and texts. */
    public static Map<String, Object> json(OpenLoopResult r) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("scope", OpenLoopResult.SCOPE);
        m.put("kernel", r.version().toString());
        m.put("kernel_rules", r.version().rules());
        m.put("from_ns", r.fromNs());
        m.put("to_ns", r.toNs());
        m.put("turns", r.turns());
        m.put("regions", r.regionUpdates());
        m.put("lost_regions", r.lostRegions());
        List<Object> schemes = new ArrayList<>();
        for (OpenLoopResult.PerScheme s : r.schemes()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("scheme", SchemeText.shortForm(s.scheme()));
            one.put("action", s.scheme().action().word());
            one.putAll(stats(s.stats()));
            one.put("nr_tried_min", s.nrTriedMin());
            one.put("nr_tried_max", s.nrTriedMax());
            one.put("sz_tried_min", s.szTriedMin());
            one.put("sz_tried_max", s.szTriedMax());
            one.put("sz_applied_min", s.szAppliedMin());
            one.put("sz_applied_max", s.szAppliedMax());
            one.put("exact", r.isExact(s));
            schemes.add(one);
        }
        m.put("schemes", schemes);
        m.put("notes", r.notes());
        if (r.outcome() != null) {
            m.put("outcome", OutcomeReports.json(r.outcome()));
        }
        return m;
    }

    /** The counters of a closed loop's schemes. */
    public static List<Object> closed(Kdamond k, List<Scheme> schemes) {
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < schemes.size(); i++) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("scheme", SchemeText.shortForm(schemes.get(i)));
            one.putAll(stats(k.stats(i)));
            all.add(one);
        }
        return all;
    }

    /** Effects on memory and time, as a map for JSON. */
    public static Map<String, Object> outcome(Outcome o) {
        return OutcomeReports.json(o);
    }

    /**
     * A closed loop as text.
     *
     * @param notes what of the schemes is not simulated, one line each
     */
    public static String closedText(Kdamond k, List<Scheme> schemes, List<String> notes) {
        StringBuilder b = new StringBuilder();
        b.append("DAMON over ").append(Units.duration(k.nowNs())).append(", ");
        b.append(Units.count(k.ticks())).append(" sampling intervals\n");
        List<OpenLoopResult.PerScheme> per = new ArrayList<>();
        for (int i = 0; i < schemes.size(); i++) {
            SchemeStats s = k.stats(i);
            b.append("\nscheme ")
                    .append(i)
                    .append(": ")
                    .append(SchemeText.shortForm(schemes.get(i)))
                    .append('\n');
            stats(s).forEach((name, v) -> b.append(String.format("  %-20s %s%n", name, Units.count(v))));
            per.add(new OpenLoopResult.PerScheme(
                    schemes.get(i), s, s.szTried, s.szTried, s.nrTried, s.nrTried, s.szApplied, s.szApplied, false));
        }
        notes(notes, b);
        if (!schemes.isEmpty()) {
            OutcomeReports.text(k.outcome(), per, b);
        }
        return b.toString();
    }
}
