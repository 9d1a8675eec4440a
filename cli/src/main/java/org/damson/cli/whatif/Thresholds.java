package org.damson.cli.whatif;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.analyzer.openloop.SweepGrid;
import org.damson.analyzer.tune.Variable;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;

/** What {@code --sweep} says, of one trace and of many. */
public final class Thresholds {
    public static final Option OPTION = Shared.expert(Shared.repeatable(Shared.value(
            null,
            "sweep",
            "THRESHOLD=VALUES",
            "instead of a scheme: CSV of what stat schemes without quota would try at every combination of "
                    + "min_age, max_access and min_size, as in min_age=1s..60s/1s")));

    private Thresholds() {}

    /** The grid that all of them span. */
    public static SweepGrid grid(CommandLine line) {
        Map<String, List<Long>> values = new HashMap<>();
        for (String text : line.getOptionValues(OPTION)) {
            Variable v = WhatIf.words("--sweep", () -> Variable.of(text));
            if (!List.of("min_age", "max_access", "min_size").contains(v.parameter()) || v.scheme() != 0) {
                throw new UsageException("--sweep takes min_age, max_access and min_size, not " + text);
            }
            if (values.put(v.parameter(), v.values()) != null) {
                throw new UsageException("--sweep: " + v.parameter() + " is given twice");
            }
        }
        return new SweepGrid(
                longs(values.getOrDefault("min_age", List.of(0L))),
                values.getOrDefault("max_access", List.of((long) Integer.MAX_VALUE)).stream()
                        .mapToInt(Long::intValue)
                        .toArray(),
                longs(values.getOrDefault("min_size", List.of(0L))));
    }

    private static long[] longs(List<Long> values) {
        return values.stream().mapToLong(v -> v).toArray();
    }
}
