package org.damson.damon;

import java.util.List;
import java.util.Map;

/** DAMON's events by name. */
public final class DamonEvents {
    /** The group of all of them in tracefs. */
    public static final String GROUP = "damon";

    /** Those whose numbers are kept, of {@code scheme_stats}, and what these are called. */
    private static final Map<String, List<String>> STATISTICS = Map.of(
            "damos_stat_after_apply_interval",
            List.of(
                    "nr_tried",
                    "sz_tried",
                    "nr_applied",
                    "sz_applied",
                    "sz_ops_filter_passed",
                    "qt_exceeds",
                    "nr_snapshots"),
            "damos_esz",
            List.of("esz"));

    private DamonEvents() {}

    /** The numbers that an event has of a scheme, by the names of its fields. */
    public static List<String> statistics(String event) {
        return STATISTICS.getOrDefault(event, List.of());
    }

    /**
     * What a number of a scheme is called in a trace.
     *
     * @param isAgain whether the text of the event had a number of this name before
     */
    public static String statistic(String event, String field, boolean isAgain) {
        // Linux 7.0 prints the bytes applied under the name of those tried, a second time.
        return event + "." + (isAgain && field.equals("sz_tried") ? "sz_applied" : field);
    }

    /** {@link EventColumns#kind} of an event; 0 if nothing is known of it but its name. */
    public static byte kind(String event) {
        return switch (event) {
            case "damon_aggregated" -> EventColumns.REGION;
            case "damon_region_aggregated" -> EventColumns.REGION_WITH_HITS;
            case "damos_before_apply" -> EventColumns.BEFORE_APPLY;
            case "damon_monitor_intervals_tune" -> EventColumns.TUNED;
            default -> STATISTICS.containsKey(event) ? EventColumns.STATISTIC : 0;
        };
    }
}
