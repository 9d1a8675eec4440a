package org.damson.recorder.referenced;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.damson.model.ManifestKey;

/**
 * What clearing referenced bits means on this machine, measured in a process of damson's own that touches 4 and 64 MiB
 * all the time: how much of them is seen, and what the first touch of a page after a clear costs.
 *
 * @param unflushed what is seen when bits are cleared and the TLB is not flushed
 * @param flushed what is seen when it is
 * @param flushError why the kernel does not flush, empty if it does
 * @param pageNs what the first touch of a 4 KiB page costs after a clear without flush, nanoseconds
 * @param flushedPageNs the same after a clear with flush
 * @param hugePageNs the same of each 4 KiB of memory in huge pages; -1 if none were available
 * @param softDirtyError why the kernel does not tell written pages from others, empty if it does
 * @param problem why this is not known, or not to be believed; empty if it is
 */
public record SelfTest(
        Seen unflushed,
        Seen flushed,
        String flushError,
        double pageNs,
        double flushedPageNs,
        double hugePageNs,
        String softDirtyError,
        String problem) {
    /**
     * What windows of time saw of memory in use.
     *
     * @param windows how many
     * @param undisturbed how many of them the program spent on its processor without a break
     * @param least share of the memory that the window saw that saw least, 0 to 1
     */
    public record Seen(long windows, long undisturbed, double least) {}

    /** Whether memory in steady use reads as idle without a flush. */
    public enum Blind {
        YES,
        NO,
        /** Everything was seen, but only because other programs evicted TLB entries, which they may not do later. */
        UNDECIDED
    }

    /** Taken where nothing was measured: more than any machine that was looked at, with shadow page tables 4,000 to 9,000. */
    static final double ASSUMED_PAGE_NS = 10_000;

    private static final String NOT_TRIED = "not tried";
    private static final double SEEN = 0.9;
    private static final int ENOUGH_WINDOWS = 3;
    private static final int MS = 500;
    /** How long the process may take, seconds: a loaded machine runs it late. */
    private static final int TIMEOUT_S = 20;

    /** Nothing is known. */
    public static final SelfTest NONE = unknown("not measured");

    /** A result that says why there is none, with careful values. */
    public static SelfTest unknown(String problem) {
        Seen none = new Seen(0, 0, 0);
        return new SelfTest(none, none, "", ASSUMED_PAGE_NS, ASSUMED_PAGE_NS, -1, NOT_TRIED, problem);
    }

    /** Measures for up to half a second. A test that fails is a result too: it says why, and has careful values. */
    public static SelfTest run(Path accessgen) throws InterruptedException {
        Process child = null;
        try {
            child = new ProcessBuilder(accessgen.toString(), "touch-cost", Integer.toString(MS))
                    .redirectErrorStream(true)
                    .start();
            child.getOutputStream().close();
            // A few lines: they fit the pipe, so the process ends whether they are read or not.
            if (!child.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
                return unknown("it did not end within " + TIMEOUT_S + " s");
            }
            String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (child.exitValue() != 0) {
                return unknown(
                        said.isEmpty()
                                ? "exit status " + child.exitValue()
                                : said.lines().findFirst().get());
            }
            return parse(said);
        } catch (IOException e) {
            return unknown(String.valueOf(e.getMessage()));
        } finally {
            if (child != null) {
                child.destroyForcibly();
            }
        }
    }

    /** Reads what the process prints, and doubts what cannot be. */
    static SelfTest parse(String text) throws IOException {
        Properties p = new Properties();
        SelfTest t;
        try {
            p.load(new StringReader(text));
            t = new SelfTest(
                    seen(p, "unflushed"),
                    seen(p, "flushed"),
                    p.getProperty("flush_error", ""),
                    number(p, "page_ns"),
                    number(p, "flushed_page_ns"),
                    number(p, "huge_page_ns"),
                    p.getProperty("soft_dirty_error", NOT_TRIED),
                    "");
        } catch (IllegalArgumentException e) {
            return unknown("its result cannot be parsed");
        }
        String doubt = t.contradiction();
        return doubt.isEmpty()
                ? t
                : new SelfTest(
                        t.unflushed,
                        t.flushed,
                        t.flushError,
                        ASSUMED_PAGE_NS,
                        ASSUMED_PAGE_NS,
                        -1,
                        t.softDirtyError,
                        doubt);
    }

    private static Seen seen(Properties p, String name) {
        return new Seen(
                (long) number(p, name + "_windows"),
                (long) number(p, name + "_undisturbed"),
                number(p, name + "_least"));
    }

    private static double number(Properties p, String name) {
        String text = p.getProperty(name);
        if (text == null) {
            throw new IllegalArgumentException(name);
        }
        double value = Double.parseDouble(text);
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(name);
        }
        return value;
    }

    private String contradiction() {
        if (unflushed.windows == 0
                || unflushed.least < 0
                || unflushed.least > 1
                || flushed.least < 0
                || flushed.least > 1) {
            return "it measured a share below 0 or above 1";
        }
        if (unflushed.undisturbed > unflushed.windows || flushed.undisturbed > flushed.windows) {
            return "it was left alone in more windows than there were";
        }
        if (flushError.isEmpty() && flushed.windows <= 0) {
            return "it does not say what is seen with a flush of the TLB, nor why it did not flush";
        }
        if (pageNs < 0 || flushedPageNs < 0) {
            return "it measured a negative time for a touch";
        }
        if (flushError.isEmpty() && flushed.least < SEEN) {
            return String.format(
                    Locale.ROOT,
                    "of memory in use %.0f %% were seen although the TLB was flushed",
                    flushed.least * 100);
        }
        return "";
    }

    /** Whether the figures were measured and agree with one another. */
    public boolean isGood() {
        return problem.isEmpty();
    }

    /** Whether memory in steady use reads as idle without a flush. */
    public Blind blind() {
        if (unflushed.windows > 0 && unflushed.least < SEEN) {
            return Blind.YES;
        }
        return isGood() && unflushed.undisturbed >= ENOUGH_WINDOWS ? Blind.NO : Blind.UNDECIDED;
    }

    /** Whether the kernel tells written pages from others. */
    public boolean tellsWritten() {
        return softDirtyError.isEmpty();
    }

    /** Whether to flush: not where the kernel refuses to, and not where all is seen without. */
    public boolean shouldFlush() {
        return flushError.isEmpty() && blind() != Blind.NO;
    }

    /** Upper bound on the cost of the first touch of a page after a clear, nanoseconds for each 4 KiB. */
    double pageCostNs(boolean flushing) {
        return !flushing && blind() == Blind.NO ? pageNs : Math.max(pageNs, flushedPageNs);
    }

    /** The same for memory in huge pages. */
    double hugePageCostNs(boolean flushing) {
        return hugePageNs < 0 ? pageCostNs(flushing) : Math.min(hugePageNs, pageCostNs(flushing));
    }

    /** For the manifest and for programs: numbers and booleans, which redaction keeps; what is not known is left out. */
    public Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        ManifestKey.SELF_TEST_GOOD.put(facts, isGood());
        if (blind() != Blind.UNDECIDED) {
            ManifestKey.TLB_BLIND.put(facts, blind() == Blind.YES);
        }
        if (!softDirtyError.equals(NOT_TRIED)) {
            ManifestKey.SOFT_DIRTY.put(facts, tellsWritten());
        }
        if (unflushed.windows > 0) {
            ManifestKey.UNFLUSHED_SEEN.put(facts, unflushed.least);
            if (flushError.isEmpty()) {
                ManifestKey.FLUSHED_SEEN.put(facts, flushed.least);
            }
        }
        if (isGood()) {
            ManifestKey.PAGE_TOUCH.put(facts, pageNs);
            if (flushError.isEmpty()) {
                ManifestKey.PAGE_TOUCH_FLUSHED.put(facts, flushedPageNs);
            }
            if (hugePageNs >= 0) {
                ManifestKey.HUGE_PAGE_TOUCH.put(facts, hugePageNs);
            }
        }
        return facts;
    }

    /** One line for people. */
    public String text() {
        if (!isGood()) {
            return String.format(
                    Locale.ROOT,
                    "not decided: %s; %s, and a page touched after a clear is assumed to cost %.0f ns",
                    problem,
                    shouldFlush() ? "the TLB is flushed" : "the TLB is not flushed",
                    ASSUMED_PAGE_NS);
        }
        String seen = String.format(Locale.ROOT, "%.0f %% of memory in use seen", unflushed.least * 100);
        String without =
                switch (blind()) {
                    case YES -> "blind without a TLB flush (" + seen + ")";
                    case NO -> "not blind without a TLB flush (" + seen + ")";
                    case UNDECIDED -> "blindness without a TLB flush not decided on a loaded machine";
                };
        boolean flushes = flushError.isEmpty();
        String with = flushes
                ? String.format(Locale.ROOT, ", %.0f %% with it", flushed.least * 100)
                : ", and the kernel does not flush it: " + flushError;
        String cost = String.format(Locale.ROOT, "%.0f ns without a flush", pageNs)
                + (flushes ? String.format(Locale.ROOT, ", %.0f ns with it", flushedPageNs) : "");
        return without + with + "; a page touched after a clear costs its owner " + cost
                + (tellsWritten()
                        ? "; written pages are detected"
                        : "; written pages are not detected: " + softDirtyError);
    }
}
