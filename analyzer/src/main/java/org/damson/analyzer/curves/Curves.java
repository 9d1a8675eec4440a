package org.damson.analyzer.curves;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.memory.Outcome;
import org.damson.analyzer.scan.Bounded;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.summary.SummarizedSnapshots;

/**
 * Cold-age and promotion histograms of a recording: every age threshold of a scheme that reclaims idle memory, at once.
 * Histograms of parts of a recording, or of several, add up.
 *
 * <p>A region without accesses whose age is {@code a} aggregations is cold at every threshold up to {@code a}. Memory
 * that is touched after being idle up to age {@code a} would have come back at every such threshold.
 */
public final class Curves {
    private final ExactSums[] sums = new ExactSums[Histogram.values().length];
    /** The same as numbers to compute with; null where sums have changed since. */
    private final double[][] values = new double[sums.length][];

    private long aggrUs;
    /** Mean resident bytes; no figure is greater. */
    private double residentBytes = Double.POSITIVE_INFINITY;

    private Curves() {
        for (Histogram h : Histogram.values()) {
            sums[h.ordinal()] = new ExactSums(h.bins);
        }
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(aggrUs);
        out.writeDouble(residentBytes);
        for (ExactSums s : sums) {
            s.write(out);
        }
    }

    static Curves read(DataInput in) throws IOException {
        Curves c = new Curves();
        c.aggrUs = in.readLong();
        c.residentBytes = in.readDouble();
        for (ExactSums s : c.sums) {
            s.read(in);
        }
        return c;
    }

    /** Empty curves, to add others to. */
    public static Curves empty() {
        return new Curves();
    }

    ExactSums sums(Histogram h) {
        values[h.ordinal()] = null;
        return sums[h.ordinal()];
    }

    private double[] values(Histogram h) {
        double[] v = values[h.ordinal()];
        if (v == null) {
            ExactSums s = sums[h.ordinal()];
            v = new double[h.bins];
            for (int b = 0; b < v.length; b++) {
                v[b] = s.value(b);
            }
            values[h.ordinal()] = v;
        }
        return v;
    }

    private double total(Histogram h) {
        double sum = 0;
        for (double v : values(h)) {
            sum += v;
        }
        return sum;
    }

    /**
     * Histograms per slice of time, in one pass; those of a whole trace without a pass where they are stored with it.
     *
     * @param sliceNs length of a slice; 0: one for all
     * @throws InvalidInputException if the trace has no ages or no intervals
     */
    public static List<Curves> of(TraceSource trace, TraceQuery query, long sliceNs) throws IOException {
        boolean isWhole = sliceNs <= 0 && query.columns(0).equals(TraceQuery.ALL.columns(0));
        Curves stored = isWhole ? StoredCurves.read(trace) : null;
        List<Curves> all = stored != null ? List.of(stored) : CurvesPass.over(trace, query, sliceNs);
        if (all.stream().anyMatch(Curves::isPartial)) {
            double resident = ResidentBytes.mean(trace, query);
            all.forEach(c -> c.residentBytes = resident);
        }
        return all;
    }

    /** That there are snapshots of schemes' own: what-if and curves are of all memory. */
    public static String ofSchemesLeftOut(long snapshots) {
        return Units.count(snapshots, "snapshot", "is")
                + " of what a recorded scheme tried, not of all memory, and left out, with their time";
    }

    /** What these curves of a part of a trace do not say by themselves, one line each. */
    public List<String> notes(TraceSource trace, TraceQuery query) throws IOException {
        List<String> notes = new ArrayList<>();
        if (isMixed()) {
            notes.add("the intervals change within the recording: ages are counted in the first aggregation interval");
        }
        long ofSchemes = 0;
        try (SummarizedSnapshots snapshots = SummarizedSnapshots.open(trace, query)) {
            while (snapshots.next()) {
                ofSchemes += snapshots.head().scheme == Snapshot.NO_SCHEME ? 0 : 1;
            }
        }
        if (ofSchemes > 0) {
            notes.add(ofSchemesLeftOut(ofSchemes));
        }
        return notes;
    }

    /**
     * Compares the curves that are stored with a trace with those of its rows: one line on what is wrong, empty if nothing
     * is or none are stored.
     */
    public static String finding(TraceSource trace) throws IOException {
        return StoredCurves.finding(trace);
    }

