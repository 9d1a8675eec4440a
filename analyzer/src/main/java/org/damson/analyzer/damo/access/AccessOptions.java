package org.damson.analyzer.damo.access;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.analyzer.damo.DamoIntervals;
import org.damson.analyzer.damo.DamoProbes;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoSnapshot;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.DamoVersion;
import org.damson.analyzer.damo.Num;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;

/** How {@code report access} shows what it shows, by the names of damo's options. */
public final class AccessOptions {
    /** The parts of the report that a format describes. */
    public static final List<String> AREAS =
            List.of("record_head", "snapshot_head", "region", "snapshot_tail", "record_tail");

    public static final List<String> STYLES = List.of(
            "detailed",
            "simple-boxes",
            "temperature-sz-hist",
            "recency-sz-hist",
            "cold-memory-tail",
            "recency-percentiles",
            "idle-time-percentiles",
            "temperature-percentiles",
            "cold",
            "hot");
    public static final List<String> SORT_KEYS = List.of("address", "access_rate", "age", "size", "temperature");
    public static final List<String> BOX_VALUES = List.of("size", "access_rate", "age", "none");

    /** The same of a report of data attributes, where no region counts by its accesses. */
    public static final List<String> ATTRIBUTE_STYLES = List.of(
            "detailed",
            "temperature-sz-hist",
            "recency-sz-hist",
            "cold-memory-tail",
            "recency-percentiles",
            "idle-time-percentiles",
            "temperature-percentiles");

    public static final List<String> ATTRIBUTE_SORT_KEYS =
            List.of("address", "probe_hits_wsum", "age", "size", "temperature");

    /** Whether regions count by what data attribute probes found in them, not by their accesses. */
    public final boolean ofAttributes;

    /** Weight of each probe's hits that the user gave; of probes beyond these, that of the set-up. */
    public List<Num> probeWeights = List.of();

    /** Probes of the set-up beside the recording, of the record at hand. */
    private List<DamoProbes.Probe> setUp = List.of();

    /** What is changed of regions before anything is told of them, in this order. */
    public final List<RegionAdjustment> adjustments = new ArrayList<>();

    /** Whether to reproduce damo 3.3.0 to the byte, quirks included. */
    public boolean compat;

    /** Which damo is reproduced. */
    public DamoVersion version = DamoVersion.USUAL;

    public String style = "detailed";
    public List<Integer> percentiles = List.of(0, 1, 25, 50, 75, 99, 100);
    public List<String> sortBy;
    public Set<String> sortDescending = Set.of();
    /** Of size, access rate and age; in a report of attributes of hits, age and size. */
    public long[] temperatureWeights;

    public boolean histLogscale;
    public boolean histCumulate;
    /** Pairs of range ends, one without another left out; null for ten ranges. */
    List<String> histRanges;

    public int heatmapWidth = 80;
    public String heatmapColorset = "gray";
    public boolean heatmapStatic;

    public boolean regionBox;
    public List<String> boxValues = List.of("age", "access_rate", "size");
    public int[] boxLength = {1, 30};
    public int[] boxHeight = {1, 5};
    public String boxColorset = "gray";
    public List<Boolean> boxLogscale = List.of(true, false, true);
    public boolean boxRight;

    public boolean totalSzOnly;
    public boolean raw;

    /** What --format set, by area. */
    public final Map<String, String> set = new HashMap<>();

    /** What --format appends, by area, in order. */
    public final Map<String, List<String>> append = new HashMap<>();

    /** Least characters of keywords, said by the user. */
    public final Map<String, Integer> minChars = new LinkedHashMap<>();

    private AccessOptions(boolean ofAttributes) {
        this.ofAttributes = ofAttributes;
        sortBy = List.of(ofAttributes ? "temperature" : "address");
        temperatureWeights = ofAttributes ? new long[] {100, 100, 0} : new long[] {0, 100, 100};
    }

