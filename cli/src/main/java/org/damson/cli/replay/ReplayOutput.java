package org.damson.cli.replay;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.model.Units;
import org.damson.replayer.Feasibility;
import org.damson.replayer.ReplayPlan;
import org.damson.replayer.ReplayPlanner;
import org.damson.replayer.ReplayReport;

/** How a replay went, for people and as JSON. */
final class ReplayOutput {
    private ReplayOutput() {}

    /** @param plan null where a plan was played as it was given */
    static void print(ReplayReport r, ReplayPlan plan, PrintStream out) {
        if (plan != null) {
            line(
                    out,
                    "Memory:",
                    Units.bytes(plan.sizeBytes()) + " in "
                            + Units.count(plan.areas(), "area") + " of "
                            + Units.count(plan.processes().size(), "target"));
        }
        line(out, "Touched:", touches(r.touchedPages(), r.intendedPages()) + " pages intended");
        for (int i = 0; i < r.classes().size(); i++) {
            ReplayReport.Touches t = r.classes().get(i);
            if (t.intendedPages() > 0) {
                line(
                        out,
                        "",
                        touches(t.touchedPages(), t.intendedPages()) + " in regions seen in "
                                + ReplayPlanner.CLASSES.get(i));
            }
        }
        if (r.againPages() > 0) {
            line(out, "Again:", Units.count(r.againPages()) + " pages of memory that stayed busy, within their slices");
        }
        line(
                out,
                "Slices:",
                Units.count(r.slices()) + ", " + Units.count(r.lateSlices()) + " begun late ("
                        + Units.count(r.lateWakeups()) + " of them woken late), " + Units.count(r.shedSlices())
                        + " left out");
        line(out, "Lateness:", "mean " + Units.duration(r.meanLateNs()) + ", most " + Units.duration(r.maxLateNs()));
        if (r.tlbFlushes() > 0) {
            line(
                    out,
                    "Flushes:",
                    Units.count(r.tlbFlushes()) + " of the TLB, which took " + Units.duration(r.tlbFlushNs()));
        }
        line(out, "Took:", Units.duration(r.wallNs()));
    }

    /** What the machine would do of a plan. */
    static void print(Feasibility f, boolean flushes, PrintStream out) {
        line(
                out,
                "Memory:",
                Units.bytes(f.neededBytes()) + " needed at a time, " + Units.bytes(f.availableBytes()) + " available");
        if (!f.hasMemory()) {
            out.println("verdict: not feasible, not enough memory");
            return;
        }
        line(
                out,
                "Cost:",
                String.format(
                        Locale.ROOT,
                        "%.1f ns a page, %.1f ns after a flush of the TLB, which takes %s; %.0f ns its first touch",
                        f.pageNs(),
                        f.flushedPageNs(),
                        Units.duration((long) f.flushNs()),
                        f.fillNs()));
        line(out, "Lateness:", "mean " + Units.duration((long) f.lateNs()) + " of a wake-up");
        line(
                out,
                "Slices:",
                Units.count(f.slices()) + ", " + Units.count(f.lateSlices()) + " of them would not end in time"
                        + (flushes ? ", with a flush in each" : ""));
        line(out, "Touches:", touches(f.pagesInTime(), f.intendedPages()) + " pages intended would be made");
        out.printf(
                Locale.ROOT,
                "verdict: %s, from costs measured now, with the current load of this machine%n",
                f.achievable() >= ReplayVerdict.ENOUGH ? "feasible" : "not feasible");
    }

    static Map<String, Object> json(Feasibility f, boolean flushes) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("needed_bytes", f.neededBytes());
        json.put("available_bytes", f.availableBytes());
        json.put("processes", f.processes());
        json.put("cpus", f.cpus());
        json.put("page_ns", f.pageNs());
        json.put("flushed_page_ns", f.flushedPageNs());
        json.put("flush_ns", f.flushNs());
        json.put("fill_ns", f.fillNs());
        json.put("late_ns", f.lateNs());
        json.put("flushes", flushes);
        json.put("slices", f.slices());
        json.put("late_slices", f.lateSlices());
        json.put("intended_pages", f.intendedPages());
        json.put("pages_in_time", f.pagesInTime());
        json.put("feasible", f.hasMemory() && f.achievable() >= ReplayVerdict.ENOUGH);
        return json;
    }

    private static void line(PrintStream out, String label, String text) {
        out.printf("%-10s%s%n", label, text);
    }

    private static String touches(long touched, long intended) {
        double percent = intended == 0 ? 100 : 100.0 * touched / intended;
        return String.format(Locale.ROOT, "%s of %s (%.2f %%)", Units.count(touched), Units.count(intended), percent);
    }

    static Map<String, Object> json(ReplayReport r, ReplayPlan plan) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (plan != null) {
            json.put("memory_bytes", plan.sizeBytes());
            json.put("areas", plan.areas());
            json.put("targets", plan.processes().size());
        }
        json.put("intended_pages", r.intendedPages());
        json.put("touched_pages", r.touchedPages());
        json.put("again_pages", r.againPages());
        json.put("tlb_flushes", r.tlbFlushes());
        json.put("tlb_flush_ns", r.tlbFlushNs());
        List<Map<String, Object>> classes = new ArrayList<>();
        for (int i = 0; i < r.classes().size(); i++) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("seen_in", ReplayPlanner.CLASSES.get(i));
            entry.put("intended_pages", r.classes().get(i).intendedPages());
            entry.put("touched_pages", r.classes().get(i).touchedPages());
            classes.add(entry);
        }
        json.put("classes", classes);
        json.put("slices", r.slices());
        json.put("late_slices", r.lateSlices());
        json.put("late_wakeups", r.lateWakeups());
        json.put("shed_slices", r.shedSlices());
        json.put("max_late_ns", r.maxLateNs());
        json.put("mean_late_ns", r.meanLateNs());
        json.put("wall_ns", r.wallNs());
        return json;
    }
}
