package org.damson.analyzer.damos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.openloop.NotSimulated;
import org.damson.analyzer.openloop.OpenLoop;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.analyzer.whatif.Made;
import org.damson.damon.scheme.Action;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeParser;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every word that a scheme may have changes the answer, or the answer names it as not simulated. */
final class VocabularyTest {
    /** A word's path with what else the scheme has, the value that must not pass unseen, and what a note says if it does. */
    private record Word(String path, String scheme, String value, String note) {}

    private static final String QUOTA = "pageout quotas/bytes=8M quotas/reset_interval_ms=200";
    private static final String GOAL =
            QUOTA + " quotas/goals/0/target_metric=user_input quotas/goals/0/target_value=100"
                    + " quotas/goals/0/current_value=200";
    private static final String MARKS =
            "pageout watermarks/metric=free_mem_rate watermarks/high=500 watermarks/mid=400" + " watermarks/low=200";
    private static final String ADDRESSES =
            "pageout filters/0/type=addr filters/0/addr_start=1025M filters/0/addr_end=1030M";

    private static final List<Word> WORDS = List.of(
            new Word("action", "", "stat", null),
            new Word("target_nid", "migrate_cold", "1", "nodes and their weights"),
            new Word("apply_interval_us", "pageout", "300000", null),
            new Word("max_nr_snapshots", "pageout", "5", "max_nr_snapshots"),
            new Word("access_pattern/sz/min", "pageout", "5M", null),
            new Word("access_pattern/sz/max", "pageout", "1M", null),
            new Word("access_pattern/nr_accesses/min", "pageout", "1", null),
            new Word("access_pattern/nr_accesses/max", "pageout", "0", null),
            new Word("access_pattern/age/min", "pageout", "10aggr", null),
            new Word("access_pattern/age/max", "stat", "5aggr", null),
            new Word("quotas/ms", "pageout", "1", "never in force"),
            new Word("quotas/bytes", "pageout", "1M", "never in force"),
            new Word("quotas/reset_interval_ms", "pageout quotas/bytes=1M", "200", null),
            new Word("quotas/weights/sz_permil", QUOTA, "10", "weights/sz_permil"),
            new Word("quotas/weights/nr_accesses_permil", QUOTA, "10", null),
            new Word("quotas/weights/age_permil", "pageout quotas/bytes=4M quotas/reset_interval_ms=2000", "10", null),
            new Word("quotas/goal_tuner", GOAL.replace("=200", "=50"), "temporal", "goal_tuner"),
            new Word("quotas/fail_charge_num", QUOTA + " quotas/fail_charge_denom=3", "1", "fail_charge"),
            new Word("quotas/fail_charge_denom", QUOTA + " quotas/fail_charge_num=1", "3", "fail_charge"),
            new Word("quotas/goals/N/target_metric", GOAL, "some_mem_psi_us", "some_mem_psi_us"),
            new Word("quotas/goals/N/target_value", GOAL, "150", "of 150"),
            new Word("quotas/goals/N/current_value", GOAL, "50", "stays 50"),
            new Word("quotas/goals/N/nid", GOAL, "1", "node and group"),
            new Word("quotas/goals/N/path", GOAL, "/a", "node and group"),
            new Word("watermarks/metric", "pageout", "free_mem_rate", "watermarks"),
            new Word("watermarks/interval_us", MARKS, "1000", "watermarks"),
            new Word("watermarks/high", MARKS, "600", "watermarks"),
            new Word("watermarks/mid", MARKS, "300", "watermarks"),
            new Word("watermarks/low", MARKS, "100", "watermarks"),
            new Word("filters/N/type", "pageout", "anon", "filter anon"),
            new Word("filters/N/matching", ADDRESSES, "N", null),
            new Word("filters/N/allow", ADDRESSES, "Y", "filters that allow"),
            new Word("filters/N/addr_start", ADDRESSES, "1027M", null),
            new Word("filters/N/addr_end", ADDRESSES, "1027M", null),
            new Word("filters/N/damon_target_idx", "pageout filters/0/type=target", "5", null),
            new Word("filters/N/memcg_path", "pageout filters/0/type=memcg", "/a", "filter memcg"),
            new Word("filters/N/min", "pageout filters/0/type=hugepage_size", "2M", "filter hugepage_size"),
            new Word("filters/N/max", "pageout filters/0/type=hugepage_size", "2M", "filter hugepage_size"),
            new Word("dests/N/id", "migrate_hot dests/0/weight=1", "1", "nodes and their weights"),
            new Word("dests/N/weight", "migrate_hot dests/0/id=1", "3", "nodes and their weights"));

    private record Answer(String numbers, List<String> notes) {}

