package org.damson.analyzer.damo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.damson.model.Units;

/** {@code damo validate}: whether a recording is within bounds. */
public final class DamoExpectations {
    /** Both ends are allowed. */
    public record Bounds(long least, long most) {}

    /** Addresses from {@code start} to before {@code end}, unsigned. */
    public record Boundary(long start, long end) {}

    private static final Bounds DAMO_AGGR_US = new Bounds(75_000, 125_000);
    private static final Bounds DAMO_REGIONS = new Bounds(3, 1200);
    private static final Bounds DAMO_ACCESSES = new Bounds(0, 24);

    /** Of each snapshot, microseconds; null for damo's, or without compat for a quarter more or less than its interval. */
    public Bounds aggrUs;

    /** Null for damo's, or without compat for any. */
    public Bounds regions;

    /** Null for damo's, or without compat for what the intervals allow. */
    public Bounds accesses;

    /** Percentage of snapshots that may miss the first two. */
    public double allowedPercent = 2;

    /** Where regions may be; empty for anywhere. */
    public final List<Boundary> boundaries = new ArrayList<>();

    /** The first finding only, in damo's words; null if there is none. */
    public String damoFinding(DamoTrace trace) throws IOException {
        if (trace.records.isEmpty()) {
            return "target snapshots is zero";
        }
        String[] finding = new String[1];
        for (DamoRecord record : trace.records) {
            long[] count = {0};
            record.forEach(s -> count[0]++);
            double allowed = count[0] * allowedPercent / 100.0;
            long[] missed = new long[2];
            record.forEach(s -> {
                if (finding[0] == null) {
                    finding[0] = damoFinding(s, allowed, missed);
                }
            });
        }
        return finding[0];
    }

    private String damoFinding(DamoSnapshot s, double allowed, long[] missed) {
        Num us = s.duration().over(1000);
        Num regionCount = Num.of(s.regions.size());
        Bounds[] bounds = {aggrUs == null ? DAMO_AGGR_US : aggrUs, regions == null ? DAMO_REGIONS : regions};
        Num[] values = {us, regionCount};
        String[] names = {"aggregate interval", "nr_regions"};
        for (int i = 0; i < 2; i++) {
            if (!holds(bounds[i], values[i])) {
                if (missed[i] >= allowed) {
                    return outOf(bounds[i], names[i], values[i]);
                }
                missed[i]++;
            }
        }
        Bounds accessBounds = accesses == null ? DAMO_ACCESSES : accesses;
        for (DamoRegion r : s.regions) {
            if (!r.start.less(r.end)) {
                return "wrong regiosn [" + r.start + ", " + r.end + ")";
            }
            if (!isInside(r)) {
                return "region " + r.start + "-" + r.end + " out of the boundary";
            }
            if (!holds(accessBounds, r.samples)) {
                return outOf(accessBounds, "nr_accesses", r.samples);
            }
        }
        return null;
    }

    private static String outOf(Bounds b, String name, Num value) {
        return "invalid: expect " + b.least + "<=" + name + "<=" + b.most + " but " + value.toBig();
    }

    private static boolean holds(Bounds b, Num value) {
        return !value.less(Num.of(b.least)) && !Num.of(b.most).less(value);
    }

    private boolean isInside(DamoRegion r) {
        for (Boundary b : boundaries) {
            if (!r.start.less(Num.unsigned(b.start)) && !Num.unsigned(b.end).less(r.end)) {
                return true;
            }
        }
        return boundaries.isEmpty();
    }

    /** Counts what one record has wrong. */
    private static final class Tally {
        long snapshots;
        long slow;
        long crowded;
        long accesses;
        long outside;
        String firstAccess;
        String firstOutside;
    }

    /** All findings, one line for each rule and record; empty if there is none. */
    public List<String> findings(DamoTrace trace) throws IOException {
        List<String> findings = new ArrayList<>();
        for (DamoRecord record : trace.records) {
            Tally t = new Tally();
            record.forEach(s -> count(s, record, t));
            String of = "target " + DamoRecord.none(record.target) + ": ";
            if (t.slow > t.snapshots * allowedPercent / 100) {
                findings.add(of + share(t.slow, t.snapshots) + " span no aggregation interval"
                        + (aggrUs == null
                                ? " (a quarter more or less)"
                                : " of " + Units.duration(aggrUs.least * 1000) + " to "
                                        + Units.duration(aggrUs.most * 1000)));
            }
            if (t.crowded > t.snapshots * allowedPercent / 100) {
                findings.add(of + share(t.crowded, t.snapshots) + " do not have " + regions.least + " to "
                        + regions.most + " regions");
            }
            if (t.accesses > 0) {
                findings.add(of + Units.count(t.accesses, "region", "has")
                        + " more or less accesses than allowed, first " + t.firstAccess);
            }
            if (t.outside > 0) {
                findings.add(of + Units.count(t.outside, "region", "is") + " outside the boundaries, first "
                        + t.firstOutside);
            }
        }
        if (trace.records.isEmpty()) {
            findings.add("no snapshot");
        }
        return findings;
    }

    private static String share(long n, long of) {
        return String.format(Locale.ROOT, "%d of %d snapshots (%.1f %%)", n, of, 100.0 * n / of);
    }

    private void count(DamoSnapshot s, DamoRecord record, Tally t) {
        t.snapshots++;
        Num us = s.duration().over(1000);
        Num aggr = record.intervals == null ? null : s.aggrUs(record.intervals);
        if (aggrUs != null
                ? !holds(aggrUs, us)
                : aggr != null
                        && (us.less(aggr.times(Num.of(0.75)))
                                || aggr.times(Num.of(1.25)).less(us))) {
            t.slow++;
        }
        if (regions != null && !holds(regions, Num.of(s.regions.size()))) {
            t.crowded++;
        }
        Num most = record.intervals == null ? null : record.intervals.maxSamples();
        for (DamoRegion r : s.regions) {
            if (accesses != null ? !holds(accesses, r.samples) : most != null && most.less(r.samples)) {
                t.firstAccess = t.accesses++ == 0 ? r.samples + " of " + place(r) : t.firstAccess;
            }
            if (!isInside(r)) {
                t.firstOutside = t.outside++ == 0 ? place(r) : t.firstOutside;
            }
        }
    }

    private static String place(DamoRegion r) {
        return r.start.hex() + "-" + r.end.hex();
    }
}
