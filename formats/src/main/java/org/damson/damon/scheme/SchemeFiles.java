package org.damson.damon.scheme;

import java.util.ArrayList;
import java.util.List;
import org.damson.model.InvalidInputException;

/** A scheme as the files of its directory in DAMON's sysfs. */
public final class SchemeFiles {
    /**
     * A file and its content.
     *
     * @param path below the directory of the scheme
     * @param isDefault whether a new scheme has this content already, so that it may be left out
     */
    public record Content(String path, String value, boolean isDefault) {}

    private final List<Content> files = new ArrayList<>();

    private SchemeFiles() {}

    /**
     * All files, in the order in which the kernel wants them: counts before what they count.
     *
     * @param sampleUs sampling interval, microseconds
     * @param aggrUs aggregation interval, microseconds
     * @throws InvalidInputException if an age in time meets no aggregation interval
     */
    public static List<Content> of(Scheme s, long sampleUs, long aggrUs) {
        SchemeFiles f = new SchemeFiles();
        f.set("action", s.action().word());
        f.bounds("access_pattern/sz/", s.size());
        f.bounds("access_pattern/nr_accesses/", s.access().inKernelUnits(sampleUs, aggrUs));
        f.bounds("access_pattern/age/", s.age().inKernelUnits(sampleUs, aggrUs));
        f.set("target_nid", s.targetNode(), -1);
        f.set("apply_interval_us", s.applyUs(), 0);
        f.quota(s.quota());
        f.watermarks(s.watermarks());
        f.count("filters/nr_filters", s.filters().size());
        for (int i = 0; i < s.filters().size(); i++) {
            f.filter("filters/" + i + "/", s.filters().get(i));
        }
        f.count("dests/nr_dests", s.destinations().size());
        for (int i = 0; i < s.destinations().size(); i++) {
            f.set("dests/" + i + "/id", s.destinations().get(i).node());
            f.set("dests/" + i + "/weight", s.destinations().get(i).weight());
        }
        f.count("stats/max_nr_snapshots", s.maxSnapshots());
        return List.copyOf(f.files);
    }

    private void quota(Quota q) {
        set("quotas/ms", q.timeMs(), 0);
        set("quotas/bytes", q.sizeBytes(), 0);
        // Without a limit nothing is counted, and no window is needed. The greatest is one window for ever.
        long resetMs = q.resetMs() != Range.MAX ? q.resetMs() : q.isNone() ? 0 : Range.KERNEL_MAX;
        set("quotas/reset_interval_ms", resetMs, 0);
        set("quotas/weights/sz_permil", q.weightSize(), 0);
        set("quotas/weights/nr_accesses_permil", q.weightAccess(), 0);
        set("quotas/weights/age_permil", q.weightAge(), 0);
        if (q.temporal()) {
            set("quotas/goal_tuner", "temporal");
        }
        count("quotas/fail_charge_num", q.failNum());
        count("quotas/fail_charge_denom", q.failDenom());
        count("quotas/goals/nr_goals", q.goals().size());
        for (int i = 0; i < q.goals().size(); i++) {
            Quota.Goal g = q.goals().get(i);
            String at = "quotas/goals/" + i + "/";
            set(at + "target_metric", g.metric().word());
            set(at + "target_value", g.target());
            set(at + "current_value", g.current());
            if (g.node() >= 0) {
                set(at + "nid", g.node());
            }
            if (!g.memcgPath().isEmpty()) {
                set(at + "path", g.memcgPath());
            }
        }
    }

    private void watermarks(Watermarks given) {
        Watermarks w = given.freeMemRate() ? given : Watermarks.NONE;
        add("watermarks/metric", w.freeMemRate() ? "free_mem_rate" : "none", !w.freeMemRate());
        set("watermarks/interval_us", w.intervalUs(), 0);
        set("watermarks/high", w.high(), 0);
        set("watermarks/mid", w.mid(), 0);
        set("watermarks/low", w.low(), 0);
    }

    private void filter(String at, Filter f) {
        set(at + "type", f.type().word());
        set(at + "matching", f.matching() ? "Y" : "N");
        add(at + "allow", f.allow() ? "Y" : "N", !f.allow());
        switch (f.type()) {
            case ADDR -> {
                set(at + "addr_start", f.from());
                set(at + "addr_end", f.to());
            }
            case TARGET -> set(at + "damon_target_idx", f.from());
            case MEMCG -> {
                if (!f.memcgPath().isEmpty()) {
                    set(at + "memcg_path", f.memcgPath());
                }
            }
            case HUGEPAGE_SIZE -> {
                set(at + "min", f.from());
                set(at + "max", f.to());
            }
            default -> {}
        }
    }

    private void bounds(String at, Range r) {
        set(at + "min", r.min());
        set(at + "max", r.max());
    }

    private void set(String path, long value) {
        set(path, number(value));
    }

    private void set(String path, String value) {
        add(path, value, false);
    }

    private void set(String path, long value, long inKernel) {
        add(path, number(value), value == inKernel);
    }

    /** A count that is 0 by default, in a file that older kernels lack. */
    private void count(String path, long value) {
        if (value > 0) {
            set(path, value);
        }
    }

    private void add(String path, String value, boolean isDefault) {
        files.add(new Content(path, value, isDefault));
    }

    /** "No bound" is the maximum value in the kernel. */
    private static String number(long value) {
        return value == Range.MAX ? "18446744073709551615" : Long.toString(value);
    }
}
