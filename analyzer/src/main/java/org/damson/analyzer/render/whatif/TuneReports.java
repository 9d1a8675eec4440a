package org.damson.analyzer.render.whatif;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.analyzer.tune.Objective;
import org.damson.analyzer.tune.Tune.Point;
import org.damson.analyzer.tune.Tune.Result;
import org.damson.analyzer.tune.Tune.Sensitivity;
import org.damson.analyzer.tune.Variable;
import org.damson.damon.scheme.SchemeText;
import org.damson.model.Units;
import org.damson.model.text.Printable;

/** Results of a tuner, as text, CSV and a map for JSON. */
public final class TuneReports {
    private TuneReports() {}

    public static String text(Result r, long sampleUs, long aggrUs) {
        StringBuilder b = new StringBuilder();
        head(b, r);
        if (r.best() == null) {
            nothingFound(b, r);
            return notes(b, r).toString();
        }
        b.append("\nbest measured point: ");
        line(b, r, r.best());
        metrics(b, r.best());
        spread(b, r);
        if (!r.neighbours().isEmpty()) {
            b.append("\nneighbours\n");
            lines(b, r, r.neighbours());
        }
        b.append("\nno other point is better in all of ")
                .append(String.join(", ", r.options().objective().tradeOff().keySet()))
                .append('\n');
        lines(b, r, thinned(r.pareto()));
        b.append("\nsensitivity\n");
        r.sensitivity().forEach(s -> sensitivity(b, s));
        r.tests().forEach((name, p) -> b.append("\ntest over ")
                .append(Printable.line(name))
                .append(": ")
                .append(p.feasible() ? "keeps the limits" : "BREAKS the limits")
                .append(", score ")
                .append(number(p.score()))
                .append(values(r, p))
                .append('\n'));
        installation(b, r, sampleUs, aggrUs);
        return notes(b, r).toString();
    }

    /** What the recordings leave open about the points simulated, one line each. */
    public static List<String> notes(Result r) {
        List<String> notes = new ArrayList<>();
        r.notes().forEach((name, open) -> open.forEach(n -> notes.add(Printable.line(name + ": " + n))));
        return notes;
    }

    private static StringBuilder notes(StringBuilder b, Result r) {
        notes(r).forEach(n -> b.append("\nnote: ").append(n).append('\n'));
        return b;
    }

    private static void head(StringBuilder b, Result r) {
        b.append("objective: ").append(r.options().objective()).append('\n');
        b.append(r.all().size())
                .append(r.exhaustive() ? " points simulated, all there are" : " points simulated")
                .append(
                        r.passedOver() > 0
                                ? " (" + r.passedOver()
                                        + " more lie between points that leave no room for a better one)"
                                : "")
                .append(", over ")
                .append(Printable.line(String.join(", ", r.trained())))
                .append('\n');
    }

    private static void nothingFound(StringBuilder b, Result r) {
        b.append("no point keeps the limits: ")
                .append(r.options().objective().limits())
                .append('\n');
        Point nearest = nearest(r);
        if (nearest != null) {
            b.append("nearest to them: ");
            line(b, r, nearest);
        }
    }

    private static void lines(StringBuilder b, Result r, List<Point> points) {
        for (Point p : points) {
            b.append("  ");
            line(b, r, p);
        }
    }

