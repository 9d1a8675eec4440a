package org.damson.analyzer.tune;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.damson.damon.scheme.Quota;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;
import org.damson.damon.scheme.UnknownWordException;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;

/**
 * A parameter of a scheme that a tuner may choose, and the values it may have.
 *
 * @param scheme index of the scheme
 * @param parameter one of {@link #PARAMETERS}
 * @param values ascending; bytes, microseconds, milliseconds (quota_ms) or samples
 */
public record Variable(int scheme, String parameter, List<Long> values) {
    /** What can be varied. Ages in time, sizes and quota_bytes in bytes, accesses in samples. */
    public static final List<String> PARAMETERS = List.of(
            "min_age",
            "max_age",
            "min_size",
            "max_size",
            "min_access",
            "max_access",
            "quota_bytes",
            "quota_ms",
            "apply_interval");

    private static final int MAX_VALUES = 10_000;

    public Variable {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new InvalidInputException(parameter + ": no values");
        }
    }

    /**
     * Reads {@code min_age=1s,2s,5s}, {@code min_age=0s..60s/1s}, {@code min_size=4K..1G/*2}, with {@code 1:} in front for
     * the second scheme.
     *
     * @throws UnknownWordException naming a parameter that is none
     * @throws InvalidInputException naming what cannot be read
     */
    public static Variable of(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new InvalidInputException("'" + text + "' is not PARAMETER=VALUES, as in min_age=0s..60s/1s");
        }
        String name = text.substring(0, equals).strip();
        int scheme = 0;
        if (name.matches("\\d{1,2}:.*")) {
            scheme = Integer.parseInt(name.substring(0, name.indexOf(':')));
            name = name.substring(name.indexOf(':') + 1);
        }
        if (!PARAMETERS.contains(name)) {
            throw new UnknownWordException("parameter", name, PARAMETERS);
        }
        String values = text.substring(equals + 1).strip();
        int dots = values.indexOf("..");
        TreeSet<Long> all = new TreeSet<>();
        if (dots < 0) {
            for (String v : values.split(",", -1)) {
                all.add(value(name, v.strip()));
            }
        } else {
            int slash = values.indexOf('/', dots);
            if (slash < 0) {
                throw new InvalidInputException(name + ": a range needs its step: A..B/STEP or A..B/*FACTOR");
            }
            long from = value(name, values.substring(0, dots).strip());
            long to = value(name, values.substring(dots + 2, slash).strip());
            String step = values.substring(slash + 1).strip();
            if (from > to) {
                throw new InvalidInputException(name + ": contradictory range: its start is above its end");
            }
            boolean factor = step.startsWith("*");
            double by = factor ? factor(name, step) : value(name, step);
            if (factor ? by <= 1 || from == 0 : by < 1) {
                throw new InvalidInputException(
                        name + ": a step must go up, and a factor cannot start from 0: '" + values + "'");
            }
            all.addAll(factor ? powers(name, from, to, by) : steps(name, from, to, value(name, step)));
        }
        return new Variable(scheme, name, new ArrayList<>(all));
    }

    private static List<Long> steps(String name, long from, long to, long by) {
        List<Long> values = new ArrayList<>();
        for (long v = from; v >= from && v <= to; v += by) {
            add(name, v, values);
        }
        return values;
    }

    private static List<Long> powers(String name, long from, long to, double by) {
        List<Long> values = new ArrayList<>();
        add(name, from, values);
        for (double v = from * by; v <= to * (1 + 1e-12); v *= by) {
            // What is above the end by rounding is the end.
            add(name, Math.min((long) v, to), values);
        }
        return values;
    }

    private static void add(String name, long value, List<Long> values) {
        if (values.size() > MAX_VALUES) {
            throw new InvalidInputException(name + ": more than " + MAX_VALUES + " values");
        }
        values.add(value);
    }

    private static double factor(String name, String step) {
        if (!step.matches("\\*\\d+(\\.\\d+)?")) {
            throw new InvalidInputException(name + ": '" + step + "' is not a factor, as in *2");
        }
        return Double.parseDouble(step.substring(1));
    }

    private static long value(String name, String text) {
        try {
            return switch (name) {
                case "min_age", "max_age", "apply_interval" -> Units.parseDurationNs(text) / 1000;
                case "quota_ms" -> Units.parseDurationNs(text) / 1_000_000;
                case "min_access", "max_access" -> samples(text);
                default -> Units.parseBytes(text);
            };
        } catch (InvalidInputException e) {
            throw new InvalidInputException(name + ": " + e.getMessage(), e);
        }
    }

    private static long samples(String text) {
        if (!text.matches("\\d{1,9}")) {
            throw new InvalidInputException("'" + text + "' is not a number of samples");
        }
        return Long.parseLong(text);
    }

    /** A value for people. */
    public String show(long value) {
        return switch (parameter) {
            case "min_age", "max_age", "apply_interval" -> Units.duration(value * 1000);
            case "quota_ms" -> value + " ms";
            case "min_access", "max_access" -> Long.toString(value);
            default -> Units.bytes(value);
        };
    }

    /**
     * The scheme with this value.
     *
     * @throws InvalidInputException if it contradicts the scheme's other bound
     */
    Scheme set(Scheme s, long value) {
        return switch (parameter) {
            case "min_age" -> s.withAge(new Range(value, time(s.age()).max(), Range.Unit.MICROSECONDS));
            case "max_age" -> s.withAge(new Range(time(s.age()).min(), value, Range.Unit.MICROSECONDS));
            case "min_size" -> s.withSize(new Range(value, s.size().max(), Range.Unit.BYTES));
            case "max_size" -> s.withSize(new Range(s.size().min(), value, Range.Unit.BYTES));
            case "min_access" -> s.withAccess(new Range(value, count(s.access()).max(), Range.Unit.SAMPLES));
            case "max_access" -> s.withAccess(new Range(count(s.access()).min(), value, Range.Unit.SAMPLES));
            case "quota_bytes" -> s.withQuota(quota(s, s.quota().timeMs(), value));
            case "quota_ms" -> s.withQuota(quota(s, value, s.quota().sizeBytes()));
            case "apply_interval" -> s.withApplyUs(value);
            default -> throw new IllegalStateException(parameter);
        };
    }

    private static Quota quota(Scheme s, long ms, long bytes) {
        Quota q = s.quota();
        long reset = q.resetMs() == Range.MAX ? 1000 : q.resetMs();
        return new Quota(
                ms,
                bytes,
                reset,
                q.weightSize(),
                q.weightAccess(),
                q.weightAge(),
                q.goals(),
                q.temporal(),
                q.failNum(),
                q.failDenom());
    }

    private Range time(Range r) {
        return same(r, Range.Unit.AGGREGATIONS, "an age in aggregations");
    }

    private Range count(Range r) {
        return same(r, Range.Unit.ACCESS_BP, "an access rate in percent");
    }

    /** The other bound has to be in the variable's unit, or none at all. */
    private Range same(Range r, Range.Unit other, String what) {
        boolean bare = (r.min() == 0 || parameter.startsWith("min")) && (r.max() == Range.MAX || r.max() == 0)
                || parameter.startsWith("max") && r.min() == 0;
        if (r.unit() == other && !bare) {
            throw new InvalidInputException(parameter + " cannot be varied beside " + what);
        }
        return r;
    }
}
