package org.damson.recorder.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.damson.damon.scheme.SchemeParser;
import org.damson.damon.setup.DamonSetup;
import org.damson.damon.setup.SetupFile;
import org.junit.jupiter.api.Test;

/** Every word that a scheme or a set-up may have gets to the kernel, or is refused by name. */
final class SetupVocabularyTest {
    /** A word's path with what else the scheme has, and a value that the kernel has to be told. */
    private record Word(String path, String scheme, String value) {}

    private static final String GOAL =
            "pageout quotas/goals/0/target_metric=user_input quotas/goals/0/target_value=100";
    private static final String MARKS =
            "pageout watermarks/metric=free_mem_rate watermarks/high=500 watermarks/mid=400 watermarks/low=200";
    private static final String ADDRESSES = "pageout filters/0/type=addr filters/0/addr_start=1M filters/0/addr_end=2M";

    private static final List<Word> WORDS = List.of(
            new Word("action", "", "stat"),
            new Word("target_nid", "migrate_cold", "1"),
            new Word("apply_interval_us", "pageout", "300000"),
            new Word("max_nr_snapshots", "pageout", "5"),
            new Word("access_pattern/sz/min", "pageout", "5M"),
            new Word("access_pattern/sz/max", "pageout", "1M"),
            new Word("access_pattern/nr_accesses/min", "pageout", "1"),
            new Word("access_pattern/nr_accesses/max", "pageout", "2"),
            new Word("access_pattern/age/min", "pageout", "10aggr"),
            new Word("access_pattern/age/max", "pageout", "5aggr"),
            new Word("quotas/ms", "pageout", "1"),
            new Word("quotas/bytes", "pageout", "1M"),
            new Word("quotas/reset_interval_ms", "pageout", "200"),
            new Word("quotas/weights/sz_permil", "pageout", "10"),
            new Word("quotas/weights/nr_accesses_permil", "pageout", "10"),
            new Word("quotas/weights/age_permil", "pageout", "10"),
            new Word("quotas/goal_tuner", GOAL, "temporal"),
            new Word("quotas/fail_charge_num", "pageout", "1"),
            new Word("quotas/fail_charge_denom", "pageout", "3"),
            new Word("quotas/goals/N/target_metric", GOAL, "some_mem_psi_us"),
            new Word("quotas/goals/N/target_value", GOAL, "150"),
            new Word("quotas/goals/N/current_value", GOAL, "50"),
            new Word("quotas/goals/N/nid", GOAL, "1"),
            new Word("quotas/goals/N/path", GOAL, "/a"),
            new Word("watermarks/metric", "pageout", "free_mem_rate"),
            new Word("watermarks/interval_us", MARKS, "1000"),
            new Word("watermarks/high", MARKS, "600"),
            new Word("watermarks/mid", MARKS, "300"),
            new Word("watermarks/low", MARKS, "100"),
            new Word("filters/N/type", ADDRESSES, "anon"),
            new Word("filters/N/matching", ADDRESSES, "N"),
            new Word("filters/N/allow", ADDRESSES, "Y"),
            new Word("filters/N/addr_start", ADDRESSES, "4K"),
            new Word("filters/N/addr_end", ADDRESSES, "3M"),
            new Word("filters/N/damon_target_idx", "pageout filters/0/type=target", "5"),
            new Word("filters/N/memcg_path", "pageout filters/0/type=memcg", "/a"),
            new Word("filters/N/min", "pageout filters/0/type=hugepage_size", "2M"),
            new Word("filters/N/max", "pageout filters/0/type=hugepage_size", "2M"),
            new Word("dests/N/id", "migrate_hot dests/0/weight=1", "1"),
            new Word("dests/N/weight", "migrate_hot dests/0/id=1", "3"));

