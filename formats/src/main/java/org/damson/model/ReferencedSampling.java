package org.damson.model;

import static org.damson.model.ManifestKey.MAX_SLOWDOWN;
import static org.damson.model.ManifestKey.SAMPLES;
import static org.damson.model.ManifestKey.SLOWDOWN;
import static org.damson.model.ManifestKey.SPACING_MAX;
import static org.damson.model.ManifestKey.SPACING_MEAN;
import static org.damson.model.ManifestKey.TLB_BLIND;
import static org.damson.model.ManifestKey.TLB_FLUSH;
import static org.damson.model.ManifestKey.TLB_FLUSHES_FAILED;
import static org.damson.model.ManifestKey.WINDOW;
import static org.damson.model.ManifestKey.WRITTEN;
import static org.damson.model.ManifestKey.WRITTEN_NOT_KNOWN;
import static org.damson.model.ManifestKey.WRITTEN_TOLD;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * The facts that a recording through referenced bits keeps of how its samples were taken and what they are estimated to have
 * cost the recorded programs: keys of {@link Manifest#recording}, and the one line that reports print of them.
 */
public final class ReferencedSampling {
    /** The keys that {@link #line} prints, or that its figures rest on. */
    public static final Set<ManifestKey> KEYS = EnumSet.range(ManifestKey.WINDOW, ManifestKey.HUGE_PAGE_TOUCH);

    private ReferencedSampling() {}

    /** Window of the samples, nanoseconds; 0 if the trace does not say. */
    public static long windowNs(Manifest m) {
        return WINDOW.get(m) instanceof Number n ? n.longValue() * 1000 : 0;
    }

    /**
     * How the samples of a trace were taken, in one line; empty if it does not say. A recording that was killed could not sum
     * up how far apart they were: its snapshots tell.
     */
    public static String line(TraceSource trace) throws IOException {
        Manifest m = trace.manifest();
        boolean isCut = WINDOW.get(m) instanceof Number && SAMPLES.get(m) == null;
        return line(m, isCut ? spacing(trace) : "");
    }

    /** As {@link #line(TraceSource)}, by the manifest alone. */
    public static String line(Manifest m) {
        return line(m, "");
    }

    /** The current intervals: each is the mean time between the samples of one snapshot. */
    private static String spacing(TraceSource trace) throws IOException {
        int cSample = Table.SNAPSHOTS.indexOf("sample_us");
        int cAggr = Table.SNAPSHOTS.indexOf("aggr_us");
        double[] sums = {0, 0};
        long[] most = {0};
        trace.forEachRow(Table.SNAPSHOTS, (b, i) -> {
            long sampleUs = b.get(cSample, i);
            if (sampleUs > 0) {
                sums[0] += b.get(cAggr, i);
                sums[1] += b.get(cAggr, i) / (double) sampleUs;
                most[0] = Math.max(most[0], sampleUs);
            }
        });
        return sums[1] <= 0
                ? ""
                : " every " + micros((long) (sums[0] / sums[1])) + " (" + micros(most[0])
                        + " at most in the mean of a snapshot; the recording was cut short)";
    }

    private static String line(Manifest m, String cutSpacing) {
        StringBuilder line = new StringBuilder();
        if (WINDOW.get(m) instanceof Number window) {
            line.append("samples of ").append(micros(window));
        } else if (SPACING_MAX.get(m) != null) {
            line.append("samples of different windows");
        } else {
            return "";
        }
        if (SPACING_MEAN.get(m) instanceof Number mean && SPACING_MAX.get(m) instanceof Number most) {
            line.append(" every ")
                    .append(micros(mean))
                    .append(" (")
                    .append(micros(most))
                    .append(" at most)");
        }
        line.append(cutSpacing).append(flush(m));
        if (SLOWDOWN.get(m) instanceof Number slowdown) {
            line.append(", targets slowed down by about ").append(percent(slowdown.doubleValue()));
        } else {
            line.append(", slowdown of the targets not known");
        }
        line.append(MAX_SLOWDOWN.get(m) instanceof Number most ? " (" + percent(most.doubleValue()) + " allowed)" : "");
        return line.append(written(m)).toString();
    }

    private static String written(Manifest m) {
        if (!Boolean.TRUE.equals(WRITTEN.get(m))) {
            return "";
        }
        return WRITTEN_TOLD.get(m) instanceof Number told
                        && WRITTEN_NOT_KNOWN.get(m) instanceof Number not
                        && not.longValue() > 0
                ? ", written pages known of " + told.longValue() + " of " + (told.longValue() + not.longValue())
                        + " mappings in use"
                : ", written pages recorded";
    }

    private static String flush(Manifest m) {
        Object flushed = TLB_FLUSH.get(m);
        String blind = TLB_BLIND.get(m) instanceof Boolean b
                ? b ? " (blind without)" : " (not blind without)"
                : " (blindness without not decided)";
        String failed = TLB_FLUSHES_FAILED.get(m) instanceof Number n && n.longValue() > 0
                ? ", " + n.longValue() + " flushes refused"
                : "";
        if (Boolean.TRUE.equals(flushed)) {
            return ", TLB flushed" + blind + failed;
        }
        if (Boolean.FALSE.equals(flushed)) {
            boolean isBlind = Boolean.TRUE.equals(TLB_BLIND.get(m));
            return ", TLB not flushed" + (isBlind ? " and this machine BLIND without: memory in use reads low" : blind)
                    + failed;
        }
        return ", TLB flushed in some of them";
    }

    private static String micros(Number us) {
        return Units.duration(us.longValue() * 1000);
    }

    /** A percentage with two significant digits. */
    public static String percent(double share) {
        double percent = share * 100;
        int digits = percent == 0 ? 0 : (int) Math.max(0, 1 - Math.floor(Math.log10(percent)));
        return String.format(Locale.ROOT, "%." + Math.min(digits, 6) + "f %%", percent);
    }
}
