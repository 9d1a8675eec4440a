package org.damson.cli.command;

import java.util.regex.Pattern;
import org.apache.commons.cli.Option;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;

/**
 * Numbers, times, sizes, percentages, addresses and ranges of them as values of options, by one rule for all verbs: a time has
 * a unit, {@code 500ms} or {@code 0.5s}; a percentage is {@code 10} or {@code 10%}. damo's options take a bare number too, in
 * damo's unit. What a value breaks is said in a {@link UsageException} that names the option.
 */
public final class Quantities {
    /** The rule, for help. */
    public static final String RULE =
            "Times have a unit: 500ms, 0.5s, 2m; a bare number is refused. Sizes are bytes or have a"
                    + " unit of 1024: 4096, 4K, 1.5G. Percentages are 10 or 10%. damo's options take bare numbers too, in damo's units.";

    private static final Pattern BARE = Pattern.compile("[0-9]+");
    /** Java's numbers may have suffixes and hexadecimal digits, but 2d means two days where a time is expected. */
    private static final Pattern DECIMAL = Pattern.compile("\\+?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");

    private Quantities() {}

    /** A percentage, 0 or more. */
    public static double percent(Option option, String text) {
        return number(
                option,
                text.endsWith("%") ? text.substring(0, text.length() - 1).strip() : text);
    }

    /** A share from 0 to 1, as {@code 0.3} or {@code 30%}. */
    public static double share(Option option, String text) {
        double share = text.endsWith("%") ? percent(option, text) / 100 : number(option, text);
        if (share > 1) {
            throw new UsageException(
                    "--" + option.getLongOpt() + ": '" + text + "' is not a fraction: 0 to 1, or 0% to 100%");
        }
        return share;
    }

    /**
     * A time of an option of damo's, in microseconds: with a unit, or a bare number of microseconds.
     *
     * @throws InvalidInputException if it is neither
     */
    public static long damoUs(String text) {
        return isBare(text) ? DamoOptions.whole(text) : Units.parseDurationNs(text) / 1000;
    }

    /** Whether this is a number without a unit. */
    public static boolean isBare(String text) {
        return BARE.matcher(text).matches();
    }

    public static long durationNs(Option option, String text) {
        try {
            return Units.parseDurationNs(text);
        } catch (InvalidInputException e) {
            throw new UsageException("--" + option.getLongOpt() + ": " + e.getMessage());
        }
    }

    /** A time that is not 0, of an option for which 0 would mean that it is not given. */
    public static long positiveNs(Option option, String text) {
        return positive(option, text, durationNs(option, text));
    }

    /** A size that is not 0, of an option for which 0 would mean that it is not given. */
    public static long positiveBytes(Option option, String text) {
        return positive(option, text, sizeBytes(option, text));
    }

    private static long positive(Option option, String text, long value) {
        if (value == 0) {
            throw bad(option, text, "more than 0");
        }
        return value;
    }

    /** A time in whole microseconds, in which DAMON's intervals are; 0 only where 0 is written. */
    public static long durationUs(Option option, String text) {
        long ns = durationNs(option, text);
        if (ns % 1000 != 0) {
            throw bad(option, text, "a number of whole microseconds");
        }
        return ns / 1000;
    }

    public static long sizeBytes(Option option, String text) {
        try {
            return Units.parseBytes(text);
        } catch (InvalidInputException e) {
            throw new UsageException("--" + option.getLongOpt() + ": " + e.getMessage());
        }
    }

    public static long count(Option option, String text) {
        try {
            long n = Long.parseLong(text);
            if (n >= 0) {
                return n;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw bad(option, text, "a whole number, 0 or more");
    }

    public static double number(Option option, String text) {
        try {
            double v = DECIMAL.matcher(text.strip()).matches() ? Double.parseDouble(text.strip()) : -1;
            if (v >= 0 && v < Double.POSITIVE_INFINITY) {
                return v;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw bad(option, text, "a number, 0 or more");
    }

    static long unsigned(Option option, String text) {
        try {
            return text.startsWith("0x") ? Long.parseUnsignedLong(text.substring(2), 16) : Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            throw bad(option, text, "a number");
        }
    }

    public static long address(Option option, String text) {
        try {
            if (text.startsWith("0x")) {
                return Long.parseUnsignedLong(text.substring(2), 16);
            }
            String number = text.matches("\\d{1,3}(,\\d{3})+") ? text.replace(",", "") : text;
            return number.matches("\\d+") ? Long.parseUnsignedLong(number) : Units.parseBytes(number);
        } catch (InvalidInputException | NumberFormatException e) {
            throw bad(option, text, "an address, as in 0x7f0000000000 or 4G");
        }
    }

    public static String[] range(Option option, String text) {
        int dots = text.indexOf("..");
        if (dots < 0 || text.equals("..")) {
            throw bad(option, text, "a range A..B; one end may be left out");
        }
        return new String[] {
            text.substring(0, dots).trim(), text.substring(dots + 2).trim()
        };
    }

    static void requireOrder(Option option, boolean ordered, String text) {
        if (!ordered) {
            throw bad(option, text, "a range A..B with A before B");
        }
    }

    static UsageException bad(Option option, String text, String expected) {
        return new UsageException("--" + option.getLongOpt() + ": '" + text + "' is not " + expected);
    }
}
