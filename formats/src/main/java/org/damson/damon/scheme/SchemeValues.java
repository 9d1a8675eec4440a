package org.damson.damon.scheme;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import org.damson.damon.scheme.SchemeBuilder.Dialect;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;

/** Parses the values in schemes: sizes, counts, shares, times, and bounds of accesses and ages. */
final class SchemeValues {
    /** One end of a range; without a unit it fits every unit. */
    record Bound(long value, Range.Unit unit) {
        static final Bound LEAST = new Bound(0, null);
        static final Bound GREATEST = new Bound(Range.MAX, null);
    }

    private static final int MAX_SCALE = 60;

    private SchemeValues() {}

    static long bytes(String value) {
        String v = value.replace(",", "");
        if (v.equals("min")) {
            return 0;
        }
        if (v.matches("\\d{19,20}")) {
            return unsigned(v);
        }
        return max(Units.parseBytes(v));
    }

    static long integer(String value) {
        String v = value.replace(",", "");
        if (v.equals("max")) {
            return Range.MAX;
        }
        if (v.equals("min")) {
            return 0;
        }
        return unsigned(v);
    }

    private static long unsigned(String value) {
        try {
            long v = Long.parseUnsignedLong(value);
            return v < 0 ? Range.MAX : v;
        } catch (NumberFormatException e) {
            throw new InvalidInputException("'" + value + "' is not a whole number, 0 or more", e);
        }
    }

    static int node(String value) {
        long node = integer(value);
        if (node > 0xffff) {
            throw new InvalidInputException("'" + value + "' is not a NUMA node");
        }
        return (int) node;
    }

    static boolean none(String value) {
        return value.equals("null") || value.equals("None") || value.equals("-1");
    }

    static boolean yes(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "y", "yes", "true", "1" -> true;
            case "n", "no", "false", "0" -> false;
            default -> throw new UnknownWordException("yes or no", value, List.of("Y", "N"));
        };
    }

    static int permil(String value) {
        long p = share(value, 1000, 1);
        if (p > Integer.MAX_VALUE) {
            throw new InvalidInputException("'" + value + "' is too large");
        }
        return (int) p;
    }

    static long goalValue(String value) {
        if (value.endsWith("%")) {
            return share(value, 10_000, 1);
        }
        return value.matches("[\\d,]+|max|min") ? integer(value) : duration(value, 1000, "1 us");
    }

    static long timeUs(String value) {
        if (value.equals("null")) {
            return 0;
        }
        return value.matches("[\\d,]+|min|max") ? integer(value) : duration(value, 1000, "1 us");
    }

    static long timeMs(String value) {
        return value.matches("[\\d,]+|min|max") ? integer(value) : duration(value, 1_000_000, "1 ms");
    }

    /** A duration in whole units; rounding never turns a positive one into 0, which has another meaning. */
    private static long duration(String value, long unitNs, String unit) {
        long ns = Units.parseDurationNs(value.replace(",", ""));
        if (ns > 0 && ns < unitNs) {
            throw new InvalidInputException("'" + value + "' is below the minimum of " + unit);
        }
        return ns / unitNs;
    }

    static Bound access(String value, Dialect dialect) {
        if (value.equals("min") || value.equals("max")) {
            return new Bound(value.equals("min") ? 0 : Range.MAX, null);
        }
        String v = value.toLowerCase(Locale.ROOT);
        if (v.endsWith("samples")) {
            return new Bound(integer(v.substring(0, v.length() - 7).trim()), Range.Unit.SAMPLES);
        }
        boolean percent = v.endsWith("%") || dialect == Dialect.DAMO;
        if (percent) {
            long bp = share(v, 10_000, 100);
            if (bp > 10_000 && bp != Range.MAX) {
                throw new InvalidInputException("'" + value + "' is more than 100 %");
            }
            return new Bound(bp, Range.Unit.ACCESS_BP);
        }
        return new Bound(integer(v), Range.Unit.SAMPLES);
    }

    static Bound age(String value, Dialect dialect) {
        if (value.equals("min") || value.equals("max")) {
            return new Bound(value.equals("min") ? 0 : Range.MAX, null);
        }
        String v = value.toLowerCase(Locale.ROOT);
        for (String unit : List.of("aggr_intervals", "aggregations", "aggrs", "aggr")) {
            if (v.endsWith(unit)) {
                return new Bound(
                        integer(v.substring(0, v.length() - unit.length()).trim()), Range.Unit.AGGREGATIONS);
            }
        }
        if (!v.matches("[\\d,]+")) {
            return new Bound(duration(v, 1000, "1 us"), Range.Unit.MICROSECONDS);
        }
        long n = integer(v);
        return switch (dialect) {
            case DAMO -> new Bound(n, Range.Unit.MICROSECONDS);
            case SYSFS -> new Bound(n, Range.Unit.AGGREGATIONS);
            case NATIVE -> {
                if (n != 0) {
                    throw new InvalidInputException(
                            "an age needs a unit: '" + value + "s', '" + value + "ms' or '" + value + " aggr'");
                }
                yield new Bound(0, null);
            }
        };
    }

    static Range range(String name, Bound[] b, Range.Unit otherwise) {
        Range.Unit min = b[0].unit();
        Range.Unit max = b[1].unit();
        if (min != null && max != null && min != max && b[0].value() != 0) {
            throw new InvalidInputException(name + ": minimum and maximum must have the same unit");
        }
        Range.Unit unit = max != null ? max : min != null ? min : otherwise;
        try {
            return new Range(b[0].value(), b[1].value(), unit);
        } catch (InvalidInputException e) {
            throw new InvalidInputException(name + ": " + e.getMessage(), e);
        }
    }

    /** A share as parts of {@code whole}: {@code 5%}, {@code 5 %}, or a bare number in the unit {@code bare}. */
    private static long share(String value, long whole, long bare) {
        if (value.equals("min")) {
            return 0;
        }
        if (value.equals("max")) {
            return Range.MAX;
        }
        boolean percent = value.endsWith("%");
        BigDecimal d = decimal(percent ? value.substring(0, value.length() - 1) : value)
                .multiply(BigDecimal.valueOf(percent ? whole / 100 : bare));
        if (d.compareTo(BigDecimal.valueOf(Range.MAX)) >= 0) {
            return Range.MAX;
        }
        return d.setScale(0, RoundingMode.DOWN).longValueExact();
    }

    private static BigDecimal decimal(String value) {
        try {
            BigDecimal d = new BigDecimal(value.replace(",", "").trim());
            // What is so small or large only costs memory to compute with.
            if (d.signum() < 0 || Math.abs((long) d.scale()) > MAX_SCALE || d.precision() > MAX_SCALE) {
                throw new InvalidInputException("'" + value + "' is out of range");
            }
            return d;
        } catch (NumberFormatException e) {
            throw new InvalidInputException("'" + value + "' is not a number", e);
        }
    }

    private static long max(long v) {
        return v < 0 ? Range.MAX : v;
    }
}