    private static void sensitivity(StringBuilder b, Sensitivity s) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        int feasible = 0;
        for (Point p : s.points()) {
            if (p.feasible()) {
                low = Math.min(low, p.score());
                high = Math.max(high, p.score());
                feasible++;
            }
        }
        b.append(String.format(
                Locale.ROOT,
                "  %s: score %s to %s over %d feasible of %d points measured%n",
                s.variable().parameter(),
                number(low),
                number(high),
                feasible,
                s.points().size()));
    }

    /** The schemes found, in every spelling that installs them. */
    private static void installation(StringBuilder b, Result r, long sampleUs, long aggrUs) {
        b.append("\nto install\n  damo:   damo start ")
                .append(SchemeText.damo(r.schemes(), sampleUs, aggrUs))
                .append("\n  damson: --scheme '");
        b.append(String.join(
                        "; ", r.schemes().stream().map(SchemeText::shortForm).toList()))
                .append("'\n");
        String module = SchemeText.module(r.schemes());
        if (module != null) {
            b.append("  kernel: ").append(module).append('\n');
        }
        b.append("  sysfs:\n");
        SchemeText.sysfs(r.schemes(), "/sys/kernel/mm/damon/admin/kdamonds/0/contexts/0", sampleUs, aggrUs)
                .lines()
                .forEach(l -> b.append("    ").append(l).append('\n'));
    }

    private static Point nearest(Result r) {
        Point nearest = null;
        double least = Double.POSITIVE_INFINITY;
        for (Point p : r.all()) {
            double over = 0;
            for (Objective.Limit l : r.options().objective().limits()) {
                if (!p.measured().isEmpty()) {
                    double v = r.options().objective().judgedValue(l, p.measured());
                    double by = (l.atMost() ? v - l.value() : l.value() - v) / Math.max(1e-9, l.value());
                    over += Math.max(0, by);
                }
            }
            if (!p.measured().isEmpty() && over < least) {
                least = over;
                nearest = p;
            }
        }
        return nearest;
    }

    private static List<Point> thinned(List<Point> front) {
        if (front.size() <= 12) {
            return front;
        }
        List<Point> some = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            some.add(front.get(i * (front.size() - 1) / 11));
        }
        return some;
    }

    private static void line(StringBuilder b, Result r, Point p) {
        for (int d = 0; d < p.values().size(); d++) {
            Variable v = r.options().variables().get(d);
            b.append(d == 0 ? "" : ", ")
                    .append(v.parameter())
                    .append(' ')
                    .append(v.show(p.values().get(d)));
        }
        if (p.measured().isEmpty()) {
            b.append(": contradictory bounds\n");
            return;
        }
        b.append(": score ").append(number(p.score())).append(p.feasible() ? "" : ", breaks the limits");
        b.append(values(r, p)).append('\n');
    }

    /** The metrics of the objective, with the value by which a limit is judged if it differs. */
    private static String values(Result r, Point p) {
        StringBuilder b = new StringBuilder();
        Objective o = r.options().objective();
        for (String name : o.tradeOff().keySet()) {
            double value = p.measured().get(name);
            b.append(", ").append(name).append(' ').append(show(name, value));
            for (Objective.Limit l : o.limits()) {
                if (l.metric().equals(name) && o.judgedValue(l, p.measured()) != value) {
                    b.append(" (judged by ")
                            .append(show(name, o.judgedValue(l, p.measured())))
                            .append(')');
                }
            }
        }
        return b.toString();
    }

    /** Spread of the training recordings at the best point. */
    private static void spread(StringBuilder b, Result r) {
        Map<String, Double> m = r.best().measured();
        if (r.trained().size() < 2) {
            return;
        }
        b.append("between the ").append(r.trained().size()).append(" recordings; another run may differ by as much\n");
        for (String name : r.options().objective().metricsUsed()) {
            b.append(String.format(
                    Locale.ROOT,
                    "  %-15s %s to %s, at most %s to %s%n",
                    name,
                    show(name, m.get(name + Objective.LEAST)),
                    show(name, m.get(name + Objective.GREATEST)),
                    show(name, m.get(name + "_max" + Objective.LEAST)),
                    show(name, m.get(name + "_max" + Objective.GREATEST))));
        }
    }

    private static void metrics(StringBuilder b, Point p) {
        for (Map.Entry<String, String> m : Objective.metrics().entrySet()) {
            double likely = p.measured().get(m.getKey());
            double most = p.measured().get(m.getKey() + "_max");
            if (likely != 0 || most != 0) {
                b.append(String.format(
                        Locale.ROOT,
                        "  %-15s %s, at most %s%n",
                        m.getKey(),
                        show(m.getKey(), likely),
                        show(m.getKey(), most)));
            }
        }
    }

    private static String show(String metric, double v) {
        String unit = Objective.metrics().get(metric);
        if (unit.startsWith("bytes")) {
            return Units.bytes(Math.round(v)) + unit.substring(5);
        }
        return String.format(Locale.ROOT, "%.3f %s", v, unit);
    }

    private static String number(double v) {
        return Math.abs(v) >= 1e6 ? String.format(Locale.ROOT, "%,.0f", v) : String.format(Locale.ROOT, "%.4f", v);
    }

    /** One line per point measured. */
    public static void csv(Result r, Appendable out) throws IOException {
        for (Variable v : r.options().variables()) {
            out.append(v.scheme() == 0 ? "" : v.scheme() + ":")
                    .append(v.parameter())
                    .append(',');
        }
        out.append("feasible,score");
        for (String m : Objective.metrics().keySet()) {
            out.append(',').append(m).append(',').append(m).append("_max");
        }
        out.append('\n');
        for (Point p : r.all()) {
            for (long v : p.values()) {
                out.append(Long.toString(v)).append(',');
            }
            out.append(Boolean.toString(p.feasible())).append(',');
            out.append(p.measured().isEmpty() ? "" : Double.toString(p.score()));
            for (String m : Objective.metrics().keySet()) {
                Double v = p.measured().get(m);
                out.append(',').append(v == null ? "" : Double.toString(v));
                out.append(',')
                        .append(v == null ? "" : Double.toString(p.measured().get(m + "_max")));
            }
            out.append('\n');
        }
    }

    public static Map<String, Object> json(Result r, long sampleUs, long aggrUs) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("objective", r.options().objective().toString());
        m.put("points_measured", r.all().size());
        m.put("exhaustive", r.exhaustive());
        m.put("points_passed_over", r.passedOver());
        m.put("trained_on", r.trained());
        m.put("best", r.best() == null ? null : point(r, r.best()));
        m.put("neighbours", points(r, r.neighbours()));
        m.put("pareto", points(r, r.pareto()));
        List<Object> sensitivity = new ArrayList<>();
        for (Sensitivity s : r.sensitivity()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("parameter", s.variable().parameter());
            one.put("points", points(r, s.points()));
            sensitivity.add(one);
        }
        m.put("sensitivity", sensitivity);
        Map<String, Object> tests = new LinkedHashMap<>();
        r.tests().forEach((name, p) -> tests.put(name, point(r, p)));
        m.put("tests", tests);
        if (r.best() != null) {
            Map<String, Object> install = new LinkedHashMap<>();
            install.put("damo", "damo start " + SchemeText.damo(r.schemes(), sampleUs, aggrUs));
            install.put(
                    "damson", r.schemes().stream().map(SchemeText::shortForm).toList());
            install.put("kernel", SchemeText.module(r.schemes()));
            install.put(
                    "sysfs",
                    SchemeText.sysfs(r.schemes(), "/sys/kernel/mm/damon/admin/kdamonds/0/contexts/0", sampleUs, aggrUs)
                            .lines()
                            .toList());
            m.put("install", install);
        }
        m.put("notes", notes(r));
        return m;
    }

    private static List<Object> points(Result r, List<Point> points) {
        List<Object> all = new ArrayList<>();
        for (Point p : points) {
            all.add(point(r, p));
        }
        return all;
    }

    private static Map<String, Object> point(Result r, Point p) {
        Map<String, Object> m = new LinkedHashMap<>();
        for (int d = 0; d < p.values().size(); d++) {
            Variable v = r.options().variables().get(d);
            m.put(
                    (v.scheme() == 0 ? "" : v.scheme() + ":") + v.parameter(),
                    p.values().get(d));
        }
        m.put("feasible", p.feasible());
        m.put("score", p.score());
        m.put("measured", p.measured());
        return m;
    }
}
