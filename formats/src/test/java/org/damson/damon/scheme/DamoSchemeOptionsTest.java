package org.damson.damon.scheme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every option of damo's command line that is about a scheme. */
final class DamoSchemeOptionsTest {
    private static final Map<String, String> OPTIONS = new TreeMap<>(Map.ofEntries(
            Map.entry("--damos_action", "migrate_hot 0 1 1 3"),
            Map.entry("--damos_sz_region", "4K 8K"),
            Map.entry("--damos_access_rate", "10 20"),
            Map.entry("--damos_age", "1s 2s"),
            Map.entry("--damos_apply_interval", "1s"),
            Map.entry("--damos_quotas", "1 2M 1s 1 2 3"),
            Map.entry("--damos_quota_interval", "3s"),
            Map.entry("--damos_quota_time", "3ms"),
            Map.entry("--damos_quota_space", "3M"),
            Map.entry("--damos_quota_weights", "4 5 6"),
            Map.entry("--damos_quota_fail_charge_ratio", "1 3"),
            Map.entry("--damos_quota_goal", "node_memcg_used_bp 69.7% 0 workloads/b"),
            Map.entry("--damos_quota_goal_tuner", "temporal"),
            Map.entry("--damos_nr_quota_goals", "1"),
            Map.entry("--damos_wmarks", "free_mem_rate 5s 50% 40% 20%"),
            Map.entry("--damos_filter", "reject memcg /a"),
            Map.entry("--damos_nr_filters", "1"),
            Map.entry("--damos_max_nr_snapshots", "7")));

    @Test
    void everyOptionOfDamoGetsIntoTheScheme() {
        assertEquals(new TreeSet<>(DamoSchemeOptions.OPTIONS), new TreeSet<>(OPTIONS.keySet()));
        for (Map.Entry<String, String> o : OPTIONS.entrySet()) {
            String base = o.getKey().equals("--damos_nr_quota_goals")
                    ? " --damos_quota_goal user_input 3 1 --damos_quota_goal user_input 4 1"
                    : o.getKey().equals("--damos_nr_filters")
                            ? " --damos_filter reject anon --damos_filter reject young"
                            : "";
            String action = o.getKey().equals("--damos_action") ? "" : "--damos_action pageout";
            assertNotEquals(
                    SchemeParser.parse("--damos_action pageout" + base),
                    SchemeParser.parse((action + base + " " + o.getKey() + " " + o.getValue()).strip()),
                    o.getKey());
        }
    }
}
