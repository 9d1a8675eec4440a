package org.damson.analyzer.render.table;

import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.damson.analyzer.openloop.Sweep;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.damon.scheme.Scheme;

/** What schemes of all thresholds would have tried over a trace: a line for each combination. */
public final class SweepTable {
    private record Point(Sweep sweep, int at) {}

    private SweepTable() {}

    public static TableReport of(Sweep.Answer answer) {
        Sweep sweep = answer.sweep();
        Columns<Point> columns = new Columns<Point>()
                .add("min_age_aggrs", "min age, aggrs", Unit.COUNT, p -> scheme(p)
                        .age()
                        .min())
                .add("max_nr_accesses", "max accesses", Unit.COUNT, p -> scheme(p)
                        .access()
                        .max())
                .add("min_size_bytes", "min size", Unit.BYTES, p -> scheme(p)
                        .size()
                        .min());
        columns.addAll(tried(p -> sweep.tried(p.at), p -> sweep.least(p.at), p -> sweep.most(p.at)), p -> p);
        return new TableReport(
                List.of(columns.section(
                        "points",
                        "what stat schemes without quota would have tried",
                        IntStream.range(0, sweep.points())
                                .mapToObj(i -> new Point(sweep, i))
                                .toList())),
                answer.notes());
    }

    private static Scheme scheme(Point p) {
        return p.sweep.scheme(p.at);
    }

    /** Regions and bytes with their bounds. */
    public static <P> Columns<P> tried(
            Function<P, Sweep.Tried> tried, Function<P, Sweep.Tried> least, Function<P, Sweep.Tried> most) {
        return new Columns<P>()
                .add("nr_tried", "regions tried", Unit.COUNT, p -> tried.apply(p)
                        .regions())
                .add("sz_tried", "tried", Unit.BYTES, p -> tried.apply(p).bytes())
                .add("nr_tried_min", "at least", Unit.COUNT, p -> least.apply(p).regions())
                .add("nr_tried_max", "at most", Unit.COUNT, p -> most.apply(p).regions())
                .add("sz_tried_min", "at least", Unit.BYTES, p -> least.apply(p).bytes())
                .add("sz_tried_max", "at most", Unit.BYTES, p -> most.apply(p).bytes());
    }
}
