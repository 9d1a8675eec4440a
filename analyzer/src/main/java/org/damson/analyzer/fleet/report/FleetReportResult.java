package org.damson.analyzer.fleet.report;

import java.util.List;
import org.damson.analyzer.fleet.FleetResult;
import org.damson.analyzer.fleet.Trouble;
import org.damson.model.Units;

/**
 * Working sets and idle memory of many hosts.
 *
 * @param groups of all levels, by level, then by their keys
 * @param isDetailed whether hosts are listed by day too
 */
public record FleetReportResult(List<Group> groups, boolean isDetailed, List<Trouble> troubles) implements FleetResult {
    /**
     * A group of traces.
     *
     * @param keys what it has for {@link Level#keys}
     */
    public record Group(Level level, List<String> keys, GroupFigures figures) {}

    /** The groups of one level. */
    public List<Group> of(Level level) {
        return groups.stream().filter(g -> g.level() == level).toList();
    }

    /** Which hosts are means of what does not compare. */
    @Override
    public List<String> notes() {
        List<Group> mixed = of(Level.HOST).stream()
                .filter(g -> g.figures().mixedHosts() > 0)
                .toList();
        return mixed.isEmpty()
                ? List.of()
                : List.of(Units.count(mixed.size(), "host") + " (the first: "
                        + String.join(" ", mixed.get(0).keys())
                        + ") with recordings of the machine's memory and of processes: figures are means over both; --where or"
                        + " labels of another service keep them apart");
    }

    @Override
    public boolean isEmpty() {
        return groups.isEmpty();
    }
}