    /** Keys of set-up files with what sets them; what stands for nothing that is set up has no text. */
    private static final Map<String, String> KEYS = new TreeMap<>(Map.ofEntries(
            Map.entry("a kdamond/contexts", "contexts: [{addr_unit: 8192}]"),
            Map.entry("a kdamond/refresh_ms", "kdamonds: [{contexts: [{}], refresh_ms: 3}]"),
            Map.entry("a context/ops", "ops: fvaddr"),
            Map.entry("a context/operations", "operations: paddr"),
            Map.entry("a context/addr_unit", "addr_unit: 4096"),
            Map.entry("a context/targets", "targets: [{pid: 42}]"),
            Map.entry("a context/intervals", "intervals: {sample_us: 2000}"),
            Map.entry("a context/nr_regions", "nr_regions: {min: 20}"),
            Map.entry("a context/schemes", "schemes: [{action: stat}]"),
            Map.entry("a context/probes", "probes: [{filters: [{filter_type: anon, matching: Y, allow: Y}]}]"),
            Map.entry("a context/sample_control", "sample_control: {primitives_enabled: {page_fault: true}}"),
            Map.entry("a context/pause", "pause: true"),
            Map.entry("intervals/sample_us", "intervals: {sample_us: 1ms}"),
            Map.entry("intervals/aggr_us", "intervals: {aggr_us: 1s}"),
            Map.entry("intervals/ops_update_us", "intervals: {ops_update_us: 2s}"),
            Map.entry("intervals/intervals_goal", goal("4%", "3", "5ms", "10s")),
            Map.entry("intervals_goal/access_bp", goal("5%", "3", "5ms", "10s")),
            Map.entry("intervals_goal/aggrs", goal("4%", "2", "5ms", "10s")),
            Map.entry("intervals_goal/min_sample_us", goal("4%", "3", "6ms", "10s")),
            Map.entry("intervals_goal/max_sample_us", goal("4%", "3", "5ms", "9s")),
            Map.entry("nr_regions/min", "nr_regions: {min: 30}"),
            Map.entry("nr_regions/max", "nr_regions: {max: 30}"),
            Map.entry("a target/pid", "targets: [{pid: 43}]"),
            Map.entry("a target/obsolete", "targets: [{pid: 42, obsolete: true}]"),
            Map.entry("a target/regions", "targets: [{pid: 42, regions: [{start: 4096, end: 8192}]}]")));

    /** What damo writes of a running kdamond, and names. */
    private static final List<String> NOT_SET_UP =
            List.of("a kdamond/state", "a kdamond/pid", "a kdamond/name", "a context/name");

    private static String goal(String share, String aggrs, String least, String most) {
        return "intervals: {intervals_goal: {access_bp: " + share + ", aggrs: " + aggrs + ", min_sample_us: " + least
                + ", max_sample_us: " + most + "}}";
    }

    @Test
    void everyWordOfASchemeIsWrittenOrNamed() {
        assertEquals(
                new TreeSet<>(SchemeParser.paths()),
                new TreeSet<>(WORDS.stream().map(Word::path).toList()));
        List<String> silent = new ArrayList<>();
        for (Word w : WORDS) {
            String path = w.path().replace("N", "0");
            String without = w.scheme().replaceAll(" " + path + "=\\S+", "");
            String given =
                    w.path().startsWith("access_pattern/") ? pattern(w) : (without + " " + path + "=" + w.value());
            String base = w.scheme().isEmpty() ? "pageout" : w.scheme();
            try {
                if (writes(base).equals(writes(given.strip()))) {
                    silent.add(given);
                }
            } catch (IllegalArgumentException e) {
                if (!e.getMessage().contains(path)) {
                    silent.add(given + ": " + e.getMessage());
                }
            }
        }
        assertEquals(List.of(), silent);
    }

    private static String pattern(Word w) {
        String[] p = w.path().split("/");
        String name =
                Map.of("sz", "size", "nr_accesses", "access", "age", "age").get(p[1]);
        return "pageout " + name + "=" + (p[2].equals("min") ? w.value() + ".." : ".." + w.value());
    }

    private static List<SetupWrites.Write> writes(String scheme) {
        return SetupWrites.of(DamonSetup.DEFAULT.withSchemes(SchemeParser.parse(scheme)));
    }

    @Test
    void everyKeyOfASetUpIsWrittenOrNamed() {
        TreeSet<String> all = new TreeSet<>(KEYS.keySet());
        all.addAll(NOT_SET_UP);
        assertEquals(new TreeSet<>(SetupFile.keys()), all);
        // Each key has to tell the kernel something that no other key's text tells.
        Map<List<SetupWrites.Write>, String> told = new HashMap<>();
        told.put(SetupWrites.of(SetupFile.parse("{}")), "nothing");
        List<String> silent = new ArrayList<>();
        for (Map.Entry<String, String> key : KEYS.entrySet()) {
            try {
                String same = told.put(SetupWrites.of(SetupFile.parse(key.getValue())), key.getKey());
                if (same != null) {
                    silent.add(key.getKey() + " as " + same);
                }
            } catch (IllegalArgumentException e) {
                String name = key.getKey().substring(key.getKey().indexOf('/') + 1);
                if (!e.getMessage().contains(name)) {
                    silent.add(key.getKey() + ": " + e.getMessage());
                }
            }
        }
        assertEquals(List.of(), silent);
    }
}
