package org.damson.analyzer.fleet.tune;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.damson.analyzer.fleet.FleetResult;
import org.damson.analyzer.fleet.Trouble;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.tune.Tune;
import org.damson.analyzer.tune.Variable;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.SchemeText;

/** What came of {@link FleetTune}, as tables. */
final class TuneTables {
    private final FleetTune.Options options;
    private final Tune.Options meant;
    private final int chains;
    private final int chosenBy;
    private final int heldBack;
    private final int allowed;
    private final int mayBreak;

    /**
     * @param chains lines of points that are searched at once
     * @param allowed how many of the hosts that choose may break a limit
     * @param mayBreak how many of those held back may
     */
    TuneTables(
            FleetTune.Options options,
            Tune.Options meant,
            int chains,
            int chosenBy,
            int heldBack,
            int allowed,
            int mayBreak) {
        this.options = options;
        this.meant = meant;
        this.chains = chains;
        this.chosenBy = chosenBy;
        this.heldBack = heldBack;
        this.allowed = allowed;
        this.mayBreak = mayBreak;
    }

    /** There are too few hosts to promise anything. */
    FleetResult undecidable(int needed, List<Trouble> troubles) {
        String what = String.format(
                Locale.ROOT,
                "%d hosts are too few: that %s %% of those held back keep a limit cannot be said with a confidence of %s %%,"
                        + " however gentle the scheme; %s",
                chosenBy + heldBack,
                number(options.keepPercent()),
                number(options.confidencePercent()),
                needed == Integer.MAX_VALUE ? "no number of hosts is enough" : needed + " hosts are needed");
        return new FleetResult(
                new TableReport(List.of(FleetResult.section(troubles)), List.of(what)), troubles, false, false);
    }

    /**
     * The answer.
     *
     * @param measured every point simulated over the hosts that choose
     * @param best null: none is allowed
     * @param judged the same over those held back
     */
    FleetResult result(
            Map<List<Long>, FleetTune.Measured> measured,
            FleetTune.Measured best,
            FleetTune.Measured judged,
            List<Trouble> troubles) {
        List<Section> sections = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        boolean isKept = judged != null && judged.broken().size() <= mayBreak;
        if (best == null) {
            notes.add("no point keeps the limits: at the gentlest one more than " + allowed + " of " + chosenBy
                    + " hosts break one");
        } else {
            sections.add(found(best, judged));
            sections.add(broken(judged));
            notes.add("install: " + SchemeText.damo(schemes(best)));
        }
        notes.add(confidence());
        notes.add("objective: " + meant.objective() + "; a host keeps a limit by "
                + (options.words().likely() ? "its likely metric" : "the upper bound of its metric")
                + "; one that cannot be judged counts as breaking it");
        sections.add(FleetResult.section(troubles));
        sections.add(points(measured));
        return new FleetResult(new TableReport(sections, notes), troubles, false, isKept);
    }

    private String confidence() {
        return String.format(
                Locale.ROOT,
                "confidence %s %%: of %d hosts, %d drawn at random (seed %d) are held back; a point is allowed if at most %d of"
                        + " the other %d break a limit, so that at most %s %% of all draws lead to one that more than %d of"
                        + " those held back break%s",
                number(options.confidencePercent()),
                chosenBy + heldBack,
                heldBack,
                options.seed(),
                allowed,
                chosenBy,
                number(100 - options.confidencePercent()),
                mayBreak,
                Tune.fallingVariable(meant) < 0
                        ? "; " + chains + " points share that"
                        : ", if a host that breaks it at one least age breaks it at every shorter one"
                                + (chains > 1 ? "; " + chains + " lines of points share that" : ""));
    }

    private Section found(FleetTune.Measured best, FleetTune.Measured judged) {
        int kept = heldBack - judged.broken().size();
        return new Section(
                "scheme",
                "the scheme, and what the hosts that did not choose it make of it",
                List.of(
                        new Column("scheme", "scheme", Unit.TEXT),
                        new Column("score", "score", Unit.COUNT),
                        new Column("hosts", "chosen by", Unit.COUNT),
                        new Column("hosts_over", "over a limit", Unit.COUNT),
                        new Column("hosts_over_allowed", "allowed", Unit.COUNT),
                        new Column("held_back", "held back", Unit.COUNT),
                        new Column("held_back_over", "over a limit", Unit.COUNT),
                        new Column("held_back_over_allowed", "allowed", Unit.COUNT),
                        new Column("held_back_score", "score", Unit.COUNT),
                        new Column("keep_percent_at_least", "of hosts like these keep it", Unit.PERCENT)),
                List.<Object[]>of(new Object[] {
                    schemes(best).stream().map(SchemeText::shortForm).collect(Collectors.joining(" + ")),
                    best.score(),
                    (long) chosenBy,
                    (long) best.broken().size(),
                    (long) allowed,
                    (long) heldBack,
                    (long) judged.broken().size(),
                    (long) mayBreak,
                    judged.score(),
                    100 * HeldBack.shareAtLeast(kept, heldBack, options.confidencePercent() / 100)
                }));
    }

    private static Section broken(FleetTune.Measured judged) {
        List<Object[]> rows = new ArrayList<>();
        judged.broken().forEach(host -> rows.add(new Object[] {host}));
        return new Section(
                "held_back_over",
                "hosts held back that break a limit",
                List.of(new Column("host", "service and host", Unit.TEXT)),
                rows);
    }

    private Section points(Map<List<Long>, FleetTune.Measured> measured) {
        List<Column> columns = new ArrayList<>();
        for (Variable v : meant.variables()) {
            columns.add(new Column(v.parameter(), v.parameter(), Unit.TEXT));
        }
        columns.add(new Column("score", "score", Unit.COUNT));
        columns.add(new Column("hosts_over", "hosts over a limit", Unit.COUNT));
        List<Object[]> rows = new ArrayList<>();
        measured.values().stream()
                .sorted(Comparator.comparing(FleetTune.Measured::values, TuneTables::compare))
                .forEach(m -> {
                    List<Object> row = new ArrayList<>();
                    for (int d = 0; d < m.values().size(); d++) {
                        row.add(meant.variables().get(d).show(m.values().get(d)));
                    }
                    row.add(m.score());
                    row.add((long) m.broken().size());
                    rows.add(row.toArray());
                });
        return new Section("points", "points simulated over the hosts that choose", columns, rows);
    }

    private static int compare(List<Long> a, List<Long> b) {
        for (int i = 0; i < a.size(); i++) {
            int c = Long.compare(a.get(i), b.get(i));
            if (c != 0) {
                return c;
            }
        }
        return 0;
    }

    private List<Scheme> schemes(FleetTune.Measured m) {
        return Tune.schemes(meant, m.values());
    }

    private static String number(double v) {
        return v == Math.rint(v) ? Long.toString((long) v) : Double.toString(v);
    }
}
