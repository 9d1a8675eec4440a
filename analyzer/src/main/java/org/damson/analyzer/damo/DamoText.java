package org.damson.analyzer.damo;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import org.damson.model.InvalidInputException;

/** damo's ways to write numbers, and to read them ({@code _damo_fmt_str} of damo 3.3.0; {@code raw} is its machine-friendly). */
public final class DamoText {
    private static final double ULONG_MAX = 18446744073709551615.0;
    private static final String[] SIZES = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long MINUTE_NS = 60 * SECOND_NS;
    private static final long HOUR_NS = 60 * MINUTE_NS;
    private static final long DAY_NS = 24 * HOUR_NS;
    /** Longest first. */
    private static final List<Map.Entry<String, Long>> TIME_UNITS = List.of(
            Map.entry("d", DAY_NS),
            Map.entry("h", HOUR_NS),
            Map.entry("m", MINUTE_NS),
            Map.entry("s", SECOND_NS),
            Map.entry("ms", 1_000_000L),
            Map.entry("us", 1_000L),
            Map.entry("ns", 1L));

    private DamoText() {}

    /** {@code 1,234}; a double is cut. */
    public static String nr(Num n, boolean raw) {
        if (n.signum() < 0) {
            return "-" + nr(n.negated(), raw);
        }
        if (raw) {
            return n.toBig().toString();
        }
        StringBuilder b = new StringBuilder(n.toBig().toString());
        for (int i = b.length() - 3; i > 0; i -= 3) {
            b.insert(i, ',');
        }
        return b.toString();
    }

    public static String nr(long n, boolean raw) {
        return nr(Num.of(n), raw);
    }

    /** {@code 1.500 MiB}: the unit changes strictly above it, so 1 MiB is {@code 1024.000 KiB}. */
    public static String sz(Num bytes, boolean raw) {
        return size(bytes, raw, 3);
    }

    /** As {@link #sz} with six decimals. */
    public static String szAccurate(Num bytes, boolean raw) {
        return size(bytes, raw, 6);
    }

    private static String size(Num bytes, boolean raw, int decimals) {
        if (raw) {
            return bytes.toBig().toString();
        }
        double v = bytes.toDouble();
        if (v == ULONG_MAX) {
            return "max";
        }
        for (int unit = 5; unit >= 0; unit--) {
            double unitBytes = (double) (1L << (10 * (unit + 1)));
            if (v > unitBytes) {
                return Num.fixed(v / unitBytes, decimals) + " " + SIZES[unit];
            }
        }
        return whole(v) + " B";
    }

    private static String whole(double v) {
        return new BigDecimal(v).toBigInteger().toString();
    }

    public static String timeNs(Num ns, boolean raw) {
        return raw ? ns.toBig().toString() : timeNs(ns.toDouble());
    }

    private static String timeNs(double timeNs) {
        String sign = timeNs < 0 ? "-" : "";
        double t = Math.abs(timeNs);
        if (t >= ULONG_MAX) {
            return sign + "max";
        }
        if (t >= HOUR_NS) {
            double hours = Math.floor(t / HOUR_NS);
            double rest = t - hours * HOUR_NS;
            return sign + whole(hours) + " h" + (rest == 0 ? "" : " " + timeNs(rest));
        }
        if (t >= MINUTE_NS) {
            String minutes = sign + whole(t / MINUTE_NS) + " m";
            if (t % MINUTE_NS == 0) {
                return minutes;
            }
            double seconds = t % MINUTE_NS / SECOND_NS;
            return minutes + " " + (t % SECOND_NS == 0 ? whole(seconds) : Num.fixed(seconds, 3)) + " s";
        }
        if (t >= SECOND_NS) {
            return sign + inUnit(t, SECOND_NS, "s");
        }
        if (t >= 1_000_000) {
            return sign + inUnit(t, 1_000_000, "ms");
        }
        return sign + (t >= 1000 ? inUnit(t, 1000, "us") : whole(t) + " ns");
    }

    private static String inUnit(double t, long unitNs, String unit) {
        return (t % unitNs == 0 ? whole(t / unitNs) : Num.fixed(t / unitNs, 3)) + " " + unit;
    }

    public static String timeUs(Num us, boolean raw) {
        return raw ? us.toBig().toString() : timeNs(us.times(1000), false);
    }

    /** Every unit in turn: {@code 1 m 3 s 200 ms}. */
    static String timeNsExact(Num ns, boolean raw) {
        if (raw) {
            return ns.toBig().toString();
        }
        if (ns.signum() < 0) {
            return exact(ns.negated(), "-");
        }
        return exact(ns, "");
    }

    private static String exact(Num ns, String sign) {
        if (ns.compareTo(Num.MAX) >= 0) {
            return sign + "max";
        }
        for (Map.Entry<String, Long> unit : TIME_UNITS) {
            Num unitNs = Num.of(unit.getValue());
            if (ns.less(unitNs)) {
                continue;
            }
            if (unit.getValue() == 1) {
                boolean fraction = ns.isReal() && ns.toDouble() % 1 != 0;
                return sign + (fraction ? Num.fixed(ns.toDouble(), 3) : ns.toBig()) + " ns";
            }
            Num count = ns.over(unitNs).truncated();
            Num rest = ns.minus(count.times(unitNs));
            String head = sign + nr(count, false) + " " + unit.getKey();
            return rest.signum() == 0
                    ? head
                    : head + " " + (rest.signum() < 0 ? exact(rest.negated(), "-") : exact(rest, ""));
        }
        return "0 ns";
    }