    private static Answer answer(TraceSource trace, String scheme, KernelVersion kernel) throws Exception {
        StringBuilder b = new StringBuilder();
        OpenLoopResult r = OpenLoop.run(
                trace,
                TraceQuery.ALL,
                SchemeParser.parse(scheme),
                new OpenLoopOptions(kernel, false, 4096, kernel),
                OutcomeOptions.DEFAULTS,
                (k, target, start, end, nr, age) -> b.append(start + "-" + end + " " + nr + " " + age + "\n"));
        for (OpenLoopResult.PerScheme s : r.schemes()) {
            b.append(s.szTriedMin() + " " + s.szTriedMax() + " " + s.szAppliedMax() + " " + s.stats().nrApplied);
        }
        return new Answer(b + " " + r.outcome(), r.notes());
    }

    @Test
    void everyWordIsSimulatedOrNamed(@TempDir Path dir) throws Exception {
        assertEquals(
                new TreeSet<>(SchemeParser.paths()),
                new TreeSet<>(WORDS.stream().map(Word::path).toList()));
        try (TraceSource trace = new Made(dir, "words")
                .turns(30, 0, 0, 5, 20, 0)
                .turns(30, 0, 3, 5, 0, 0)
                .turns(20, 2, 3, 0, 0, 0)
                .open()) {
            List<String> silent = new ArrayList<>();
            for (Word w : WORDS) {
                for (KernelVersion kernel : KernelVersion.values()) {
                    String base = w.scheme().isEmpty() ? "pageout" : w.scheme();
                    String word = w.path().replace("N", "0") + "=" + w.value();
                    // A word that is there already is replaced.
                    String rest = w.path().equals("action")
                            ? ""
                            : base.replaceAll(" " + w.path().replace("N", "0") + "=\\S+", "");
                    String given =
                            switch (w.path()) {
                                case "access_pattern/sz/min" -> "pageout size=" + w.value() + "..max";
                                case "access_pattern/sz/max" -> "pageout size=0.." + w.value();
                                case "access_pattern/nr_accesses/min" -> "pageout access=" + w.value() + "..max";
                                case "access_pattern/nr_accesses/max" -> "pageout access=0.." + w.value();
                                case "access_pattern/age/min" -> "pageout age=" + w.value() + "..max";
                                case "access_pattern/age/max" -> "stat age=0.." + w.value();
                                default -> (rest + " " + word).strip();
                            };
                    Answer a = answer(trace, base, kernel);
                    Answer b = answer(trace, given, kernel);
                    boolean named = w.note() != null && b.notes().stream().anyMatch(n -> n.contains(w.note()));
                    if (a.numbers().equals(b.numbers()) && !named) {
                        silent.add(kernel + " " + given);
                    }
                }
            }
            assertEquals(List.of(), silent);
        }
    }

    @Test
    void whatStandsBesideSchemesInADocumentIsNamed() {
        List<Scheme> s = SchemeParser.parse("{\"kdamonds\":[{\"state\":\"on\",\"contexts\":[{\"ops\":\"vaddr\","
                + "\"probes\":[],\"schemes\":[{\"action\":\"stat\",\"quotas\":{\"fail_charge_num\":\"1\"}}]}]}]}");
        assertEquals(List.of("ops", "probes"), s.get(0).unused());
        assertTrue(NotSimulated.of(s, KernelVersion.V7_2, false).get(0).contains("not simulated: ops, probes"));
    }

    /** The kernel tries, and charges, what an action matches that it does not do to these addresses; applied is nothing. */
    @Test
    void anActionDoesNothingWhereTheKernelDoesNot(@TempDir Path dir) throws Exception {
        try (TraceSource trace =
                new Made(dir, "actions").turns(30, 0, 0, 5, 20, 0).open()) {
            for (KernelVersion kernel : KernelVersion.values()) {
                for (boolean physical : new boolean[] {false, true}) {
                    for (Action action : Action.values()) {
                        List<Scheme> schemes = SchemeParser.parse(action.word());
                        OpenLoopResult r = OpenLoop.run(
                                trace,
                                TraceQuery.ALL,
                                schemes,
                                new OpenLoopOptions(kernel, physical, 4096, kernel),
                                OutcomeOptions.DEFAULTS,
                                null);
                        OpenLoopResult.PerScheme s = r.schemes().get(0);
                        String what = action + " " + kernel + " " + physical;
                        assertTrue(s.stats().szTried > 0, what);
                        boolean isNamed = r.notes().stream().anyMatch(n -> n.contains("does nothing to "));
                        assertEquals(!kernel.does(action, physical), isNamed, what);
                        if (isNamed) {
                            assertEquals(0, s.szAppliedMax(), what);
                            assertEquals(0, s.stats().nrApplied, what);
                            assertEquals(0, r.outcome().savedBytes().most(), what);
                            assertEquals(0, r.outcome().sortedBytes(), what);
                        }
                        assertEquals(
                                !kernel.has(action),
                                r.notes().stream().anyMatch(n -> n.contains("has no action")),
                                what);
                    }
                }
            }
        }
        assertTrue(KernelVersion.V6_18.does(Action.MIGRATE_HOT, false));
        assertFalse(KernelVersion.V6_12.does(Action.MIGRATE_HOT, false));
        assertFalse(KernelVersion.V7_3.does(Action.LRU_PRIO, false));
        assertFalse(KernelVersion.V7_3.does(Action.HUGEPAGE, true));
    }
}
