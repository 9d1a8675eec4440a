package org.damson.recorder.referenced;

import java.util.Map;
import java.util.function.Consumer;
import org.damson.model.ManifestKey;
import org.damson.model.ReferencedSampling;
import org.damson.model.Units;

/** Keeps count of how samples were taken and what they are estimated to have cost, and says so. */
final class PaceReport {
    private static final long PAGE_BYTES = 4096;
    private static final double MINUTE_NS = 60e9;

    private final ReferencedConfig config;
    private final OverheadBudget overhead;
    private final ClearRefs clearRefs;
    private final SamplePacer pacer;
    private final Consumer<String> notices;

    private long firstBegunNs;
    private long lastBegunNs = -1;
    private long begun;
    private long samples;
    private long heldBack;
    private long stretched;
    private long mostSpacingNs;
    private boolean hasWarned;
    private boolean isHeldBack;
    private volatile String line = "";

    PaceReport(ReferencedConfig config, ClearRefs clearRefs, SamplePacer pacer, Consumer<String> notices) {
        this.config = config;
        this.overhead = config.overhead();
        this.clearRefs = clearRefs;
        this.pacer = pacer;
        this.notices = notices;
    }

    /** Upper bound on the cost of a process's referenced pages: small ones count before huge ones. */
    double touchedNs(Smaps smaps) {
        double ns = 0;
        for (int i = 0; i < smaps.count; i++) {
            ns += costNs(smaps.referenced[i], smaps.resident[i], smaps.huge[i]);
        }
        return ns;
    }

    double residentNs(Smaps smaps) {
        double ns = 0;
        for (int i = 0; i < smaps.count; i++) {
            ns += costNs(smaps.resident[i], smaps.resident[i], smaps.huge[i]);
        }
        return ns;
    }

    private double costNs(long bytes, long resident, long huge) {
        boolean flushing = clearRefs.isFlushing();
        long small = Math.min(bytes, Math.max(0, resident - huge));
        SelfTest test = overhead.selfTest();
        return ((double) small / PAGE_BYTES) * test.pageCostNs(flushing)
                + ((double) (bytes - small) / PAGE_BYTES) * test.hugePageCostNs(flushing);
    }

    /** A sample begins. */
    void begun(long nowNs) {
        if (lastBegunNs < 0) {
            firstBegunNs = nowNs;
        } else {
            mostSpacingNs = Math.max(mostSpacingNs, nowNs - lastBegunNs);
        }
        lastBegunNs = nowNs;
        begun++;
        heldBack += isHeldBack ? 1 : 0;
        isHeldBack = false;
    }

    /**
     * A sample was read.
     *
     * @param isStretched whether the share of a CPU asks for more time than the sample took
     */
    void sampled(boolean isStretched) {
        samples++;
        stretched += isStretched ? 1 : 0;
    }

    /** Memory was looked at: says so at once if the budget allows less than one sample in a minute. */
    void seen(double touchedNs, long nowNs) {
        double spacingNs = pacer.spacingNs(touchedNs);
        isHeldBack |= pacer.allowedAtNs(touchedNs, nowNs) > nowNs;
        if (spacingNs > MINUTE_NS && !hasWarned) {
            hasWarned = true;
            notices.accept("a slowdown of at most " + ReferencedSampling.percent(overhead.maxSlowdown())
                    + " allows one sample in "
                    + seconds(spacingNs) + ", as much memory as these processes touch; kernel DAMON (--source damon), a"
                    + " larger --max-slowdown or fewer processes give more");
        }
        line = say(spacingNs, pacer.slowdown(touchedNs, nowNs));
    }

    private String say(double leastSpacingNs, double slowdown) {
        double everyNs = Math.max(config.sampleUs() * 1000.0, leastSpacingNs);
        return "samples of " + seconds(config.sampleUs() * 1000.0) + " every " + seconds(everyNs) + ", TLB "
                + (clearRefs.isFlushing() ? "flushed" : "not flushed")
                + (overhead.selfTest().isGood()
                        ? ", slows its targets by about " + ReferencedSampling.percent(slowdown)
                        : "");
    }

    /** For the status line; empty before the first look. */
    String line() {
        return line;
    }

    void describe(Map<String, Object> recording) {
        ManifestKey.WINDOW.put(recording, config.sampleUs());
        ManifestKey.TLB_FLUSH.put(recording, clearRefs.isFlushing());
        if (overhead.isBounded()) {
            ManifestKey.MAX_SLOWDOWN.put(recording, overhead.maxSlowdown());
        }
        if (overhead.selfTest() != SelfTest.NONE) {
            recording.putAll(overhead.selfTest().facts());
        }
    }

    /**
     * @param touchedNs what the pages that the last look found referenced cost
     */
    void summarize(Map<String, Object> recording, double touchedNs, long nowNs) {
        if (begun == 0 && pacer.allowedAtNs(touchedNs, nowNs) > nowNs) {
            notices.accept("no sample was taken: a slowdown of at most "
                    + ReferencedSampling.percent(overhead.maxSlowdown()) + " allows the first one "
                    + seconds(pacer.allowedAfterNs(touchedNs, nowNs))
                    + " after the beginning, as much memory as these processes have touched; record for longer, or with a"
                    + " larger --max-slowdown");
        }
        ManifestKey.SAMPLES.put(recording, samples);
        ManifestKey.STRETCHED.put(recording, stretched);
        ManifestKey.HELD_BACK.put(recording, heldBack);
        ManifestKey.SPACING_MAX.put(recording, mostSpacingNs / 1000);
        if (begun > 1) {
            ManifestKey.SPACING_MEAN.put(recording, (lastBegunNs - firstBegunNs) / (begun - 1) / 1000);
        }
        ManifestKey.TLB_FLUSH.put(recording, clearRefs.isFlushing());
        ManifestKey.TLB_FLUSHES.put(recording, clearRefs.flushes());
        ManifestKey.TLB_FLUSHES_FAILED.put(recording, clearRefs.failedFlushes());
        double slowdown = pacer.slowdown(touchedNs, nowNs);
        if (overhead.selfTest().isGood() && Double.isFinite(slowdown)) {
            ManifestKey.SLOWDOWN.put(recording, slowdown);
        }
    }

    private static String seconds(double ns) {
        return Units.duration((long) Math.min(ns, 9e18));
    }
}