    static String timeUsExact(Num us, boolean raw) {
        return timeNsExact(us.times(1000), raw);
    }

    public static String hz(Num hz, boolean raw, boolean suffix) {
        if (raw) {
            return Num.fixed(hz.toDouble(), 6);
        }
        String text = hz.less(Num.of(10)) && hz.signum() != 0 ? Num.fixed(hz.toDouble(), 3) : nr(hz, false);
        return suffix ? text + " hz" : text;
    }

    public static String percent(Num percent, boolean raw) {
        return raw ? Num.fixed(percent.toDouble(), 6) : ratio(percent.toDouble() / 100);
    }

    static String basisPoints(Num bp, boolean raw) {
        return raw ? Num.fixed(bp.toDouble(), 6) : ratio(bp.toDouble() / 10000);
    }

    private static String ratio(double ratio) {
        double percent = ratio * 100;
        String over = nr(Num.of(percent).truncated(), false);
        // Python's remainder has the divisor's sign.
        double fraction = percent - Math.floor(percent);
        String under = Num.fixed(fraction, 7).replaceAll("0+$", "");
        under = under.length() > 2 ? under.substring(2) : "";
        return under.isEmpty() ? over + " %" : over + "." + under + " %";
    }

    /** Spaces after {@code text} up to {@code width}. */
    public static String left(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    /** Spaces before {@code text} up to {@code width}. */
    public static String right(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    /**
     * A number: commas are ignored, {@code max} is 2^64 - 1.
     *
     * @throws InvalidInputException if it is none
     */
    public static Num parseNr(String text) {
        if (text.equals("max")) {
            return Num.MAX;
        }
        String plain = text.replace(",", "").trim();
        try {
            return Num.of(new BigInteger(plain.startsWith("+") ? plain.substring(1) : plain));
        } catch (NumberFormatException notWhole) {
            try {
                double real = Double.parseDouble(plain);
                if (Double.isFinite(real)) {
                    return Num.of(real);
                }
                throw new InvalidInputException("'" + text + "' is beyond all numbers");
            } catch (NumberFormatException e) {
                throw new InvalidInputException("'" + text + "' is not a number", e);
            }
        }
    }

    private static Num common(String text) {
        if (text.equals("min")) {
            return Num.ZERO;
        }
        try {
            return parseNr(text);
        } catch (InvalidInputException e) {
            return null;
        }
    }

    /** Bytes, with a unit or without, cut to a whole number and at 2^64 - 1. */
    public static Num parseBytes(String text) {
        Num plain = common(text);
        if (plain != null) {
            return plain;
        }
        for (int letters = Math.min(3, text.length() - 1); letters >= 1; letters--) {
            String unit = text.substring(text.length() - letters);
            Long factor = sizeOf(unit);
            if (factor != null) {
                Num number = parseNr(text.substring(0, text.length() - letters));
                return Num.min(Num.MAX, number.times(factor).truncated());
            }
        }
        throw new InvalidInputException("'" + text + "' is not a size");
    }

    private static Long sizeOf(String unit) {
        int power = "BKMGTPE".indexOf(unit.charAt(0));
        boolean known = power == 0
                ? unit.equals("B")
                : power > 0
                        && (unit.length() == 1
                                || unit.substring(1).equals("B")
                                || unit.substring(1).equals("iB"));
        return known ? 1L << (10 * power) : null;
    }

    /** Nanoseconds; a bare number is nanoseconds; pairs of number and unit add up. */
    public static Num parseNs(String text) {
        Num plain = common(text);
        if (plain != null) {
            return plain;
        }
        String[] fields = text.trim().split("\\s+");
        if (fields.length > 1) {
            Num sum = Num.ZERO;
            for (int i = 0; i < fields.length; i += 2) {
                sum = sum.plus(parseNs(fields[i] + (i + 1 < fields.length ? fields[i + 1] : "")));
            }
            return sum;
        }
        for (int letters = Math.min(2, text.length() - 1); letters >= 1; letters--) {
            String unit = text.substring(text.length() - letters);
            for (Map.Entry<String, Long> known : TIME_UNITS) {
                if (known.getKey().equals(unit)) {
                    return parseNr(text.substring(0, text.length() - letters)).times(known.getValue());
                }
            }
        }
        throw new InvalidInputException("'" + text + "' is not a time");
    }

    /** Microseconds; a bare number is microseconds. */
    public static Num parseUs(String text) {
        Num plain = common(text);
        return plain != null ? plain : parseNs(text).over(1000);
    }

    /** Percent; a bare number is percent. */
    static Num parsePercent(String text) {
        Num plain = common(text);
        return plain != null ? plain : ratioOf(text).times(100);
    }

    /** Basis points; a bare number is basis points. */
    static Num parseBasisPoints(String text) {
        Num plain = common(text);
        return plain != null ? plain : ratioOf(text).times(10000);
    }

    private static Num ratioOf(String text) {
        if (!text.endsWith("%")) {
            throw new InvalidInputException("'" + text + "' is not a ratio");
        }
        return parseNr(text.substring(0, text.length() - 1)).over(Num.of(100.0));
    }
}
