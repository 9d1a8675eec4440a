package org.damson.analyzer.damo.access;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.Num;
import org.damson.model.InvalidInputException;

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

    /** Whether to reproduce damo 3.3.0 to the byte, quirks included. */
    public boolean compat;

    public String style = "detailed";
    public List<Integer> percentiles = List.of(0, 1, 25, 50, 75, 99, 100);
    public List<String> sortBy = List.of("address");
    public Set<String> sortDescending = Set.of();
    public long[] temperatureWeights = {0, 100, 100};
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

    List<Num> weights() {
        List<Num> weights = new ArrayList<>();
        for (long w : temperatureWeights) {
            weights.add(Num.of(w));
        }
        return weights;
    }
}
