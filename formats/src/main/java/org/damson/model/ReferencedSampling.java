package org.damson.model;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The facts that a recording through referenced bits keeps of how its samples were taken and what they are estimated to have
 * cost the recorded programs: keys of {@link Manifest#recording}, and the one line that reports print of them.
 */
public final class ReferencedSampling {
    /** Time between clearing bits and reading them, microseconds: the window of a working set. */
    public static final String WINDOW_US = "sample_window_us";

    public static final String SPACING_MEAN_US = "sample_spacing_mean_us";
    public static final String SPACING_MOST_US = "sample_spacing_most_us";
    public static final String SAMPLES = "samples";
    public static final String STRETCHED = "samples_stretched_to_keep_cpu_share";
    public static final String HELD_BACK = "samples_held_back_to_keep_slowdown";
    /** Whether the TLB was flushed with each clear. */
    public static final String TLB_FLUSH = "tlb_flush";

    public static final String TLB_FLUSHES = "tlb_flushes";
    public static final String TLB_FLUSHES_FAILED = "tlb_flushes_failed";
    /** Whether memory in steady use reads as idle without a flush; absent where that was not decided. */
    public static final String TLB_BLIND = "tlb_blind";

    public static final String SELF_TEST_GOOD = "self_test_good";
    public static final String UNFLUSHED_SEEN_LEAST = "unflushed_seen_least";
    public static final String FLUSHED_SEEN_LEAST = "flushed_seen_least";
    /** What the first touch of a 4 KiB page after a clear costs its owner, nanoseconds. */
    public static final String PAGE_TOUCH_NS = "page_touch_ns";

    public static final String PAGE_TOUCH_FLUSHED_NS = "page_touch_flushed_ns";
    public static final String HUGE_PAGE_TOUCH_NS = "huge_page_touch_ns";
    /** Most that the recorded programs might be slowed down, a share of the time they take without being recorded. */
    public static final String MAX_SLOWDOWN = "max_slowdown";
    /** What they are estimated to have been slowed down. */
    public static final String SLOWDOWN = "slowdown_estimate";

    /** Whether this machine tells written pages from others; absent where that was not tried. */
    public static final String SOFT_DIRTY = "soft_dirty";
    /** Whether written pages were told from others. */
    public static final String WRITTEN = "written";
    /** Mappings in use, counted in each sample, of which it was told what was written, and of which it was not known. */
    public static final String WRITTEN_TOLD = "written_mappings_told";

    public static final String WRITTEN_NOT_KNOWN = "written_mappings_not_known";

    private static final Set<String> SUMMED =
            Set.of(SAMPLES, STRETCHED, HELD_BACK, TLB_FLUSHES, TLB_FLUSHES_FAILED, WRITTEN_TOLD, WRITTEN_NOT_KNOWN);
    private static final Set<String> LEAST = Set.of(UNFLUSHED_SEEN_LEAST, FLUSHED_SEEN_LEAST);
    private static final Set<String> SAME =
            Set.of(WINDOW_US, TLB_FLUSH, TLB_BLIND, SELF_TEST_GOOD, SOFT_DIRTY, WRITTEN);
    private static final Set<String> GREATEST = Set.of(
            SPACING_MEAN_US,
            SPACING_MOST_US,
            PAGE_TOUCH_NS,
            PAGE_TOUCH_FLUSHED_NS,
            HUGE_PAGE_TOUCH_NS,
            MAX_SLOWDOWN,
            SLOWDOWN);

    /** All keys: numbers and booleans, none of which tells of whom or what was recorded. */
    public static final Set<String> KEYS = keys();

    private ReferencedSampling() {}

    private static Set<String> keys() {
        Set<String> all = new LinkedHashSet<>(SUMMED);
        all.addAll(LEAST);
        all.addAll(SAME);
        all.addAll(GREATEST);
        return Set.copyOf(all);
    }

    /** Window of the samples, nanoseconds; 0 if the trace does not say. */
    public static long windowNs(Manifest m) {
        return m.recording.get(WINDOW_US) instanceof Number n ? n.longValue() * 1000 : 0;
    }

    /**
     * Puts into one set of facts what holds for several recordings together: sums of counts, the greatest of spacings, costs
     * and slowdowns, the least of what was seen; what differs and has no sum is left out.
     */
    public static void merge(List<Manifest> from, Manifest into) {
        for (String key : KEYS) {
            into.recording.remove(key);
            Object merged = null;
            int having = 0;
            boolean differs = false;
            for (Manifest m : from) {
                Object value = m.recording.get(key);
                if (value != null) {
                    differs |= merged != null && !merged.equals(value);
                    merged = merged == null ? value : merged(key, merged, value);
                    having++;
                }
            }
            boolean holds = !SAME.contains(key) || having == from.size() && !differs;
            if (merged != null && holds) {
                into.recording.put(key, merged);
            }
        }
    }

    private static Object merged(String key, Object a, Object b) {
        if (!(a instanceof Number x && b instanceof Number y)) {
            return a;
        }
        if (SUMMED.contains(key)) {
            return x.longValue() + y.longValue();
        }
        boolean aIsLess = x.doubleValue() < y.doubleValue();
        return LEAST.contains(key) == aIsLess ? a : b;
    }

    /** How the samples of a trace were taken, in one line; empty if it does not say. */
    public static String line(Manifest m) {
        Map<String, Object> r = m.recording;
        StringBuilder line = new StringBuilder();
        if (r.get(WINDOW_US) instanceof Number window) {
            line.append("samples of ").append(micros(window));
        } else if (r.containsKey(SPACING_MOST_US)) {
            line.append("samples of different windows");
        } else {
            return "";
        }
        if (r.get(SPACING_MEAN_US) instanceof Number mean && r.get(SPACING_MOST_US) instanceof Number most) {
            line.append(" every ")
                    .append(micros(mean))
                    .append(" (")
                    .append(micros(most))
                    .append(" at most)");
        }
        line.append(flush(r));
        if (r.get(SLOWDOWN) instanceof Number slowdown) {
            line.append(", targets slowed down by about ").append(percent(slowdown.doubleValue()));
        } else {
            line.append(", slowdown of the targets not known");
        }
        line.append(r.get(MAX_SLOWDOWN) instanceof Number most ? " (" + percent(most.doubleValue()) + " allowed)" : "");
        return line.append(written(r)).toString();
    }

    private static String written(Map<String, Object> r) {
        if (!Boolean.TRUE.equals(r.get(WRITTEN))) {
            return "";
        }
        return r.get(WRITTEN_TOLD) instanceof Number told
                        && r.get(WRITTEN_NOT_KNOWN) instanceof Number not
                        && not.longValue() > 0
                ? ", written pages told of " + told.longValue() + " of " + (told.longValue() + not.longValue())
                        + " mappings in use"
                : ", written pages told";
    }

    private static String flush(Map<String, Object> r) {
        Object flushed = r.get(TLB_FLUSH);
        String blind = r.get(TLB_BLIND) instanceof Boolean b
                ? b ? " (blind without)" : " (not blind without)"
                : " (blindness without not decided)";
        String failed = r.get(TLB_FLUSHES_FAILED) instanceof Number n && n.longValue() > 0
                ? ", " + n.longValue() + " flushes refused"
                : "";
        if (Boolean.TRUE.equals(flushed)) {
            return ", TLB flushed" + blind + failed;
        }
        if (Boolean.FALSE.equals(flushed)) {
            boolean isBlind = Boolean.TRUE.equals(r.get(TLB_BLIND));
            return ", TLB not flushed" + (isBlind ? " and this machine BLIND without: memory in use reads low" : blind)
                    + failed;
        }
        return ", TLB flushed in some of them";
    }

    private static String micros(Number us) {
        return Units.duration(us.longValue() * 1000);
    }

    /** Two digits that count. */
    public static String percent(double share) {
        double percent = share * 100;
        int digits = percent == 0 ? 0 : (int) Math.max(0, 1 - Math.floor(Math.log10(percent)));
        return String.format(Locale.ROOT, "%." + Math.min(digits, 6) + "f %%", percent);
    }
}
