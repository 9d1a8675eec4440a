package org.damson.damon.scheme;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Published schemes, under the names that their authors gave them. */
final class Presets {
    /** A description, and the schemes in the syntax of {@link SchemeParser}. */
    record Preset(String what, List<String> schemes) {}

    private static final Map<String, Preset> ALL = new LinkedHashMap<>();

    static {
        put(
                "prcl",
                "proactive reclaim: page out what was idle for 5 s",
                "pageout size=4K..max access=0..0 age=5s..max");
        put(
                "ethp",
                "huge pages for what is accessed in 5 % of samples, none for what was idle for 7 s",
                "hugepage access=5%..max",
                "nohugepage size=2M..max access=0..0 age=7s..max");
        put(
                "plrus",
                "sort the LRU lists: hot from 20 % up, cold from 5 s idle; 20 ms each per second",
                "lru_prio access=20%..max quotas/ms=20 quotas/reset_interval_ms=1000"
                        + " quotas/weights/nr_accesses_permil=3 quotas/weights/age_permil=7",
                "lru_deprio access=0..0 age=5s..max quotas/ms=20 quotas/reset_interval_ms=1000"
                        + " quotas/weights/nr_accesses_permil=3 quotas/weights/age_permil=7");
        put(
                "pdarc",
                "reclaim with 50 ms per second, coldest first",
                "pageout size=4K..max access=0..0 age=5s..max quotas/ms=50 quotas/reset_interval_ms=1000"
                        + " quotas/weights/nr_accesses_permil=3 quotas/weights/age_permil=7"
                        + " watermarks/metric=free_mem_rate watermarks/interval_us=5000000"
                        + " watermarks/high=1000 watermarks/mid=999 watermarks/low=0");
        put(
                "damon_reclaim",
                "the kernel's DAMON_RECLAIM with its defaults",
                "pageout size=4K..max access=0..0 age=120s..max quotas/ms=10 quotas/bytes=128M"
                        + " quotas/reset_interval_ms=1000 quotas/weights/age_permil=1"
                        + " watermarks/metric=free_mem_rate watermarks/interval_us=5000000"
                        + " watermarks/high=500 watermarks/mid=400 watermarks/low=200");
        put(
                "damon_lru_sort",
                "the kernel's DAMON_LRU_SORT with its defaults",
                "lru_prio size=4K..max access=50%..max quotas/ms=5 quotas/reset_interval_ms=1000"
                        + " quotas/weights/nr_accesses_permil=1"
                        + " watermarks/metric=free_mem_rate watermarks/interval_us=5000000"
                        + " watermarks/high=200 watermarks/mid=150 watermarks/low=50",
                "lru_deprio size=4K..max access=0..0 age=120s..max quotas/ms=5 quotas/reset_interval_ms=1000"
                        + " quotas/weights/age_permil=1"
                        + " watermarks/metric=free_mem_rate watermarks/interval_us=5000000"
                        + " watermarks/high=200 watermarks/mid=150 watermarks/low=50");
        put(
                "tier",
                "two tiers, in the manner of HMSDK: demote what was idle for 30 s, promote what is accessed in 5 %",
                "migrate_cold access=0..0 age=30s..max target_nid=1",
                "migrate_hot access=5%..max target_nid=0");
        put(
                "tmo",
                "reclaim driven by memory pressure, in the manner of TMO: 0.1 % stall per second",
                "pageout size=4K..max access=0..0 quotas/bytes=1G quotas/reset_interval_ms=1000"
                        + " quotas/weights/age_permil=1 quotas/goals/0/target_metric=some_mem_psi_us"
                        + " quotas/goals/0/target_value=1000");
    }

    private Presets() {}

    private static void put(String name, String what, String... schemes) {
        ALL.put(name, new Preset(what, List.of(schemes)));
    }

    static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /** The preset of this name, or null. */
    static Preset of(String name) {
        return ALL.get(name);
    }
}
