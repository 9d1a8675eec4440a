package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.workingset.Footprint;
import org.damson.analyzer.workingset.Sizing;
import org.damson.analyzer.workingset.WorkingSetResult.Series;

/** Process and system memory usage: percentiles of it, and beside the working set. */
public final class FootprintTable {
    private static final int[] PERCENTS = {0, 25, 50, 75, 90, 95, 99, 100};
    private static final List<Integer> UPPER = List.of(50, 75, 90, 95, 99, 100);

    /** Said where nothing is known of any process. */
    public static final String NO_FOOTPRINT = "the trace has no footprints of processes";

    /** One of the samples of a size. */
    private record Sample(String name, Series series, int index) {}

    /** Sizes at a percentile, each at its own; null where the trace has none. */
    private record AtPercent(Sizing sizing, int percent) {
        Long workingSet() {
            Series total = sizing.needed().total();
            return total.length() == 0 ? null : of(total);
        }

        Long resident() {
            return of(sizing.footprint().resident());
        }

        Long systemUsed() {
            return of(sizing.footprint().systemUsed());
        }

        private Long of(Series series) {
            return series == null ? null : (Long) series.bySize(percent);
        }

        Long gap() {
            Long resident = resident();
            Long needed = workingSet();
            return resident == null || needed == null ? null : (Long) (resident - needed);
        }

        Double gapPercent() {
            Long resident = resident();
            Long gap = gap();
            return gap == null || resident == 0 ? null : (Double) (100.0 * gap / resident);
        }
    }

    private static final Columns<Map.Entry<String, Series>> PERCENTILES = percentiles();

    private static final Columns<Sample> SAMPLES = new Columns<Sample>()
            .add("size", "size", Unit.TEXT, Sample::name)
            .add("time_ns", "time", Unit.NS, s -> s.series.startNs(s.index))
            .add("bytes", "bytes", Unit.BYTES, s -> s.series.size(s.index));

    private static final Columns<AtPercent> SIZING = new Columns<AtPercent>()
            .add("percent_of_time", "of time", Unit.PERCENT, at -> (double) at.percent)
            .add("working_set_bytes", "working set", Unit.BYTES, AtPercent::workingSet)
            .add("resident_bytes", "resident", Unit.BYTES, AtPercent::resident)
            .add("gap_bytes", "gap", Unit.BYTES, AtPercent::gap)
            .add("gap_percent", "of resident", Unit.PERCENT, AtPercent::gapPercent)
            .add("system_used_bytes", "system used", Unit.BYTES, AtPercent::systemUsed);

    private FootprintTable() {}

    private static Columns<Map.Entry<String, Series>> percentiles() {
        Columns<Map.Entry<String, Series>> columns =
                new Columns<Map.Entry<String, Series>>().add("size", "size", Unit.TEXT, Map.Entry::getKey);
        for (int p : PERCENTS) {
            columns.add(
                    "p" + p + "_bytes", "p" + p, Unit.BYTES, e -> e.getValue().bySize(p));
        }
        return columns;
    }

    /** Percentiles over time of each size, and each sample. */
    public static TableReport of(Footprint footprint) {
        List<Sample> samples = new ArrayList<>();
        footprint.sizes().forEach((name, series) -> {
            for (int i = 0; i < series.length(); i++) {
                samples.add(new Sample(name, series, i));
            }
        });
        return new TableReport(
                List.of(
                        PERCENTILES.section(
                                "percentiles",
                                "footprint, percentiles of its samples",
                                footprint.sizes().entrySet()),
                        SAMPLES.section("series", null, samples)),
                footprint.sizes().isEmpty() ? List.of(NO_FOOTPRINT) : List.of());
    }

    /** Upper percentiles of the working set, of what was resident, and of what lies between. */
    public static TableReport of(Sizing sizing) {
        List<String> notes = new ArrayList<>();
        notes.add(WorkingSetTable.note(sizing.needed()));
        notes.add("resident = sum of the processes' resident sets; gap = resident less working set, each at its own"
                + " percentile");
        if (sizing.footprint().resident() == null) {
            notes.add(NO_FOOTPRINT);
        }
        return new TableReport(
                List.of(SIZING.section(
                        "sizing",
                        "memory needed, and memory resident",
                        UPPER.stream().map(p -> new AtPercent(sizing, p)).toList())),
                notes);
    }
}
