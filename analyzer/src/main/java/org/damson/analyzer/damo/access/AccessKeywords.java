package org.damson.analyzer.damo.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The keywords of {@code report access --format}, in the order in which damo replaces them. */
public final class AccessKeywords {
    public static final List<String> RECORD = List.of(
            "<kdamond index>",
            "<context index>",
            "<scheme index>",
            "<target id>",
            "<abs start time>",
            "<duration>",
            "<intervals>",
            "<intervals goal>",
            "<data source>",
            "<format strings>");
    public static final List<String> SNAPSHOT = List.of(
            "<total bytes>",
            "<duration>",
            "<start time>",
            "<end time>",
            "<abs start time>",
            "<abs end time>",
            "<number of regions>",
            "<region box colors>",
            "<region box description>",
            "<temperature-sz histogram>",
            "<temperature-df-passed-sz histogram>",
            "<recency-sz histogram>",
            "<recency-df-passed-sz histogram>",
            "<recency percentiles>",
            "<df-passed recency percentiles>",
            "<temperature percentiles>",
            "<df-passed temperature percentiles>",
            "<heatmap>",
            "<filters passed heatmap>",
            "<filters passed type>",
            "<filters passed bytes>",
            "<positive access samples ratio>",
            "<estimated memory bandwidth>",
            "<filters passed estimated memory bandwidth>",
            "<intervals tuning status>",
            "<damos stats>",
            "<snapshot intervals>");
    public static final List<String> REGION = List.of(
            "<index>",
            "<start address>",
            "<end address>",
            "<size>",
            "<access rate>",
            "<access hz>",
            "<age>",
            "<temperature>",
            "<probe hits>",
            "<filters passed bytes>",
            "<box>");

    /** What only a report of data attributes has. */
    private static final String PROBES = "<probes>";

    /** What a report of data attributes has not. */
    private static final Set<String> OF_ACCESSES = Set.of(
            "<region box colors>",
            "<region box description>",
            "<temperature-df-passed-sz histogram>",
            "<recency-df-passed-sz histogram>",
            "<df-passed recency percentiles>",
            "<df-passed temperature percentiles>",
            "<filters passed heatmap>",
            "<positive access samples ratio>",
            "<access rate>",
            "<access hz>",
            "<box>");

    private AccessKeywords() {}

    /**
     * The keywords of an area of the report.
     *
     * @param ofAttributes whether it is one of data attributes
     */
    public static List<String> of(String area, boolean ofAttributes) {
        List<String> all = area.startsWith("record") ? RECORD : area.startsWith("snapshot") ? SNAPSHOT : REGION;
        if (!ofAttributes) {
            return all;
        }
        List<String> left = new ArrayList<>(all == SNAPSHOT ? List.of(PROBES) : List.of());
        all.stream().filter(k -> !OF_ACCESSES.contains(k)).forEach(left::add);
        return left;
    }
}
