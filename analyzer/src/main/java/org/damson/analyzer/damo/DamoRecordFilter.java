package org.damson.analyzer.damo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.damson.model.InvalidInputException;

/** Selects regions and snapshots of records, by damo's filter options. All ranges include both ends. */
public final class DamoRecordFilter {
    /** A range of two numbers. */
    record Range(Num from, Num to) {
        boolean holds(Num n) {
            return !n.less(from) && !to.less(n);
        }
    }

    private static final Range ALL = new Range(Num.ZERO, Num.MAX);

    private Range sizeBytes = ALL;
    private Range percent = ALL;
    private Range ageUs = ALL;
    private List<Range> addresses;
    private List<Range> snapshotBytes;
    private List<Range> snapshotTimes;
    private List<Range> snapshotIndices;
    private List<Range> temperatures;
    private Function<DamoRegion, Num> temperature = r -> r.temperature(List.of(Num.ZERO, Num.of(100), Num.of(100)));
    private final boolean compat;
    private boolean given;
    private boolean left;

    /**
     * @param compat whether to filter as damo does: a bare age is microseconds, percentages are cut, and a snapshot's total
     *     stays what it was
     */
    public DamoRecordFilter(boolean compat) {
        this.compat = compat;
    }

    public void sizes(String from, String to) {
        sizeBytes = ordered(DamoText.parseBytes(from), DamoText.parseBytes(to));
    }

    public void accessRates(String from, String to) {
        percent = ordered(DamoText.parsePercent(from), DamoText.parsePercent(to));
    }

    /** damo documents seconds and takes a bare number for microseconds. */
    public void ages(String from, String to) {
        ageUs = ordered(age(from), age(to));
    }

    private Num age(String text) {
        boolean bare = !compat && text.matches("[0-9.,]+");
        return DamoText.parseUs(bare ? text + "s" : text);
    }

    /** @throws InvalidInputException if ranges overlap */
    public void addAddresses(String from, String to) {
        addresses = added(addresses, sized(from, to), true);
    }

    /** @throws InvalidInputException if ranges overlap */
    public void addSnapshotSizes(String from, String to) {
        snapshotBytes = added(snapshotBytes, sized(from, to), true);
    }

    public void addSnapshotTimes(String from, String to) {
        snapshotTimes = added(snapshotTimes, ordered(DamoText.parseNs(from), DamoText.parseNs(to)), false);
    }

    public void addSnapshotIndices(String from, String to) {
        snapshotIndices = added(snapshotIndices, ordered(DamoText.parseNr(from), DamoText.parseNr(to)), false);
    }

    public void addTemperatures(String from, String to) {
        temperatures = added(temperatures, ordered(DamoText.parseNr(from), DamoText.parseNr(to)), false);
    }

    /** What a region's temperature is; damo's with its usual weights if this is not called. */
    public void temperature(Function<DamoRegion, Num> of) {
        temperature = of;
    }

    /** damo takes a range that ends before it starts, and then nothing passes. */
    private Range ordered(Num from, Num to) {
        if (!compat && to.less(from)) {
            throw new InvalidInputException("the range ends before it starts");
        }
        return new Range(from, to);
    }

    /** Whether there were regions and none of them has passed so far. */
    public boolean leavesNothing() {
        return given && !left;
    }

    private static Range sized(String from, String to) {
        return new Range(DamoText.parseBytes(from), DamoText.parseBytes(to));
    }

    private static List<Range> added(List<Range> ranges, Range range, boolean apart) {
        List<Range> all = ranges == null ? new ArrayList<>() : new ArrayList<>(ranges);
        all.add(range);
        if (apart) {
            all.sort((a, b) -> a.from().compareTo(b.from()));
            for (int i = 0; i < all.size(); i++) {
                if (all.get(i).to().less(all.get(i).from())) {
                    throw new InvalidInputException("the range ends before it starts");
                }
                if (i > 0 && all.get(i).from().less(all.get(i - 1).to())) {
                    throw new InvalidInputException("ranges overlap");
                }
            }
        }
        return all;
    }

    /** The record with only what passes. */
    public DamoRecord apply(DamoRecord record) {
        return record.with(record.intervals, visitor -> {
            long[] index = {0};
            record.forEach(s -> {
                given |= !s.regions.isEmpty();
                pattern(s, record);
                if (addresses != null) {
                    clip(s);
                }
                boolean pass = (snapshotBytes == null || holds(snapshotBytes, s.totalBytes))
                        && (snapshotTimes == null || inTime(s));
                if (pass && (snapshotIndices == null || holds(snapshotIndices, Num.of(index[0])))) {
                    if (temperatures != null && record.intervals != null) {
                        s.regions.removeIf(r -> !holds(temperatures, temperature.apply(r)));
                        s.updateTotalBytes();
                    }
                    left |= !s.regions.isEmpty();
                    visitor.visit(s);
                }
                if (pass) {
                    index[0]++;
                }
            });
        });
    }

    private void pattern(DamoSnapshot s, DamoRecord record) {
        int before = s.regions.size();
        DamoIntervals i = record.intervals;
        Num aggrUs = i == null || compat ? null : s.aggrUs(i);
        s.regions.removeIf(r -> {
            if (!sizeBytes.holds(r.size())) {
                return true;
            }
            if (i == null) {
                return false;
            }
            // damo fills units only here, so what the size has thrown out stays without: nobody sees it again.
            r.fillUnits(i, compat ? i.aggr() : aggrUs, compat);
            return !percent.holds(r.percent) || !ageUs.holds(r.ageUs);
        });
        if (!compat && s.regions.size() != before) {
            s.updateTotalBytes();
        }
    }

    private void clip(DamoSnapshot s) {
        List<DamoRegion> clipped = new ArrayList<>();
        for (DamoRegion r : s.regions) {
            for (Range a : addresses) {
                if (r.end.compareTo(a.from()) > 0 && a.to().compareTo(r.start) > 0) {
                    clipped.add(r.clippedTo(Num.max(a.from(), r.start), Num.min(a.to(), r.end)));
                }
            }
        }
        s.regions = clipped;
        s.updateTotalBytes();
    }

    private boolean inTime(DamoSnapshot s) {
        for (Range t : snapshotTimes) {
            if (!s.start.less(t.from()) && !t.to().less(s.end)) {
                return true;
            }
        }
        return false;
    }

    private static boolean holds(List<Range> ranges, Num n) {
        for (Range r : ranges) {
            if (r.holds(n)) {
                return true;
            }
        }
        return false;
    }

    public List<DamoRecord> apply(List<DamoRecord> records) throws IOException {
        List<DamoRecord> result = new ArrayList<>();
        for (DamoRecord r : records) {
            result.add(apply(r));
        }
        return result;
    }
}
