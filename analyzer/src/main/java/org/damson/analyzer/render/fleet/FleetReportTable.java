package org.damson.analyzer.render.fleet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.damson.analyzer.fleet.report.FleetReportResult;
import org.damson.analyzer.fleet.report.FleetReportResult.Group;
import org.damson.analyzer.fleet.report.GroupFigures;
import org.damson.analyzer.fleet.report.Level;
import org.damson.analyzer.fleet.report.WeekChange;
import org.damson.analyzer.render.table.Columns;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;

/** Working sets and idle memory of many hosts. */
public final class FleetReportTable {
    private static final List<String> NOTES = List.of(
            "a host is what its traces of one service are together, weighted by their time; wss of hosts: percentiles over"
                    + " their mean working sets; wss over time: of a host's snapshots, of several traces the greatest",
            "cold: seen touched, and idle for 120 s or longer; idle: for how long memory that was seen touched has not been"
                    + " accessed, by bytes and time; back: touched again after 120 s, in percent of the working set of 120 s"
                    + " a minute; ages count aggregation intervals, in a recording of referenced bits, whose intervals vary"
                    + " with how late samples come, the first one's");

    private static final Columns<GroupFigures> OF_GROUPS = new Columns<GroupFigures>()
            .add("traces", "traces", Unit.COUNT, GroupFigures::traces)
            .add("hosts", "hosts", Unit.COUNT, GroupFigures::hosts)
            .add("recorded_ns", "recorded", Unit.NS, GroupFigures::recordedNs)
            .add("wss_total_bytes", "wss of all", Unit.BYTES, GroupFigures::wssTotal)
            .add("wss_p50_bytes", "p50 of hosts", Unit.BYTES, g -> g.wssOfHosts()[0])
            .add("wss_p90_bytes", "p90", Unit.BYTES, g -> g.wssOfHosts()[1])
            .add("wss_p98_bytes", "p98", Unit.BYTES, g -> g.wssOfHosts()[2])
            .add("wss_greatest_bytes", "greatest", Unit.BYTES, g -> g.wssOfHosts()[3]);

    private static final Columns<GroupFigures> OF_HOSTS = new Columns<GroupFigures>()
            .add("traces", "traces", Unit.COUNT, GroupFigures::traces)
            .add("recorded_ns", "recorded", Unit.NS, GroupFigures::recordedNs)
            .add("wss_mean_bytes", "wss mean", Unit.BYTES, GroupFigures::wssTotal)
            .add("wss_p50_bytes", "p50 of time", Unit.BYTES, g -> g.wssOverTime()[0])
            .add("wss_p95_bytes", "p95", Unit.BYTES, g -> g.wssOverTime()[1])
            .add("wss_p99_bytes", "p99", Unit.BYTES, g -> g.wssOverTime()[2])
            .add("wss_greatest_bytes", "greatest", Unit.BYTES, g -> g.wssOverTime()[3]);

    private static final Columns<GroupFigures> OF_IDLE = new Columns<GroupFigures>()
            .add("cold_bytes", "cold", Unit.BYTES, GroupFigures::coldTotal)
            .add("cold_percent", "cold share", Unit.PERCENT, GroupFigures::coldPercent)
            .add("idle_p50_ns", "idle p50", Unit.NS, g -> g.idleNs()[0])
            .add("idle_p90_ns", "p90", Unit.NS, g -> g.idleNs()[1])
            .add("idle_p99_ns", "p99", Unit.NS, g -> g.idleNs()[2]);

    private static final Columns<double[]> BACK_OF_GROUPS = new Columns<double[]>()
            .add("back_p50_percent_per_minute", "back p50 of hosts", Unit.PERCENT_PER_MINUTE, back -> back[0])
            .add("back_p98_percent_per_minute", "p98", Unit.PERCENT_PER_MINUTE, back -> back[2]);

    private static final Columns<double[]> BACK_OF_HOST =
            new Columns<double[]>().add("back_percent_per_minute", "back", Unit.PERCENT_PER_MINUTE, back -> back[0]);

    private static final Columns<WeekChange> CHANGES = new Columns<WeekChange>()
            .add("from_day", "from", Unit.TEXT, WeekChange::from)
            .add("to_day", "to", Unit.TEXT, WeekChange::to)
            .add("hosts", "hosts", Unit.COUNT, WeekChange::hosts)
            .add("wss_before_bytes", "before", Unit.BYTES, WeekChange::beforeBytes)
            .add("change_bytes", "change", Unit.BYTES, WeekChange::changeBytes)
            .add("change_low_bytes", "at least", Unit.BYTES, c -> known(c.lowBytes()))
            .add("change_high_bytes", "at most", Unit.BYTES, c -> known(c.highBytes()));

    private static final Columns<Group> CHANGED = new Columns<Group>()
            .add(
                    "service",
                    "service",
                    Unit.TEXT,
                    g -> g.level() == Level.FLEET ? "all services" : g.keys().get(0))
            .addAll(CHANGES, g -> g.figures().change());

    private FleetReportTable() {}

    private static Double known(double value) {
        return Double.isNaN(value) ? null : value;
    }

    /** @param top how many of the hosts with the greatest working sets to list */
    public static TableReport of(FleetReportResult result, int top) {
        List<Section> sections = new ArrayList<>();
        for (Level level : List.of(Level.FLEET, Level.SERVICE, Level.DAY)) {
            sections.add(section(level, result.of(level)));
        }
        List<Group> hosts = result.of(Level.HOST).stream()
                .sorted(Comparator.comparingDouble((Group g) -> g.figures().wssTotal())
                        .reversed())
                .limit(top)
                .toList();
        sections.add(section(Level.HOST, hosts));
        sections.add(changes(result));
        sections.add(FleetColumns.troubles(result.troubles()));
        if (result.isDetailed()) {
            sections.add(section(Level.HOST_DAY, result.of(Level.HOST_DAY)));
        }
        return new TableReport(sections, NOTES);
    }

    private static Section section(Level level, List<Group> groups) {
        boolean areHosts = level == Level.HOST || level == Level.HOST_DAY;
        Columns<Group> columns = FleetColumns.keys(level, Group::keys);
        columns.addAll(areHosts ? OF_HOSTS : OF_GROUPS, Group::figures)
                .addAll(OF_IDLE, g -> g.figures().idleNs() == null ? null : g.figures())
                .addAll(areHosts ? BACK_OF_HOST : BACK_OF_GROUPS, g -> g.figures()
                        .promotionOfHosts());
        return switch (level) {
            case FLEET -> columns.section("fleet", "all traces", groups);
            case SERVICE -> columns.section("services", "by service", groups);
            case DAY -> columns.section("days", "by service and day", groups);
            case HOST -> columns.section("hosts", "hosts with the greatest working sets", groups);
            case HOST_DAY -> columns.section("host_days", null, groups); // too many to read: for machines
        };
    }

    /** How services changed within a week; empty where no host was recorded on both days. */
    private static Section changes(FleetReportResult result) {
        List<Group> changed = Stream.of(Level.FLEET, Level.SERVICE)
                .flatMap(level -> result.of(level).stream())
                .filter(g -> g.figures().change() != null)
                .toList();
        return CHANGED.section(
                "changes",
                "mean working set of hosts that were recorded on the last day and a week before; the mean change with 95 %"
                        + " confidence",
                changed);
    }
}
