package org.damson.analyzer.fleet.report;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;

/** Figures of groups as tables. */
final class FleetTables {
    static final List<String> NOTES = List.of(
            "a host is what its traces of one service are together, weighted by their time; wss of hosts: percentiles over"
                    + " their mean working sets; wss over time: of a host's snapshots, of several traces the greatest",
            "cold: seen touched, and idle for 120 s or longer; idle: for how long memory that was seen touched has not been"
                    + " accessed, by bytes and time; back: touched again after 120 s, in percent of the working set of 120 s"
                    + " a minute; ages count aggregation intervals, in a recording of referenced bits, whose intervals vary"
                    + " with how late samples come, the first one's");

    private static final List<Column> OF_GROUPS = List.of(
            new Column("traces", "traces", Unit.COUNT),
            new Column("hosts", "hosts", Unit.COUNT),
            new Column("recorded_ns", "recorded", Unit.NS),
            new Column("wss_total_bytes", "wss of all", Unit.BYTES),
            new Column("wss_p50_bytes", "p50 of hosts", Unit.BYTES),
            new Column("wss_p90_bytes", "p90", Unit.BYTES),
            new Column("wss_p98_bytes", "p98", Unit.BYTES),
            new Column("wss_greatest_bytes", "greatest", Unit.BYTES));

    private static final List<Column> OF_HOSTS = List.of(
            new Column("traces", "traces", Unit.COUNT),
            new Column("recorded_ns", "recorded", Unit.NS),
            new Column("wss_mean_bytes", "wss mean", Unit.BYTES),
            new Column("wss_p50_bytes", "p50 of time", Unit.BYTES),
            new Column("wss_p95_bytes", "p95", Unit.BYTES),
            new Column("wss_p99_bytes", "p99", Unit.BYTES),
            new Column("wss_greatest_bytes", "greatest", Unit.BYTES));

    private static final List<Column> OF_IDLE = List.of(
            new Column("cold_bytes", "cold", Unit.BYTES),
            new Column("cold_percent", "cold share", Unit.PERCENT),
            new Column("idle_p50_ns", "idle p50", Unit.NS),
            new Column("idle_p90_ns", "p90", Unit.NS),
            new Column("idle_p99_ns", "p99", Unit.NS));

    private static final List<Column> BACK_OF_GROUPS = List.of(
            new Column("back_p50_percent_per_minute", "back p50 of hosts", Unit.PERCENT_PER_MINUTE),
            new Column("back_p98_percent_per_minute", "p98", Unit.PERCENT_PER_MINUTE));

    private static final Column BACK_OF_HOST = new Column("back_percent_per_minute", "back", Unit.PERCENT_PER_MINUTE);

    private FleetTables() {}

    /**
     * The table of a level.
     *
     * @param groups of all levels, by name
     * @param top how many of the hosts with the greatest working sets; a table for machines has all
     */
    static Section of(Level level, SortedMap<String, GroupFigures> groups, int top) {
        List<Column> columns = new ArrayList<>();
        level.keys.forEach(key -> columns.add(new Column(key, key, Unit.TEXT)));
        columns.addAll(level.isOfHosts() ? OF_HOSTS : OF_GROUPS);
        columns.addAll(OF_IDLE);
        columns.addAll(level.isOfHosts() ? List.of(BACK_OF_HOST) : BACK_OF_GROUPS);
        List<String> names =
                new ArrayList<>(groups.keySet().stream().filter(level::has).toList());
        if (level == Level.HOST) {
            names.sort((a, b) ->
                    Double.compare(groups.get(b).wssTotal(), groups.get(a).wssTotal()));
        }
        List<Object[]> rows = new ArrayList<>();
        for (String name : level == Level.HOST ? names.subList(0, Math.min(top, names.size())) : names) {
            GroupFigures g = groups.get(name);
            Stream<Object> own = level.isOfHosts() ? ofHost(g) : ofGroup(g);
            rows.add(Stream.of(level.values(name).stream().map(v -> (Object) v), own, idle(g), back(level, g))
                    .flatMap(cells -> cells)
                    .toArray());
        }
        return new Section(level.table, level.title, columns, rows);
    }

    private static Stream<Object> ofGroup(GroupFigures g) {
        return Stream.of(
                g.traces(),
                g.hosts(),
                g.recordedNs(),
                g.wssTotal(),
                g.wssOfHosts()[0],
                g.wssOfHosts()[1],
                g.wssOfHosts()[2],
                g.wssOfHosts()[3]);
    }

    private static Stream<Object> ofHost(GroupFigures g) {
        return Stream.of(
                g.traces(),
                g.recordedNs(),
                g.wssTotal(),
                g.wssOverTime()[0],
                g.wssOverTime()[1],
                g.wssOverTime()[2],
                g.wssOverTime()[3]);
    }

    private static Stream<Object> idle(GroupFigures g) {
        if (g.idleNs() == null) {
            return nothing(OF_IDLE.size());
        }
        double share = g.touchedTotal() <= 0 ? 0 : 100 * g.coldTotal() / g.touchedTotal();
        return Stream.of(g.coldTotal(), share, g.idleNs()[0], g.idleNs()[1], g.idleNs()[2]);
    }

    private static Stream<Object> back(Level level, GroupFigures g) {
        if (g.promotionOfHosts() == null) {
            return nothing(level.isOfHosts() ? 1 : BACK_OF_GROUPS.size());
        }
        return level.isOfHosts()
                ? Stream.of(g.promotionOfHosts()[0])
                : Stream.of(g.promotionOfHosts()[0], g.promotionOfHosts()[2]);
    }

    private static Stream<Object> nothing(int columns) {
        return Stream.generate(() -> (Object) null).limit(columns);
    }

    /** How services changed within a week; empty where no host was recorded on both days. */
    static Section changes(SortedMap<String, GroupFigures> groups) {
        List<Object[]> rows = new ArrayList<>();
        for (Level level : List.of(Level.FLEET, Level.SERVICE)) {
            groups.forEach((name, g) -> {
                WeekChange c = g.change();
                if (level.has(name) && c != null) {
                    rows.add(new Object[] {
                        level == Level.FLEET
                                ? "all services"
                                : level.values(name).get(0),
                        c.from(),
                        c.to(),
                        (long) c.hosts(),
                        c.before(),
                        c.mean(),
                        Double.isNaN(c.low()) ? null : (Object) c.low(),
                        Double.isNaN(c.high()) ? null : (Object) c.high()
                    });
                }
            });
        }
        return new Section(
                "changes",
                "mean working set of hosts that were recorded on the last day and a week before; the mean change with 95 %"
                        + " confidence",
                List.of(
                        new Column("service", "service", Unit.TEXT),
                        new Column("from_day", "from", Unit.TEXT),
                        new Column("to_day", "to", Unit.TEXT),
                        new Column("hosts", "hosts", Unit.COUNT),
                        new Column("wss_before_bytes", "before", Unit.BYTES),
                        new Column("change_bytes", "change", Unit.BYTES),
                        new Column("change_low_bytes", "at least", Unit.BYTES),
                        new Column("change_high_bytes", "at most", Unit.BYTES)),
                rows);
    }
}
