package org.damson.cli.command;

import java.util.regex.Pattern;
import org.apache.commons.cli.Option;
import org.damson.model.InvalidInputException;
import org.damson.model.Units;

/**
 * Times and percentages as values of options, by one rule for all verbs: a time has a unit, {@code 500ms} or {@code 0.5s}; a
 * percentage is {@code 10} or {@code 10%}. damo's options take a bare number too, in damo's unit. Sizes are
 * {@link Shared#sizeBytes}.
 */
public final class Quantities {
    /** The rule, for help. */
    public static final String RULE =
            "Times have a unit: 500ms, 0.5s, 2m; a bare number is refused. Sizes are bytes or have a"
                    + " unit of 1024: 4096, 4K, 1.5G. Percentages are 10 or 10%. damo's options take bare numbers too, in damo's units.";

    private static final Pattern BARE = Pattern.compile("[0-9]+");

    private Quantities() {}

    /** A percentage, 0 or more. */
    public static double percent(Option option, String text) {
        return Shared.number(
                option,
                text.endsWith("%") ? text.substring(0, text.length() - 1).strip() : text);
    }

    /** A share from 0 to 1, as {@code 0.3} or {@code 30%}. */
    public static double share(Option option, String text) {
        double share = text.endsWith("%") ? percent(option, text) / 100 : Shared.number(option, text);
        if (share > 1) {
            throw new UsageException(
                    "--" + option.getLongOpt() + ": '" + text + "' is not a share, 0 to 1 or 0% to 100%");
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
}
