package org.damson.analyzer.damo.access;

import java.util.List;

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

    private AccessKeywords() {}

    /** The keywords of an area of the report. */
    public static List<String> of(String area) {
        return area.startsWith("record") ? RECORD : area.startsWith("snapshot") ? SNAPSHOT : REGION;
    }
}
