package org.damson.analyzer.damo.access;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.damo.DamoIntervals;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.Num;
import org.damson.model.InvalidInputException;

/**
 * One rule of {@code report attrs --adjust-region}: what a region's size, or its hits of one probe, are scaled by. So a report
 * becomes one of the memory that has an attribute, as of one control group.
 */
public final class RegionAdjustment {
    private static final String FORM =
            "expected size df_passed, size probe_hits_rate PROBE, probe_hits PROBE df_passed,"
                    + " or probe_hits PROBE probe_hits_rate PROBE";

    /** Whose hits change; -1: the size does. */
    private final int changed;
    /** By whose hits; -1: by the bytes that passed the scheme's filters. */
    private final int by;

    private RegionAdjustment(int changed, int by) {
        this.changed = changed;
        this.by = by;
    }

    /** @throws InvalidInputException if the words are not a rule */
    public static RegionAdjustment of(List<String> words) {
        int at = 0;
        int changed = -1;
        if (!words.get(at).equals("size")) {
            if (!words.get(at).equals("probe_hits") || words.size() < 2) {
                throw new InvalidInputException(FORM);
            }
            changed = probe(words.get(++at));
        }
        List<String> rest = words.subList(at + 1, words.size());
        if (rest.equals(List.of("df_passed"))) {
            return new RegionAdjustment(changed, -1);
        }
        if (rest.size() != 2 || !rest.get(0).equals("probe_hits_rate")) {
            throw new InvalidInputException(FORM);
        }
        return new RegionAdjustment(changed, probe(rest.get(1)));
    }

    private static int probe(String word) {
        if (!word.matches("\\d{1,4}")) {
            throw new InvalidInputException("'" + word + "' is not the number of a probe, from 0");
        }
        return Integer.parseInt(word);
    }

    /** @throws InvalidInputException if the region tells nothing of a probe that the rule is about */
    void apply(DamoRegion r, DamoIntervals intervals) {
        Num size = r.size();
        Num share = by < 0
                ? size.signum() == 0 ? Num.ZERO : r.filterPassed.over(size)
                : hits(r, by).over(intervals.maxSamples());
        if (changed < 0) {
            r.end = r.start.plus(by < 0 ? r.filterPassed : size.times(share));
            return;
        }
        Num scaled = hits(r, changed).times(share);
        List<Num> hits = new ArrayList<>(r.hits());
        hits.set(changed, scaled);
        r.adjustedHits = hits;
    }

    private static Num hits(DamoRegion r, int probe) {
        if (probe >= r.probeHits.size()) {
            throw new InvalidInputException("a region tells of the hits of "
                    + (r.probeHits.isEmpty() ? "no probe" : "probes 0 to " + (r.probeHits.size() - 1) + " only")
                    + ", not of probe " + probe);
        }
        return r.hits().get(probe);
    }
}