    /** Those of a report of accesses. */
    public AccessOptions() {
        this(false);
    }

    /** Those of a report of what data attribute probes found, as {@code damo report attrs} has it. */
    public static AccessOptions ofAttributes() {
        return new AccessOptions(true);
    }

    /**
     * Sets the ranges of histograms.
     *
     * @throws InvalidInputException if a word is neither a number nor a time, or one end is without another
     */
    public void histRanges(List<String> words) {
        if (words.size() % 2 != 0 && !compat) {
            throw new InvalidInputException("ranges come in pairs");
        }
        words.forEach(DamoText::parseUs);
        histRanges = words;
    }

    /** damo's temperature of a region: negative where nothing was accessed, or found. */
    public Num temperature(DamoRegion r) {
        return ofAttributes ? temperatureOfHits(r, weight(2)) : r.temperature(List.of(weight(0), weight(1), weight(2)));
    }

    /** What regions are selected by: damo goes by accesses here, of attributes too. */
    Num temperatureToSelect(DamoRegion r) {
        return compat ? r.temperature(List.of(weight(0), weight(1), weight(2))) : temperature(r);
    }

    /** The same as {@link #temperature} without what its size adds. */
    Num temperatureOfPages(DamoRegion r) {
        return ofAttributes ? temperatureOfHits(r, Num.ZERO) : r.temperature(List.of(Num.ZERO, weight(1), weight(2)));
    }

    private Num temperatureOfHits(DamoRegion r, Num ofSize) {
        Num hits = weightedHits(r);
        Num score = hits.times(weight(0))
                .plus(r.ageUs.times(weight(1)))
                .plus(r.size().times(ofSize));
        return hits.signum() > 0 ? score : Num.of(-1).times(score);
    }

    private Num weight(int i) {
        return Num.of(temperatureWeights[i]);
    }

    /** Adjusts regions; a snapshot's total with them. damo applies the first rule alone, and leaves the total. */
    void adjust(DamoSnapshot s, DamoIntervals intervals) {
        for (RegionAdjustment adjustment : adjustments) {
            s.regions.forEach(r -> adjustment.apply(r, intervals));
            if (compat) {
                return;
            }
        }
        if (!adjustments.isEmpty()) {
            s.updateTotalBytes();
        }
    }

    /** Turns to a record, which may have probes of its own. */
    void use(List<DamoProbes.Probe> ofRecord) {
        setUp = ofRecord;
    }

    List<DamoProbes.Probe> setUp() {
        return setUp;
    }

    /**
     * Weight of a probe's hits: given, else of the set-up, else 1; so too where the set-up gives none.
     *
     * @throws IllegalStateException if damo, which goes by the set-up alone, has no such probe
     */
    Num weightOf(int probe) {
        if (probe < probeWeights.size()) {
            return probeWeights.get(probe);
        }
        if (compat && probe >= setUp.size()) {
            throw new IllegalStateException(
                    "a region tells of hits of probe " + probe + ", and the set-up beside the recording of "
                            + Units.count(setUp.size(), "probe") + ": damo fails");
        }
        boolean isWeighed = compat || setUp.stream().anyMatch(p -> p.weight() != 0);
        return Num.of(isWeighed && probe < setUp.size() ? setUp.get(probe).weight() : 1);
    }

    /** Sum of a region's hits, each probe's times its weight. */
    Num weightedHits(DamoRegion r) {
        Num sum = Num.ZERO;
        List<Num> hits = r.hits();
        for (int i = 0; i < hits.size(); i++) {
            sum = sum.plus(hits.get(i).times(weightOf(i)));
        }
        return sum;
    }

    /** Whether anything was accessed in a region, or found by a probe. */
    boolean isUsed(DamoRegion r) {
        return ofAttributes ? r.hits().stream().anyMatch(h -> h.signum() > 0) : r.percent.signum() > 0;
    }
}