    /** Whether regions are mappings touched in part: which part of one in use is idle is then not known. */
    public boolean isPartial() {
        return total(Histogram.PARTIAL) > 0;
    }

    /** Mean bytes that were seen touched once, in mappings in use: for how long they have been idle is not known. */
    public double undecidedBytes() {
        return mean(total(Histogram.UNDECIDED));
    }

    /** Mean bytes that were ever seen touched. */
    public double touchedBytes() {
        return mean(total(Histogram.WARM) + total(Histogram.COLD_TOUCHED) + total(Histogram.UNDECIDED));
    }

    /** A whole number that was counted. */
    long count(Histogram h) {
        ExactSums s = sums[h.ordinal()];
        return s.billions[0] * ExactSums.BILLION + s.rest[0];
    }

    /** The interval that what is stored begins with. */
    void storedInterval(long us) {
        aggrUs = aggrUs == 0 ? us : aggrUs;
    }

    /** Takes the aggregation interval of what is added: the first one is that of the ages. */
    void sawInterval(long us) {
        if (aggrUs == 0) {
            aggrUs = us;
        } else if (aggrUs != us) {
            sums(Histogram.OTHER_INTERVALS).add(0, 1, 1);
        }
    }

    /** Adds another's histograms to these. */
    public Curves add(Curves o) {
        for (Histogram h : Histogram.values()) {
            sums(h).add(o.sums(h));
        }
        if (o.aggrUs != 0) {
            residentBytes = aggrUs == 0 ? o.residentBytes : Math.max(residentBytes, o.residentBytes);
            sawInterval(o.aggrUs);
        }
        return this;
    }

    /** Seconds covered, by whichever target. */
    public double seconds() {
        return total(Histogram.COVERED) / 1e9;
    }

    public long regions() {
        return count(Histogram.REGIONS);
    }

    /** Aggregation interval of the ages, microseconds; 0: nothing was added. */
    public long aggrUs() {
        return aggrUs;
    }

    /** Takes for how long how much memory has been idle. */
    public interface IdleVisitor {
        /**
         * @param idleUs microseconds without an access; 0 while it is accessed
         * @param byteNs bytes times nanoseconds
         */
        void memory(long idleUs, double byteNs);
    }

    /** Visits the memory that was seen touched by how long it had been idle, shortest first. */
    public void eachIdle(IdleVisitor visitor) {
        visitor.memory(0, total(Histogram.WARM));
        double[] seen = values(Histogram.COLD_TOUCHED);
        for (int b = 0; b < AgeBins.COUNT; b++) {
            if (seen[b] > 0) {
                visitor.memory((AgeBins.age(b) + 1) * aggrUs, seen[b]);
            }
        }
    }

    /** Whether several aggregation intervals were mixed: ages are then in different units. */
    public boolean isMixed() {
        return total(Histogram.OTHER_INTERVALS) > 0;
    }

    /** Mean bytes that were touched within {@link Outcome#WORKING_SET_S} seconds; at least, where regions are mappings. */
    public double workingSet() {
        double sum = total(Histogram.WARM);
        double[] seen = values(Histogram.COLD_TOUCHED);
        long until = aggrUs == 0 ? 0 : Outcome.WORKING_SET_S * 1_000_000L / aggrUs;
        for (int b = 0; b < AgeBins.COUNT && AgeBins.age(b) < until; b++) {
            sum += seen[b];
        }
        return mean(sum);
    }

    /** The same at most: with what was touched once in mappings in use. */
    public double workingSetMost() {
        return Math.min(residentBytes, workingSet() + undecidedBytes());
    }

    /** A sum over time, as bytes. */
    private double mean(double byteNs) {
        double ns = total(Histogram.COVERED);
        return ns <= 0 ? 0 : Math.min(residentBytes, byteNs / ns);
    }

    /**
     * What reclaiming memory idle for a threshold would have done.
     *
     * @param ageAggrs threshold, aggregations
     * @param ageUs the same, microseconds
     * @param cold mean bytes idle at least so long: least and likely are those seen touched before
     * @param back bytes per second that come back
     * @param promotionPercentPerMinute the likely of it per minute in percent of the working set
     * @param resident mean bytes seen touched and not idle for so long
     * @param hitShare share of touched bytes that were still there
     */
    public record Point(
            long ageAggrs,
            long ageUs,
            Bounded cold,
            Bounded back,
            double promotionPercentPerMinute,
            double resident,
            double hitShare) {}

