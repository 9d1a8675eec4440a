package org.damson.analyzer.render.fleet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.damson.analyzer.fleet.tune.FleetTune;
import org.damson.analyzer.fleet.tune.FleetTuneResult;
import org.damson.analyzer.fleet.tune.FleetTuneResult.Draw;
import org.damson.analyzer.fleet.tune.FleetTuneResult.Measured;
import org.damson.analyzer.render.table.Columns;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.analyzer.tune.Tune;
import org.damson.analyzer.tune.Variable;
import org.damson.damon.scheme.SchemeText;

/** One scheme for many hosts: what it is, how it is judged, and the points it was chosen from. */
public final class FleetTuneTable {
    private static final Columns<FleetTuneResult> FOUND = new Columns<FleetTuneResult>()
            .add("scheme", "scheme", Unit.TEXT, r -> r.schemes(r.best()).stream()
                    .map(SchemeText::shortForm)
                    .collect(Collectors.joining(" + ")))
            .add("score", "score", Unit.COUNT, r -> r.best().score())
            .add("hosts", "chosen by", Unit.COUNT, r -> r.draw().chosenBy())
            .add("hosts_over", "over a limit", Unit.COUNT, r -> r.best()
                    .broken()
                    .size())
            .add("hosts_over_allowed", "allowed", Unit.COUNT, r -> r.draw().allowed())
            .add("held_back", "held back", Unit.COUNT, r -> r.draw().heldBack())
            .add("held_back_over", "over a limit", Unit.COUNT, r -> r.judged()
                    .broken()
                    .size())
            .add("held_back_over_allowed", "allowed", Unit.COUNT, r -> r.draw().mayBreak())
            .add("held_back_score", "score", Unit.COUNT, r -> r.judged().score())
            .add(
                    "keep_percent_at_least",
                    "of hosts like these keep it",
                    Unit.PERCENT,
                    FleetTuneResult::keepPercentAtLeast);

    private static final Columns<String> BROKEN =
            new Columns<String>().add("host", "service and host", Unit.TEXT, host -> host);

    private FleetTuneTable() {}

    public static TableReport of(FleetTuneResult result) {
        if (result.hostsNeeded() != 0) {
            return new TableReport(List.of(FleetColumns.troubles(result.troubles())), List.of(tooFew(result)));
        }
        List<Section> sections = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        Draw draw = result.draw();
        if (result.best() == null) {
            int notJudged = mostNotJudged(result);
            notes.add(
                    notJudged == draw.chosenBy()
                            ? "no host that chooses could be judged"
                            : "no point keeps the limits: even at the gentlest more than " + draw.allowed() + " of "
                                    + draw.chosenBy() + " hosts break one");
        } else {
            sections.add(FOUND.section("scheme", "the scheme, and its result on the hosts held back", List.of(result)));
            sections.add(BROKEN.section(
                    "held_back_over",
                    "hosts held back that break a limit",
                    result.judged().broken()));
            notes.add("install: " + SchemeText.damo(result.schemes(result.best())));
        }
        notes.add(confidence(result));
        notes.add("objective: " + result.meant().objective() + "; a host keeps a limit by "
                + (result.options().words().likely() ? "the estimate of its metric" : "the upper bound of its metric")
                + "; a host that cannot be judged counts as breaking it"
                + (mostNotJudged(result) == 0
                        ? ""
                        : ": so do " + mostNotJudged(result) + " of the " + draw.chosenBy() + " that choose")
                + (result.judged() == null || result.judged().notJudged() == 0
                        ? ""
                        : ", " + result.judged().notJudged() + " of the " + draw.heldBack() + " held back"));
        sections.add(FleetColumns.troubles(result.troubles()));
        sections.add(points(result));
        return new TableReport(sections, notes);
    }

    private static int mostNotJudged(FleetTuneResult result) {
        return result.measured().stream().mapToInt(Measured::notJudged).max().orElse(0);
    }

    private static String tooFew(FleetTuneResult result) {
        FleetTune.Options options = result.options();
        int needed = result.hostsNeeded();
        int hosts = result.draw().chosenBy() + result.draw().heldBack();
        return String.format(
                Locale.ROOT,
                "%s too few: that %s %% of those held back keep a limit cannot be said with a confidence of %s %%,"
                        + " however gentle the scheme; %s",
                hosts == 1 ? "1 host is" : hosts + " hosts are",
                number(options.keepPercent()),
                number(options.confidencePercent()),
                needed == Integer.MAX_VALUE ? "no number of hosts is enough" : needed + " hosts are needed");
    }

    private static String confidence(FleetTuneResult result) {
        FleetTune.Options options = result.options();
        Draw draw = result.draw();
        return String.format(
                Locale.ROOT,
                "confidence %s %%: of %d hosts, %d drawn at random (seed %d) are held back; a point is allowed if at most %d of"
                        + " the other %d break a limit, so that at most %s %% of all draws lead to one that more than %d of"
                        + " those held back break%s",
                number(options.confidencePercent()),
                draw.chosenBy() + draw.heldBack(),
                draw.heldBack(),
                options.seed(),
                draw.allowed(),
                draw.chosenBy(),
                number(100 - options.confidencePercent()),
                draw.mayBreak(),
                Tune.fallingVariable(result.meant()) < 0
                        ? "; " + draw.chains() + " points share that"
                        : ", if a host that breaks it at one least age breaks it at every shorter one"
                                + (draw.chains() > 1 ? "; " + draw.chains() + " lines of points share that" : ""));
    }

    private static Section points(FleetTuneResult result) {
        Columns<Measured> columns = new Columns<>();
        for (int d = 0; d < result.meant().variables().size(); d++) {
            int dimension = d;
            Variable v = result.meant().variables().get(d);
            columns.add(
                    v.parameter(),
                    v.parameter(),
                    Unit.TEXT,
                    m -> v.show(m.values().get(dimension)));
        }
        columns.add("score", "score", Unit.COUNT, Measured::score)
                .add("hosts_over", "hosts over a limit", Unit.COUNT, m -> m.broken()
                        .size());
        List<Measured> sorted = result.measured().stream()
                .sorted(Comparator.comparing(Measured::values, FleetTuneTable::compare))
                .toList();
        return columns.section("points", "points simulated over the hosts that choose", sorted);
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

    private static String number(double v) {
        return v == Math.rint(v) ? Long.toString((long) v) : Double.toString(v);
    }
}