    /** The curve at the ages that the recording has, about {@code n} of them from least to greatest. */
    public List<Point> points(int n) {
        double[] cold = values(Histogram.COLD);
        double[] back = values(Histogram.BACK_MAX);
        int last = 0;
        for (int b = 0; b < AgeBins.COUNT; b++) {
            if (cold[b] > 0 || back[b] > 0) {
                last = b;
            }
        }
        List<Point> points = new ArrayList<>();
        long before = -1;
        for (int i = 0; i < n; i++) {
            // Even steps of the logarithm, so that seconds and hours are both there.
            long age = Math.round(Math.pow(AgeBins.age(last) + 1.0, i / (double) Math.max(1, n - 1)) - 1);
            if (age != before) {
                points.add(at(age));
                before = age;
            }
        }
        return points;
    }

    /** The curve at one threshold; ages of 1,024 and more are rounded down to a bin's, within 1 %. */
    public Point at(long ageAggrs) {
        int from = AgeBins.bin(ageAggrs);
        double all = from(Histogram.COLD, from);
        double seen = from(Histogram.COLD_TOUCHED, from);
        double back = from(Histogram.BACK_LIKELY, from);
        double allSeen = total(Histogram.WARM) + total(Histogram.COLD_TOUCHED);
        double touched = total(Histogram.TOUCHED);
        double seconds = seconds();
        double per = seconds <= 0 ? 0 : 1 / seconds;
        double workingSet = workingSet();
        return new Point(
                ageAggrs,
                ageAggrs * aggrUs,
                new Bounded(mean(seen), mean(seen), mean(all + total(Histogram.UNDECIDED))),
                new Bounded(from(Histogram.BACK_MIN, from) * per, back * per, from(Histogram.BACK_MAX, from) * per),
                workingSet <= 0 ? 0 : back * per * 60 / workingSet * 100,
                mean(allSeen - seen),
                touched <= 0 ? 1 : Math.max(0, 1 - back / touched));
    }

    private double from(Histogram h, int bin) {
        double[] v = values(h);
        double sum = 0;
        for (int b = bin; b < v.length; b++) {
            sum += v[b];
        }
        return sum;
    }

    /** The least threshold whose promotion rate keeps a limit in percent of the working set per minute, or null. */
    public Point leastWithin(double percentPerMinute) {
        for (int b = 0; b < AgeBins.COUNT; b++) {
            Point p = at(AgeBins.age(b));
            if (p.promotionPercentPerMinute() <= percentPerMinute) {
                return p.cold().likely() > 0 ? p : null;
            }
        }
        return null;
    }

    /**
     * How much DRAM serves a share of all accesses, if it holds the memory that is accessed most at each moment.
     *
     * @param share 0..1
     * @return mean bytes
     */
    public double dramByHeat(double share) {
        double[] heat = values(Histogram.HEAT);
        double[] warm = values(Histogram.WARM);
        double rest = total(Histogram.HEAT) * share;
        double bytes = 0;
        for (int level = Histogram.ACCESS_CLASSES - 1; level >= 0 && rest > 0; level--) {
            if (heat[level] > 0) {
                double taken = Math.min(1, rest / heat[level]);
                bytes += warm[level] * taken;
                rest -= heat[level];
            }
        }
        return mean(bytes);
    }

    /**
     * How much DRAM lets a share of touched bytes find what they touch, if what was idle longest is elsewhere.
     *
     * @param share 0..1
     * @return the least mean bytes of any threshold
     */
    public double dramByAge(double share) {
        double[] seen = values(Histogram.COLD_TOUCHED);
        double[] backs = values(Histogram.BACK_LIKELY);
        double touched = total(Histogram.TOUCHED);
        double back = total(Histogram.BACK_LIKELY);
        double resident = total(Histogram.WARM);
        for (int b = 0; b < AgeBins.COUNT; b++) {
            if (touched <= 0 || 1 - back / touched >= share) {
                break;
            }
            resident += seen[b];
            back -= backs[b];
        }
        return mean(resident);
    }
}
